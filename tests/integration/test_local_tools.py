"""Tools in this process: what each family's format makes of a call that has to be made, and of one that is not."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    ImagePart,
    JsonFormat,
    NamedTool,
    Sampling,
    TextDelta,
    TextPart,
    Tool,
    ToolCallDelta,
)
from maru_backends.errors import RequestRefusedError
from maru_backends.transformers_local import TransformersBackend, TransformersSettings, open_backend
from support.tiny_model import save_tiny_model
from support.tool_templates import HERMES, LLAMA_3, OF_FORMAT

SHORT = {"type": "string", "maxLength": 8}
SKY = Tool(
    "sky",
    "What the sky looks like.",
    {"type": "object", "properties": {"city": SHORT}, "required": ["city"], "additionalProperties": False},
)
TIME = Tool("time", parameters={"type": "object", "properties": {}, "additionalProperties": False})
REQUEST = ChatRequest(
    (ChatMessage("user", (TextPart("What does the sky look like?"),)),),
    Sampling(temperature=0),
    max_tokens=150,
    tools=(SKY, TIME),
)


async def opened(folder: Path, template: str, tokens: tuple[str, ...] = ()) -> TransformersBackend:
    """A backend on a tiny random model with that template."""
    save_tiny_model(folder, template=template, window=2048, tokens=tokens)
    backend = await open_backend(TransformersSettings(source=str(folder), threads=1))
    assert isinstance(backend, TransformersBackend)
    return backend


@pytest.fixture
async def hermes(tmp_path: Path) -> AsyncIterator[TransformersBackend]:
    """In the format of the most families."""
    backend = await opened(tmp_path, HERMES)
    yield backend
    await backend.close()


def text_of(events: list[BackendEvent]) -> str:
    """What is told as text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("has_tokens", [False, True], ids=["letters", "tokens"])
@pytest.mark.parametrize("name", OF_FORMAT)
async def test_random_weights_call_what_they_must(tmp_path: Path, name: str, *, has_tokens: bool) -> None:
    """Greedy and hot, whether the format's words are control tokens of the vocabulary or plain letters."""
    words = ("<tool_call>", "</tool_call>", "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]") if has_tokens else ()
    backend = await opened(tmp_path, OF_FORMAT[name], words)
    for seed in range(3):
        sampling = Sampling(temperature=seed, seed=seed)
        events = [e async for e in backend.stream(replace(REQUEST, sampling=sampling, tool_choice=NamedTool("sky")))]
        call, _, finished = events
        assert isinstance(call, ToolCallDelta)
        assert call.name == "sky"
        assert len(json.loads(call.arguments)["city"]) <= 8
        assert finished == Finished("tool_calls")
    await backend.close()


async def test_several_calls_come_one_after_the_other(hermes: TransformersBackend) -> None:
    """Random weights call on until they are cut; with one at a time the first is the last."""
    request = replace(REQUEST, tools=(TIME,), tool_choice="required", max_tokens=300)
    calls = [e async for e in hermes.stream(request) if isinstance(e, ToolCallDelta)]
    assert len(calls) > 1
    assert [call.index for call in calls] == list(range(len(calls)))
    assert len({call.id for call in calls}) == len(calls)
    single = [e async for e in hermes.stream(replace(request, parallel_tool_calls=False))]
    assert [type(event) for event in single[:1]] == [ToolCallDelta]
    assert len([event for event in single if isinstance(event, ToolCallDelta)]) == 1
    assert single[-1] == Finished("tool_calls")


async def test_call_among_words_is_told_as_one(hermes: TransformersBackend) -> None:
    """What a model says by itself, token by token; logprobs are those of the words."""
    job = await hermes._job(replace(REQUEST, top_logprobs=0))
    assert job.constraint is None
    said = 'Let me look.\n<tool_call>\n{"name": "sky", "arguments": {"city": "서울"}}\n</tool_call>\n'
    tokens = hermes._loaded.renderer._tokenizer.encode(said, add_special_tokens=False).ids
    engine = hermes._engine
    engine._outbox = []
    for token in (*tokens, 2):
        engine._accept(job, token)
    events = [event for _, event in engine._outbox]
    engine._outbox = []
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == "Let me look."
    (call,) = [event for event in events if isinstance(event, ToolCallDelta)]
    assert (call.name, call.arguments) == ("sky", '{"city": "서울"}')
    assert events[-1] == Finished("tool_calls")


async def test_tools_are_no_more_than_offered(hermes: TransformersBackend) -> None:
    """Where none may be called the model does not hear of them, and its words are words."""
    request = replace(REQUEST, tool_choice="none")
    assert (await hermes._job(request)).calls is None
    assert await hermes.count_tokens(request) < await hermes.count_tokens(REQUEST)


@pytest.mark.parametrize("template", [HERMES, LLAMA_3], ids=["hermes", "llama-3"])
async def test_json_may_be_asked_for_beside_tools(tmp_path: Path, template: str) -> None:
    """The answer is of the shape or a call."""
    backend = await opened(tmp_path, template)
    shape = JsonFormat(schema={"type": "array", "items": {"const": 1}, "minItems": 2, "maxItems": 2})
    for seed in range(3):
        sampling = Sampling(temperature=2, seed=seed)
        events = [e async for e in backend.stream(replace(REQUEST, sampling=sampling, json_format=shape))]
        calls = [event for event in events if isinstance(event, ToolCallDelta)]
        assert calls or json.loads(text_of(events)) == [1, 1]
    await backend.close()


async def test_hostile_tools_are_refused(hermes: TransformersBackend) -> None:
    """As hostile formats are."""
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"properties": {"a": deep}}
    huge = {"type": "object", "properties": {f"p{n}": {"type": "integer"} for n in range(5_000)}}
    for schema in (deep, huge):
        with pytest.raises(RequestRefusedError) as raised:
            [e async for e in hermes.stream(replace(REQUEST, tools=(Tool("a", "", schema),), tool_choice="required"))]
        assert raised.value.param in {"tools", "messages"}
    assert (await hermes.health()).is_ready


async def test_tools_and_pictures_are_refused_apart(hermes: TransformersBackend) -> None:
    """Each with its own field."""
    picture = ChatMessage("user", (ImagePart("data:,"),))
    with pytest.raises(RequestRefusedError) as raised:
        await hermes.count_tokens(replace(REQUEST, messages=(picture,)))
    assert raised.value.param == "messages"
