"""Answers held to a format, asked of each backend that says it can."""

import asyncio
import json
from contextlib import aclosing
from dataclasses import dataclass, replace

import pytest

from maru_backends.base import (
    Backend,
    ChatMessage,
    ChatRequest,
    Finished,
    JsonFormat,
    Sampling,
    TextDelta,
    TextPart,
    TokenLogprob,
)
from maru_backends.errors import RequestRefusedError
from support.backend_cases import BackendCase

GREEDY = Sampling(temperature=0)
HOT = Sampling(temperature=2, seed=3)


@dataclass
class Answer:
    """What came back."""

    text: str
    reason: str
    tokens: list[TokenLogprob]


@pytest.fixture(autouse=True)
async def _holds_to_formats(backend: Backend) -> None:
    if "json" not in (await backend.limits()).features:
        pytest.skip("it promises no JSON")


def shape(number: int) -> JsonFormat:
    """An object that holds this number and little else."""
    return JsonFormat(
        schema={
            "type": "object",
            "properties": {
                "number": {"type": "integer", "enum": [number]},
                "is_odd": {"type": "boolean"},
                "mood": {"type": "string", "enum": ["기쁨", "calm"]},
            },
            "required": ["number", "is_odd", "mood"],
            "additionalProperties": False,
        }
    )


def asked(json_format: JsonFormat | None, sampling: Sampling = GREEDY, max_tokens: int = 200) -> ChatRequest:
    """A request of one message."""
    messages = (ChatMessage("user", (TextPart("Tell me about the number, as JSON."),)),)
    return ChatRequest(messages, sampling, max_tokens=max_tokens, json_format=json_format)


async def heard(backend: Backend, request: ChatRequest) -> Answer:
    """The whole answer."""
    found = Answer("", "", [])
    async with aclosing(backend.stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                found.text += event.text
                found.tokens += event.logprobs
            elif isinstance(event, Finished):
                found.reason = event.reason
    return found


@pytest.mark.parametrize("sampling", [GREEDY, HOT], ids=["greedy", "hot"])
async def test_answer_has_the_shape(backend: Backend, case: BackendCase, sampling: Sampling) -> None:
    """However it is drawn; and with the JSON the answer ends."""
    found = await heard(backend, asked(shape(7), sampling))
    if case.pads_json and found.reason == "length":
        return
    value = json.loads(found.text)
    assert found.reason == "stop"
    assert set(value) == {"number", "is_odd", "mood"}
    assert value["number"] == 7
    assert isinstance(value["is_odd"], bool)
    assert value["mood"] in {"기쁨", "calm"}


async def test_shapes_and_free_answers_do_not_mix(backend: Backend, case: BackendCase) -> None:
    """In one batch everybody has a format of their own, or none."""
    shaped = [heard(backend, asked(shape(n), HOT if n % 2 else GREEDY)) for n in range(6)]
    free = [heard(backend, replace(asked(None), max_tokens=12)) for _ in range(3)]
    *answers, _, _, _ = await asyncio.gather(*shaped, *free)
    for number, found in enumerate(answers):
        if not (case.pads_json and found.reason == "length"):
            assert json.loads(found.text)["number"] == number


async def test_without_a_schema_it_is_an_object(backend: Backend, case: BackendCase) -> None:
    """Random weights may not find its end: what there is begins one. Claude takes schemas only."""
    try:
        found = await heard(backend, asked(JsonFormat(), max_tokens=60))
    except RequestRefusedError:
        if not case.name.startswith("claude"):
            raise
        return
    assert found.text.lstrip().startswith("{")
    if found.reason == "stop":
        assert isinstance(json.loads(found.text), dict)


async def test_bounds_hold_in_a_format_too(backend: Backend, case: BackendCase) -> None:
    """Cut by length, it says so; a stop string ends it as any other answer."""
    whole = (await heard(backend, asked(shape(7)))).text
    cut = await heard(backend, asked(shape(7), max_tokens=case.least_tokens + 2))
    assert cut.reason == ("length" if len(cut.text) < len(whole) else "stop")
    assert whole.startswith(cut.text)
    stopped = await heard(backend, asked(shape(7), replace(GREEDY, stop=("umber",))))
    assert (stopped.text, stopped.reason) == (whole[: whole.index("umber")], "stop")


async def test_logprobs_spell_the_json(backend: Backend) -> None:
    """A rival may be what the format forbids: the chances are the model's own."""
    if "logprobs" not in (await backend.limits()).features:
        return
    found = await heard(backend, replace(asked(shape(7)), top_logprobs=2))
    assert b"".join(bytes(token.bytes) for token in found.tokens).decode() == found.text
    assert all(token.logprob <= 0 for token in found.tokens)
