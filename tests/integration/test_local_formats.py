"""Formats in this process: hostile schemas end in a refusal, and the answers of others go on."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maru_backends.answer_grammar import Grammar
from maru_backends.base import ChatMessage, ChatRequest, Finished, JsonFormat, JsonSchema, Sampling, TextDelta, TextPart
from maru_backends.errors import BackendBusyError, BackendUnavailableError, RequestRefusedError
from maru_backends.transformers_local import TransformersBackend, TransformersSettings, open_backend
from support.tiny_model import CHATML, save_tiny_model

Schema = dict[str, object]


def nested(levels: int) -> Schema:
    """Objects in objects."""
    found: Schema = {}
    for _ in range(levels):
        found = {"type": "object", "properties": {"a": found}}
    return found


def chain(links: int) -> Schema:
    """Definitions of which each needs the next: compiled in a usual thread they overflow its stack."""
    found: Schema = {str(i): {"items": {"$ref": f"#/$defs/{i + 1}"}} for i in range(links)}
    return {"$ref": "#/$defs/0", "$defs": {**found, str(links): {}}}


HOSTILE: dict[str, Schema] = {
    "huge": {"enum": [f"value {n}" for n in range(20_000)]},
    "deep": nested(200),
    "deeper than Python goes": nested(5_000),
    "no type": {"type": "nonsense"},
    "never true": {"type": "integer", "minimum": 5, "maximum": 3},
    "an address": {"$ref": "http://127.0.0.1:1/schema.json"},
    "round about": {"allOf": [{"$ref": "#"}, {"type": "object"}]},
    "a pattern that looks ahead": {"type": "string", "pattern": "(?=a)b"},
    "a pattern of stars": {"type": "string", "pattern": "(" * 300 + "a" + ")*" * 300},
    "a pattern of many ways": {"type": "string", "pattern": "a?" * 25_000 + "a"},
    "ways without number": {
        "type": "array",
        "items": {"anyOf": [{"type": "string", "minLength": n} for n in range(2_000)]},
        "minItems": 3,
    },
    "a word that cannot be held to": {"type": "array", "uniqueItems": True},
    "orders to the library": {"type": "array", "x-guidance": {"lenient": True}, "uniqueItems": True},
}
FEARSOME: dict[str, Schema] = {  # and yet held to
    "a chain": chain(1_400),
    "a repeated repetition": {"type": "string", "pattern": "((x{1,1000}){1,1000}){1,1000}"},
    "a pattern that backtracks": {"type": "string", "pattern": "^(a|aa|aaa)*(a|b)*.{500}c.{500}d.{0,500}$"},
    "a long string": {"type": "string", "minLength": 10**6},
    "a long array": {"type": "array", "items": {"type": "integer"}, "minItems": 10**6},
}


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[TransformersBackend]:
    """On a tiny random model."""
    opened = await open_backend(TransformersSettings(source=str(save_tiny_model(tmp_path)), threads=1))
    assert isinstance(opened, TransformersBackend)
    yield opened
    await opened.close()


def asked(schema: JsonSchema | None, *, is_strict: bool = True, max_tokens: int = 60) -> ChatRequest:
    """A greedy request."""
    hi = (ChatMessage("user", (TextPart("hi"),)),)
    wanted = JsonFormat(schema=schema, strict=is_strict)
    return ChatRequest(hi, Sampling(temperature=0), max_tokens=max_tokens, json_format=wanted)


async def answer(backend: TransformersBackend, request: ChatRequest) -> tuple[str, str]:
    """Text and reason."""
    text, reason = "", ""
    async for event in backend.stream(request):
        if isinstance(event, TextDelta):
            text += event.text
        elif isinstance(event, Finished):
            reason = event.reason
    return text, reason


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_schema_is_refused_and_others_go_on(backend: TransformersBackend, name: str) -> None:
    """With a word on the field that is wrong; who asked for something else is not touched."""
    other = asyncio.create_task(
        answer(backend, asked({"type": "array", "items": {"const": 1}, "minItems": 40}, max_tokens=100))
    )
    with pytest.raises(RequestRefusedError) as raised:
        await answer(backend, asked(HOSTILE[name]))
    assert raised.value.param == "json_format"
    assert len(str(raised.value)) < 400
    assert "at 2(" not in str(raised.value)
    assert (await other)[0].count("1") >= 20
    health = await backend.health()
    assert health.is_ready
    assert health.running_requests == 0


@pytest.mark.parametrize("name", FEARSOME)
async def test_fearsome_schema_is_held_to(backend: TransformersBackend, name: str) -> None:
    """What the library can do in time is not refused."""
    text, reason = await answer(backend, asked(FEARSOME[name], max_tokens=12))
    assert text
    assert reason in {"stop", "length"}


async def test_schema_that_is_not_strict_is_held_to_as_far_as_can_be(backend: TransformersBackend) -> None:
    """As elsewhere: strict promises all of it."""
    schema = {"type": "array", "uniqueItems": True, "items": {"const": 1}, "minItems": 2, "maxItems": 2}
    assert json.loads((await answer(backend, asked(schema, is_strict=False)))[0]) == [1, 1]


async def test_thinking_is_not_held_to_the_format(tmp_path: Path) -> None:
    """Where the template has opened it; the JSON begins behind its end."""
    thinking = CHATML.replace("assistant\n{% endif %}", "assistant\n<think>\n{% endif %}")
    folder = save_tiny_model(tmp_path, template=thinking)
    opened = await open_backend(TransformersSettings(source=str(folder), threads=1))
    assert isinstance(opened, TransformersBackend)
    request = asked({"const": 5}, max_tokens=20)
    job = await opened._job(request)
    assert job.constraint is not None
    waited = job.constraint.is_waiting, job.is_whole
    job.told("Hm. So it is 5.</think>")
    assert (*waited, job.constraint.is_waiting) == (True, False, False)
    assert await answer(opened, request) == ("", "length")  # random weights think until they are cut
    await opened.close()


class Panic(BaseException):
    """As Rust's are in Python: no `Exception`."""


