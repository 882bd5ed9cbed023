"""`/v1/chat/completions` with the official `openai` SDK as the client, on engines that play a script."""

import json
import time
from collections.abc import Generator
from typing import Any, cast

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletionMessageFunctionToolCall, ChatCompletionMessageParam

from support.echo_models import BROKEN, BUSY, ECHO, THINKER, counting, echo_model
from support.files import DOT
from support.live_server import LiveServer, free_port

CONFIG = """
default_model = "echo"
max_running = {max_running}

[[models]]
id = "blind"
backend = "openai"
base_url = "{url}/v1"
model = "echo"
context_window = 4096
features = ["tools"]
"""
MODELS = (
    ECHO,
    echo_model("tool", script="tool"),
    THINKER,
    counting("slow", 5_000, pace=50),
    BROKEN,
    BUSY,
    echo_model("small", context_window=24),
)
MAX_RUNNING = 2  # `blind` needs one behind the other; few, so that a run that goes on unseen shows
STOPPED_WITHIN_S = 2.0
WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PICTURE: Any = {"type": "image_url", "image_url": {"url": DOT}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server of scripts; its model `blind` is this same server, asked through its own chat completions."""
    port = free_port()
    config = CONFIG.format(url=f"http://127.0.0.1:{port}", max_running=MAX_RUNNING) + "".join(MODELS)
    server = LiveServer(tmp_path_factory.mktemp("chat"), config, port)
    server.start()
    yield server
    server.stop()


def _said(text: str) -> list[ChatCompletionMessageParam]:
    return [{"role": "user", "content": text}]


def _until_free(client: OpenAI) -> None:
    """Wait until the server takes requests again."""
    deadline = time.monotonic() + STOPPED_WITHIN_S
    while True:
        try:
            client.chat.completions.create(model="echo", messages=_said("hi"))
        except openai.RateLimitError:
            assert time.monotonic() < deadline, "a run goes on though its client left"
        else:
            return


def test_a_plain_answer(client: OpenAI) -> None:
    """The first call of every program."""
    answer = client.chat.completions.create(model="echo", messages=_said("Hello there, 지훈!"))
    (choice,) = answer.choices
    assert answer.id.startswith("chatcmpl_")
    assert (answer.object, answer.model) == ("chat.completion", "echo")
    assert (choice.message.content, choice.finish_reason) == ("Hello there, 지훈!", "stop")
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0


@pytest.mark.parametrize("model", ["echo", "blind"])
def test_a_streamed_answer_is_its_deltas(client: OpenAI, model: str) -> None:
    """Also where Maru's own backend is the client, and another Maru the engine."""
    chunks = list(
        client.chat.completions.create(
            model=model, messages=_said("one two\nthree"), stream=True, stream_options={"include_usage": True}
        )
    )
    *answer, last, usage = chunks
    assert answer[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in answer) == "one two\nthree"
    assert last.choices[0].finish_reason == "stop"
    assert usage.choices == []
    assert usage.usage is not None
    assert usage.usage.completion_tokens > 0
    assert len({chunk.id for chunk in chunks}) == 1


def test_context_is_what_was_sent_again(client: OpenAI) -> None:
    """This API has no memory but the messages, and everything in them counts."""
    history: list[ChatCompletionMessageParam] = [{"role": "system", "content": "Be kind."}, *_said("one")]
    first = client.chat.completions.create(model="echo", messages=history)
    replayed = cast("ChatCompletionMessageParam", first.choices[0].message.model_dump())
    second = client.chat.completions.create(model="echo", messages=[*history, replayed, *_said("two")])
    assert second.choices[0].message.content == "two"
    assert first.usage is not None
    assert second.usage is not None
    assert second.usage.prompt_tokens > first.usage.prompt_tokens


def test_a_tool_is_called_and_its_result_is_read(client: OpenAI) -> None:
    """The loop of every agent."""
    messages = _said("Weather in Seoul?")
    asked = client.chat.completions.create(model="tool", messages=messages, tools=[WEATHER])
    (choice,) = asked.choices
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)
    assert choice.message.tool_calls
    (call,) = choice.message.tool_calls
    assert isinstance(call, ChatCompletionMessageFunctionToolCall)
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments) == {"city": "echo"}
    replayed = cast("ChatCompletionMessageParam", choice.message.model_dump())
    output: ChatCompletionMessageParam = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
    told = client.chat.completions.create(model="tool", messages=[*messages, replayed, output], tools=[WEATHER])
    assert (told.choices[0].message.content, told.choices[0].finish_reason) == ("rain", "stop")


