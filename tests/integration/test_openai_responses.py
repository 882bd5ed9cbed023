"""Responses as an upstream: on an engine of scripts, and on another Maru that is asked through this one."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from openai import OpenAI
from openai.types.responses import FunctionToolParam

from maru_backends.base import (
    ChatMessage,
    ChatRequest,
    Finished,
    ReasoningDelta,
    Sampling,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import (
    BackendError,
    BackendSetupError,
    BackendUnavailableError,
    ContextTooLongError,
    EngineLostError,
)
from maru_backends.foreign_json import objects_of
from maru_backends.openai_compatible import OpenAICompatibleBackend, OpenAICompatibleSettings, open_backend
from support.echo_models import CALLER, ECHO, THINKER
from support.live_server import LiveServer, live_server
from support.openai_backend import HELLO, events_of, failure_of
from support.openai_peer import Json, Script
from support.scripted_peer import ScriptedPeer, scripted_peer, whole

PATH = "/v1/responses"
NEAR = """
[[models]]
id = "{model}"
backend = "openai"
base_url = "{url}/v1"
model = "{model}"
api = "responses"
"""


def sse(*events: Json) -> bytes:
    """Events as OpenAI frames them: each named, and no end mark."""
    return b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)


def text(delta: str) -> Json:
    """More of the answer."""
    return {"type": "response.output_text.delta", "output_index": 0, "content_index": 0, "delta": delta}


def completed(**fields: object) -> Json:
    """A good end."""
    return {"type": "response.completed", "response": {"object": "response", "status": "completed", **fields}}


HI = Script((sse(text("Hi"), completed(usage={"input_tokens": 3, "output_tokens": 1})),))


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A server of one model."""
    async with scripted_peer() as running:
        running.tell("/v1/models", {"data": [{"id": "m", "max_model_len": 4096}]})
        running.play(PATH, HI)
        yield running


async def on(peer: ScriptedPeer, **settings: object) -> OpenAICompatibleBackend:
    """A backend that asks it for responses."""
    keys = {"base_url": f"{peer.base_url}/v1", "model": "m", "api": "responses", "stall_timeout_s": 0.3, **settings}
    opened = await open_backend(OpenAICompatibleSettings.model_validate(keys))
    assert isinstance(opened, OpenAICompatibleBackend)
    return opened


@pytest.fixture
async def backend(peer: ScriptedPeer) -> AsyncIterator[OpenAICompatibleBackend]:
    """One whose model reasons, with the sealed reasoning of OpenAI's."""
    opened = await on(peer, features=["tools", "effort"])
    yield opened
    await opened.close()