class Panicking:
    """A matcher of the library that gives up where it should not."""

    def __init__(self, at: str) -> None:
        """`at` is the call that does."""
        self._at = at

    def is_stopped(self) -> bool:
        """Not yet."""
        return False

    def is_error(self) -> bool:
        """It did not see it coming."""
        return False

    def get_error(self) -> str:
        """Nor can it say more."""
        return ""

    def compute_bitmask(self) -> bytes:
        """All may come."""
        if self._at == "mask":
            raise Panic
        return b"\xff" * 76

    def consume_token(self, token: int) -> bool:
        """All is well."""
        if self._at == "token":
            raise Panic
        return True


@pytest.mark.parametrize("at", ["mask", "token", "grammar"])
async def test_panic_of_the_library_ends_one_answer(
    backend: TransformersBackend, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The thread that computes for all lives on."""

    def made(*_: object, **__: object) -> Panicking:
        if at == "grammar":
            raise Panic
        return Panicking(at)

    monkeypatch.setattr("maru_backends.grammar_compiler.LLMatcher", made)
    free = ChatRequest(asked(None).messages, Sampling(temperature=0), max_tokens=60)
    other = asyncio.create_task(answer(backend, free))
    with pytest.raises(RequestRefusedError):
        await answer(backend, asked(None))
    assert (await other)[0]
    assert (await backend.health()).is_ready


async def test_closed_engine_prepares_nothing(backend: TransformersBackend) -> None:
    """Whoever comes a moment too late hears that it is closed."""
    formats = backend._loaded.formats
    assert formats is not None
    await backend.close()
    with pytest.raises(BackendUnavailableError):
        await formats.constraint(Grammar("start: /a/", "json_format"), is_waiting=False)


async def test_schema_that_takes_too_long_is_refused_and_others_may_try_again(
    backend: TransformersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waited behind it has done nothing wrong."""
    monkeypatch.setattr("maru_backends.schema_thread.TIMEOUT_S", 1.0)
    go_on, begun = threading.Event(), threading.Event()

    def made(*_: object, **__: object) -> Panicking:
        begun.set()
        assert go_on.wait(60)
        return Panicking("mask")

    monkeypatch.setattr("maru_backends.grammar_compiler.LLMatcher", made)
    slow = asyncio.create_task(answer(backend, asked(None)))
    assert await asyncio.to_thread(begun.wait, 60)
    with pytest.raises(BackendBusyError):
        await answer(backend, asked(None))
    with pytest.raises(RequestRefusedError, match="too long"):
        await slow
    go_on.set()