def test_the_strict_stream_helper_adds_up_a_call(client: OpenAI) -> None:
    """It accumulates deltas by index and parses what came together."""
    with client.chat.completions.stream(model="tool", messages=_said("Weather?"), tools=[WEATHER]) as stream:
        for _ in stream:
            pass
        (choice,) = stream.get_final_completion().choices
    assert choice.message.tool_calls
    (call,) = choice.message.tool_calls
    assert (call.function.name, json.loads(call.function.arguments)) == ("weather", {"city": "echo"})
    assert (choice.finish_reason, choice.message.content) == ("tool_calls", None)


def test_thinking_has_its_own_field(client: OpenAI) -> None:
    """Plain and streamed, as vLLM names it."""
    plain = client.chat.completions.create(model="thinker", messages=_said("hi")).choices[0].message
    thought = (plain.model_extra or {})["reasoning_content"]
    assert thought
    assert plain.content == "hi"
    deltas = [
        chunk.choices[0].delta
        for chunk in client.chat.completions.create(model="thinker", messages=_said("hi"), stream=True)
    ]
    assert "".join((delta.model_extra or {}).get("reasoning_content", "") for delta in deltas) == thought


def test_a_json_answer_has_the_schema_asked_for(client: OpenAI) -> None:
    """The SDK's `parse` helper works from it."""
    schema: dict[str, object] = {"type": "object", "properties": {"age": {"type": "integer"}}}
    answer = client.chat.completions.create(
        model="echo",
        messages=_said("hi"),
        response_format={"type": "json_schema", "json_schema": {"name": "person", "schema": schema}},
    )
    assert json.loads(answer.choices[0].message.content or "") == {"age": 0}


def test_a_small_bound_and_a_stop_reach_the_engine(client: OpenAI) -> None:
    """A classifier asks for one token; completions are cut at a stop."""
    cut = client.chat.completions.create(model="echo", messages=_said("yes it is"), max_tokens=1)
    assert (cut.choices[0].message.content, cut.choices[0].finish_reason) == ("yes", "length")
    stopped = client.chat.completions.create(model="echo", messages=_said("a b END c"), stop=" END", seed=1)
    assert (stopped.choices[0].message.content, stopped.choices[0].finish_reason) == ("a b", "stop")


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    """As at OpenAI, where gateways choose another model on 404."""
    with pytest.raises(openai.NotFoundError) as caught:
        client.chat.completions.create(model="nope", messages=_said("hi"))
    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True, "model": "blind"}, "logprobs"),
        ({"messages": [{"role": "user", "content": [PICTURE]}], "model": "blind"}, "messages"),
        ({"response_format": {"type": "json_object"}, "model": "blind"}, "response_format"),
        ({"messages": [{"role": "tool", "tool_call_id": "call_x", "content": "4"}]}, "messages"),
        ({"messages": []}, "messages"),
    ],
)
def test_what_cannot_be_honoured_is_refused(client: OpenAI, fields: dict[str, Any], param: str) -> None:
    """Also what the model lacks: a picture it cannot see must not be answered blindly."""
    create: Any = client.chat.completions.create  # fields that its types forbid are the test
    with pytest.raises(openai.BadRequestError) as caught:
        create(**{"model": "echo", "messages": _said("hi"), **fields})
    assert caught.value.param == param


@pytest.mark.parametrize("stream", [False, True])
def test_a_failure_before_the_first_word_has_its_status(client: OpenAI, *, stream: bool) -> None:
    """SDKs retry by it, and agents shorten their history by it, streamed or not."""
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model="busy", messages=_said("hi"), stream=stream)
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="small", messages=_said("word " * 50), stream=stream)
    assert caught.value.code == "context_length_exceeded"


def test_a_broken_answer_raises_after_its_words(client: OpenAI) -> None:
    """Half an answer must never look whole."""
    said: list[str] = []
    chunks = client.chat.completions.create(model="broken", messages=_said("a b c d e"), stream=True)
    with pytest.raises(openai.APIError) as caught:
        said.extend(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "".join(said) == "a b c"
    assert caught.value.code == "server_error"
    with pytest.raises(openai.InternalServerError):
        client.chat.completions.create(model="broken", messages=_said("a b c d e"))


def test_leaving_a_stream_stops_its_run(client: OpenAI) -> None:
    """Nobody can come back for this answer."""
    for _ in range(MAX_RUNNING):
        with client.chat.completions.create(model="slow", messages=_said("go"), stream=True) as chunks:
            assert next(iter(chunks)).choices
    _until_free(client)


def test_leaving_a_plain_request_stops_its_run(client: OpenAI) -> None:
    """Nobody can come back for this answer either."""
    for _ in range(MAX_RUNNING):
        with pytest.raises(openai.APITimeoutError):
            client.chat.completions.create(model="slow", messages=_said("go"), timeout=0.3)
    _until_free(client)
