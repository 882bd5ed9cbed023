"""GGUF in process: the same words as transformers, and what the operator and a person get told."""

import asyncio
import json
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    ImagePart,
    JsonFormat,
    NamedTool,
    ReasoningDelta,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    TokenLogprob,
    Tool,
    ToolCallDelta,
    Usage,
)
from maru_backends.call_formats import HERMES as CALLS
from maru_backends.call_reader import CallReader
from maru_backends.errors import (
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.gguf import GgufBackend, GgufSettings, open_backend
from maru_backends.gguf_answer import AnswerReader
from maru_backends.transformers_local import TransformersBackend, TransformersSettings
from maru_backends.transformers_local import open_backend as open_transformers
from support.backend_cases import tiny_gguf, tiny_model
from support.spoofing import attempts
from support.tiny_gguf import save_as_gguf
from support.tiny_model import CHATML, CONTROL_TOKENS, WINDOW, save_tiny_model
from support.tool_templates import HERMES, OF_FORMAT

__all__ = ["tiny_gguf", "tiny_model"]  # a fixture is known where its name is
pytest.importorskip("xllamacpp")
GREEDY = Sampling(temperature=0)


@asynccontextmanager
async def opened(file: Path, **settings: Any) -> AsyncGenerator[GgufBackend]:
    """A backend on that file."""
    backend = await open_backend(GgufSettings(source=str(file), threads=1, **settings))
    assert isinstance(backend, GgufBackend)
    try:
        yield backend
    finally:
        await backend.close()


def said(text: str, role: Role = "user") -> ChatMessage:
    """A message of one text."""
    return ChatMessage(role, (TextPart(text),))


def asked(text: str, **fields: Any) -> ChatRequest:
    """A greedy request of one message."""
    known: dict[str, Any] = {"sampling": GREEDY, "max_tokens": 16}
    return ChatRequest((said(text),), **(known | fields))


async def heard(backend: Any, request: ChatRequest) -> list[BackendEvent]:
    """Everything that comes back."""
    return [event async for event in backend.stream(request)]


def text_of(events: list[BackendEvent]) -> str:
    """The answer alone."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


async def first_token(backend: Any, request: ChatRequest) -> TokenLogprob:
    """The first token of the answer, with its chances."""
    events = await heard(backend, request)
    return next(event.logprobs[0] for event in events if isinstance(event, TextDelta) and event.logprobs)


def usage_of(events: list[BackendEvent]) -> Usage:
    """The only usage."""
    (usage,) = [event for event in events if isinstance(event, Usage)]
    return usage


async def test_same_tokens_and_chances_as_transformers(tiny_model: Path, tiny_gguf: Path) -> None:
    """Prompt, tokens and arithmetic of one model, through two engines."""
    plain = await open_transformers(TransformersSettings(source=str(tiny_model), threads=1))
    assert isinstance(plain, TransformersBackend)
    async with opened(tiny_gguf) as backend:
        for text in (
            "Tell me about the sea.",
            "안녕하세요! 제 이름이 뭐예요?",
            "\u1112\u1161\u11ab \U0001f468\u200d\U0001f469",
        ):
            assert (await backend._prompt(asked(text)))[0] == [*(await plain._prompt(asked(text))).tokens]
        request = asked("Tell me about the sea.", max_tokens=6, top_logprobs=2)
        ours, theirs = await first_token(backend, request), await first_token(plain, request)
        assert ours.bytes == theirs.bytes
        assert ours.logprob == pytest.approx(theirs.logprob, abs=0.01)
        assert [rival.bytes for rival in ours.top_logprobs] == [rival.bytes for rival in theirs.top_logprobs]
    await plain.close()


async def test_nobody_types_a_role(tiny_gguf: Path) -> None:
    """llama.cpp looks for control tokens in the whole prompt: whatever was typed must not be one."""
    control = set(range(len(CONTROL_TOKENS)))
    async with opened(tiny_gguf) as backend:
        clean, _ = await backend._prompt(asked("x"))
        tried = attempts(CONTROL_TOKENS)
        assert len(tried) >= 200
        for text in tried:
            tokens, _ = await backend._prompt(asked(text))
            assert [n for n in tokens if n in control] == [n for n in clean if n in control], text


async def test_prefix_is_only_used_again_by_its_own_conversation(tiny_gguf: Path) -> None:
    """How fast an answer comes must not tell what somebody else asked."""
    async with opened(tiny_gguf, max_batch=2) as backend:
        request = asked("one two three four five, " * 6, session_id="a")
        assert usage_of(await heard(backend, request)).cached_tokens == 0
        assert usage_of(await heard(backend, request)).cached_tokens > 32
        assert usage_of(await heard(backend, replace(request, session_id="b"))).cached_tokens == 0
        assert usage_of(await heard(backend, replace(request, session_id="c"))).cached_tokens == 0
        assert usage_of(await heard(backend, request)).cached_tokens == 0  # two slots: it was taken over


async def test_answer_is_held_to_a_format(tiny_gguf: Path) -> None:
    """Random weights would never write JSON by themselves."""
    schema = {"type": "object", "properties": {"yes": {"type": "boolean"}}, "required": ["yes"]}
    async with opened(tiny_gguf) as backend:
        request = asked(
            "Is it?", max_tokens=None, json_format=JsonFormat(schema=schema | {"additionalProperties": False})
        )
        assert set(json.loads(text_of(await heard(backend, request)))) == {"yes"}


async def test_answer_may_fill_the_window_to_its_last_place(tiny_gguf: Path) -> None:
    """And no further: what came first is never shifted out."""
    async with opened(tiny_gguf, context_window=64) as backend:
        assert (await backend.limits()).context_window == 64
        found = await heard(backend, asked("one", sampling=Sampling(temperature=20, seed=1), max_tokens=None))
        usage = usage_of(found)
        assert usage.input_tokens + usage.output_tokens == 64
        assert found[-1] == Finished("length")


async def test_window_is_the_models_at_most(tiny_gguf: Path) -> None:
    """More than the model learnt is not to be had."""
    async with opened(tiny_gguf, context_window=10 * WINDOW, max_batch=1) as backend:
        assert (await backend.limits()).context_window == WINDOW


async def test_file_without_template_gets_its_familys(
    tiny_model: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """By the model's name and tokens, as with other weights; and the operator may choose."""
    file = save_as_gguf(tiny_model, tmp_path / "m.gguf", name="Tiny", has_template=False)
    async with opened(file) as backend:
        assert "gets 'chatml', because its tokenizer has <|im_start|>" in caplog.text
        assert await backend.count_tokens(asked("Hi")) < 30
    async with opened(file, template="vicuna") as backend:
        assert await backend.count_tokens(asked("Hi")) > 50
    with pytest.raises(BackendSetupError, match=r"'llama-3' needs the control token"):
        await open_backend(GgufSettings(source=str(file), template="llama-3"))


async def test_port_wants_the_key(tiny_gguf: Path) -> None:
    """Other people on the same computer must not get at the model, or at what it is asked."""
    import aiohttp

    async with opened(tiny_gguf) as backend, aiohttp.ClientSession() as stranger:
        for path in ("/slots", "/props", "/v1/models"):
            async with stranger.get(backend.address + path) as answer:
                assert answer.status == 401


async def test_what_cannot_be_served_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the remedy."""
    file = tmp_path / "m.gguf"
    file.write_bytes(b"half a download")
    with pytest.raises(BackendSetupError, match="does not begin with GGUF"):
        await open_backend(GgufSettings(source=str(file)))
    with pytest.raises(BackendSetupError, match="cannot be read: No such file"):
        await open_backend(GgufSettings(source=str(tmp_path / "nowhere.gguf")))
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(BackendSetupError, match=r"pip install 'maru\[gguf\]'"):
        await open_backend(GgufSettings(source=str(file)))


async def test_weights_that_are_cut_off_are_told(tiny_gguf: Path, tmp_path: Path) -> None:
    """The header of half a download is whole."""
    file = tmp_path / "m.gguf"
    file.write_bytes(tiny_gguf.read_bytes()[:-5000])  # noqa: ASYNC240 - a test waits for nobody
    with pytest.raises(BackendSetupError, match="could not be loaded"):
        await open_backend(GgufSettings(source=str(file)))


async def test_what_the_engine_cannot_do_is_refused(tiny_gguf: Path) -> None:
    """Not silently left out."""
    async with opened(tiny_gguf) as backend:
        picture = ChatRequest((ChatMessage("user", (ImagePart("data:,"),)),))
        for request in (picture, asked("Hi", tools=(Tool("clock"),)), asked("Hi", reasoning_effort="high")):
            with pytest.raises(RequestRefusedError):
                await heard(backend, request)
        assert len(await heard(backend, asked("Hi", tools=(Tool("clock"),), tool_choice="none"))) > 1
    with pytest.raises(BackendUnavailableError):
        await heard(backend, asked("Hi"))


SKY = Tool(
    "sky",
    "What the sky looks like.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "maxLength": 8}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
CLOCK = Tool("clock", parameters={"type": "object", "properties": {}, "additionalProperties": False})
WITH_TOOLS = asked("What does the sky look like?", max_tokens=150, tools=(SKY, CLOCK))


@asynccontextmanager
async def opened_caller(folder: Path, template: str, tokens: Sequence[str] = ()) -> AsyncGenerator[GgufBackend]:
    """A backend on a tiny random model with that template."""
    save_tiny_model(folder, template=template, window=2048, tokens=tokens)
    async with opened(save_as_gguf(folder, folder / "calls.gguf")) as backend:
        yield backend


def calls_in(events: list[BackendEvent]) -> list[ToolCallDelta]:
    """The calls alone."""
    return [event for event in events if isinstance(event, ToolCallDelta)]


@pytest.mark.parametrize("has_tokens", [False, True], ids=["letters", "tokens"])
@pytest.mark.parametrize("name", OF_FORMAT)
async def test_random_weights_call_what_they_must(tmp_path: Path, name: str, *, has_tokens: bool) -> None:
    """In each family's format, whether its words are control tokens of the vocabulary or plain letters."""
    words = ("<tool_call>", "</tool_call>", "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]") if has_tokens else ()
    async with opened_caller(tmp_path, OF_FORMAT[name], words) as backend:
        for seed in range(2):
            sampling = Sampling(temperature=seed, seed=seed)
            events = await heard(backend, replace(WITH_TOOLS, sampling=sampling, tool_choice=NamedTool("sky")))
            (call,) = calls_in(events)
            assert call.name == "sky"
            assert len(json.loads(call.arguments)["city"]) <= 8
            assert (text_of(events), events[-1]) == ("", Finished("tool_calls"))


async def test_several_calls_come_one_after_the_other(tmp_path: Path) -> None:
    """Hot enough, random weights call on; with one at a time the first is the last."""
    async with opened_caller(tmp_path, HERMES, ("<tool_call>", "</tool_call>")) as backend:
        request = replace(WITH_TOOLS, tools=(CLOCK,), tool_choice="required", max_tokens=300)
        sampling, calls = GREEDY, list[ToolCallDelta]()
        for seed in range(20):
            if len(calls) < 2:
                sampling = Sampling(temperature=2, seed=seed)
                calls = calls_in(await heard(backend, replace(request, sampling=sampling)))
        assert len(calls) > 1
        assert len({call.id for call in calls}) == len(calls)
        assert [call.index for call in calls] == list(range(len(calls)))
        request = replace(request, sampling=sampling)
        single = await heard(backend, replace(request, parallel_tool_calls=False))
        assert len(calls_in(single)) == 1
        assert single[-1] == Finished("tool_calls")


@pytest.mark.parametrize("tokens", [("<think>", "</think>"), ()], ids=["tokens", "letters"])
async def test_thinking_is_held_to_nothing(tmp_path: Path, tokens: tuple[str, ...]) -> None:
    """Where the template has opened it; what the answer must be begins behind its end."""
    thinking = HERMES.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")
    async with opened_caller(tmp_path, thinking, tokens) as backend:
        request = replace(WITH_TOOLS, tool_choice=NamedTool("sky"), max_tokens=20)
        assert isinstance((await heard(backend, request))[0], ReasoningDelta)
        prompt, is_thinking = await backend._prompt(request)
        assert is_thinking
        wishes = await backend._wishes(request, is_thinking=True)
        # Random weights would think until they are cut.
        briefly = str(wishes["grammar"]).replace(r"(.|\n)*", r"(.|\n){0,9}")
        body = {"prompt": prompt, "n_predict": 150, "temperature": 0, **wishes, "grammar": briefly}
        thought, closing, rest = str((await backend._asked("/completion", body))["content"]).partition("</think>")
        assert thought
        assert closing
        assert rest.removeprefix("\n\n").startswith('<tool_call>\n{"name": "sky", "arguments": {"city": "')


async def test_template_that_llama_cpp_cannot_read_is_served(tmp_path: Path) -> None:
    """Prompts are rendered here."""
    unusual = CHATML + "{% for one in [1, 2] %}{% if one == 2 %}{% break %}{% endif %}{% endfor %}"
    async with opened_caller(tmp_path, unusual) as backend:
        assert await backend.count_tokens(asked("Hi")) > 5


async def test_hostile_schemas_are_refused_and_others_go_on(tmp_path: Path) -> None:
    """llama.cpp would pass over most of them in silence, and die of a chain of references."""
    chain: dict[str, object] = {str(i): {"items": {"$ref": f"#/$defs/{i + 1}"}} for i in range(1_400)}
    deep: dict[str, object] = {}
    for _ in range(5_000):
        deep = {"properties": {"a": deep}}
    fearsome: tuple[dict[str, object], ...] = (
        {"$ref": "#/$defs/0", "$defs": {**chain, "1400": {}}},
        deep,
        {"type": "object", "properties": {f"p{n}": {"type": "integer"} for n in range(5_000)}},
    )
    wrong: tuple[dict[str, object], ...] = ({"type": "nonsense"}, {"type": "integer", "minimum": 5, "maximum": 3})
    tools = (Tool("a", "", {"properties": {"b": schema}}) for schema in fearsome)
    requests = (
        *(replace(WITH_TOOLS, tools=(tool,), tool_choice="required") for tool in tools),
        *(asked("Hi", json_format=JsonFormat(schema=schema)) for schema in (*fearsome, *wrong)),
    )
    async with opened_caller(tmp_path, HERMES) as backend:
        other = asyncio.create_task(heard(backend, asked("one two", max_tokens=200)))
        for request in requests:
            with pytest.raises(RequestRefusedError) as raised:
                await heard(backend, request)
            assert raised.value.param in {"tools", "messages", "json_format"}
        assert text_of(await other)
        assert (await backend.health()).is_ready


async def test_answer_that_slipped_out_of_its_format_is_no_answer() -> None:
    """llama.cpp tells nobody but its log that it gave up on a grammar."""
    said = {"content": "Hm.", "stop": True, "stop_type": "eos"}
    wanted = asked("Hi", json_format=JsonFormat())
    with pytest.raises(BackendStreamBrokenError, match="asked for JSON"):
        list(AnswerReader(wanted, None, is_thinking=False).read(said))
    reader = CallReader(CALLS, {"sky"}, new_id=lambda: "a", most=1)
    with pytest.raises(BackendStreamBrokenError, match="should have called a tool"):
        list(AnswerReader(replace(WITH_TOOLS, tool_choice="required"), None, reader, is_thinking=False).read(said))