async def test_responses_are_asked_for(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """Not chat completions; and the stream is over with its last event, which no end mark follows."""
    assert await events_of(backend) == [TextDelta("Hi"), Usage(3, 1), Finished("stop")]
    (asked,) = [one for one in peer.asked if one.method == "POST"]
    assert asked.path == PATH
    assert asked.headers["x-session-id"] == "conv_1"
    assert (asked.body["store"], asked.body["prompt_cache_key"]) == (False, "conv_1")
    assert asked.body["reasoning"] == {"summary": "auto"}


async def test_a_model_that_does_not_reason_is_not_asked_how(peer: ScriptedPeer) -> None:
    """Its features say so; a wish of the operator's says otherwise."""
    for settings, reasoning in (
        ({"features": ["tools"]}, None),
        ({"reasoning_summary": "detailed"}, {"summary": "detailed"}),
        ({"features": ["effort"], "reasoning_summary": "off"}, None),
    ):
        backend = await on(peer, **settings)
        await events_of(backend)
        assert peer.sent(PATH)[-1].get("reasoning") == reasoning
        await backend.close()


async def test_sealed_reasoning_goes_back_with_its_call(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """The server stores nothing, so that it must be given what the model thought before it called."""
    sealed: Json = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc"}
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "sky", "arguments": "{}"}
    items: list[Json] = [
        {"type": "response.output_item.done", "output_index": 0, "item": sealed},
        {"type": "response.output_item.added", "output_index": 1, "item": {**call, "arguments": ""}},
        {"type": "response.output_item.done", "output_index": 1, "item": call},
    ]
    peer.play(PATH, Script((sse(*items, completed()),)), HI)
    request = ChatRequest(HELLO.messages, tools=(Tool("sky"),))
    calls = [event for event in await events_of(backend, request) if isinstance(event, ToolCallDelta)]
    assert [(one.id, one.name) for one in calls if one.id] == [("call_1", "sky")]
    answered = ChatRequest(
        (
            *HELLO.messages,
            ChatMessage("assistant", (), tool_calls=(ToolCall("call_1", "sky", "{}"),)),
            ChatMessage("tool", (TextPart("blue"),), tool_call_id="call_1"),
        ),
        tools=request.tools,
    )
    await events_of(backend, answered)
    sent = objects_of(peer.sent(PATH)[-1]["input"])
    assert [item["type"] for item in sent] == ["message", "reasoning", "function_call", "function_call_output"]
    assert sent[1] == sealed


async def test_a_stop_string_hangs_up(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """That API has none, and the engine must not go on for nobody."""
    peer.play(PATH, Script((sse(text("one END two")),), then="hang"))
    request = ChatRequest(HELLO.messages, Sampling(stop=("END",)))
    assert await events_of(backend, request) == [TextDelta("one "), Finished("stop")]
    await peer.idle.wait()


async def test_leaving_hangs_up(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """Stop reaches the engine."""
    peer.play(PATH, Script((sse(text("half")),), then="hang"))
    stream = backend.stream(HELLO)
    assert await anext(stream) == TextDelta("half")
    await stream.aclose()
    await peer.idle.wait()


WRONG: list[tuple[Script, type[BackendError], str]] = [
    (whole({"error": {"message": "nothing here"}}, status=404), BackendSetupError, "has no responses there"),
    (whole({"error": {"message": "down"}}, status=503), BackendUnavailableError, "failed"),
    (
        whole({"error": {"message": "Too long", "code": "context_length_exceeded"}}, status=400),
        ContextTooLongError,
        "Too long",
    ),
    (Script((sse(text("half")),), then="hang"), EngineLostError, "no token for"),
    (Script((sse(text("half")),), then="cut"), EngineLostError, "broke"),
]


@pytest.mark.parametrize(("script", "kind", "told"), WRONG)
async def test_errors_are_told_as_for_a_chat(
    peer: ScriptedPeer, backend: OpenAICompatibleBackend, script: Script, kind: type[BackendError], told: str
) -> None:
    """By who must act."""
    peer.play(PATH, script)
    _, error = await failure_of(backend)
    assert type(error) is kind
    assert told in str(error)


@pytest.fixture(scope="module")
def far(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Another Maru."""
    with live_server(tmp_path_factory.mktemp("far"), ECHO + CALLER + THINKER) as server:
        yield server


@pytest.fixture(scope="module")
def client(far: LiveServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenAI]:
    """A client of the Maru that asks it."""
    config = "".join(NEAR.format(model=model, url=far.url) for model in ("echo", "caller", "thinker"))
    folder: Path = tmp_path_factory.mktemp("near")
    with (
        live_server(folder, 'default_model = "echo"\n' + config) as near,
        OpenAI(base_url=f"{near.url}/v1", api_key="none", max_retries=0) as client,
    ):
        yield client


SKY: FunctionToolParam = {"type": "function", "name": "sky", "parameters": {"type": "object"}, "strict": False}


def test_another_maru_answers(client: OpenAI) -> None:
    """A chain of two turns, streamed: the far server is shown both, and keeps neither."""
    first = client.responses.create(model="echo", input="My name is Jihoon.")
    assert "Jihoon" in first.output_text
    events = [*client.responses.create(model="echo", input="And?", previous_response_id=first.id, stream=True)]
    said = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert events[-1].type == "response.completed"
    assert said == events[-1].response.output_text
    assert events[-1].response.usage is not None
    assert first.usage is not None
    assert events[-1].response.usage.input_tokens > first.usage.input_tokens


def test_a_chat_with_a_stop_string_ends_before_it(client: OpenAI) -> None:
    """Through both, though the API between them has no word for it; what was cut off is not counted."""
    whole = client.chat.completions.create(model="echo", messages=[{"role": "user", "content": "one two three"}])
    cut = client.chat.completions.create(
        model="echo", messages=[{"role": "user", "content": "one two three"}], stop=["two"]
    )
    said = whole.choices[0].message.content
    assert said is not None
    assert cut.choices[0].message.content == said[: said.index("two")]
    assert cut.choices[0].finish_reason == "stop"


def test_another_maru_calls_tools(client: OpenAI, far: LiveServer) -> None:
    """The call comes through with its name and its arguments, and what it brought goes back."""
    called = client.responses.create(model="caller", input="Look at the sky.", tools=[SKY])
    (call,) = [item for item in called.output if item.type == "function_call"]
    assert call.name == "sky"
    json.loads(call.arguments)
    final = client.responses.create(
        model="caller",
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "blue"}],
        previous_response_id=called.id,
        tools=[SKY],
    )
    with OpenAI(base_url=f"{far.url}/v1", api_key="none", max_retries=0) as direct:
        there = direct.responses.create(
            model="caller",
            input=[
                {"role": "user", "content": "Look at the sky."},
                {"type": "function_call", "call_id": "c1", "name": "sky", "arguments": call.arguments},
                {"type": "function_call_output", "call_id": "c1", "output": "blue"},
            ],
            tools=[SKY],
        )
    assert final.output_text == there.output_text != ""


def test_another_maru_thinks(client: OpenAI) -> None:
    """Its thinking is thinking here, and not the answer."""
    found = client.responses.create(model="thinker", input="Hello")
    assert [item.type for item in found.output] == ["reasoning", "message"]
    assert found.output_text


async def test_thinking_comes_before_the_answer(far: LiveServer) -> None:
    """By the events of the seam."""
    keys = {"base_url": f"{far.url}/v1", "model": "thinker", "api": "responses"}
    backend = await open_backend(OpenAICompatibleSettings.model_validate(keys))
    kinds = [type(event) for event in [event async for event in backend.stream(HELLO)]]
    await backend.close()
    assert kinds.index(ReasoningDelta) < kinds.index(TextDelta)
    assert kinds[-1] is Finished
