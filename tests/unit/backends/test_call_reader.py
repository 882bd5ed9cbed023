"""Tool calls in text, however it is cut into pieces."""

import json
from collections.abc import Sequence
from itertools import count

import pytest

from maru_backends.base import BackendEvent, FinishReason, ReasoningDelta, TextDelta, ToolCallDelta
from maru_backends.call_formats import HERMES, LLAMA_3, MISTRAL, MISTRAL_NAMED, CallFormat
from maru_backends.call_reader import CallReader

SEOUL = '{"city": "서울"}'
SKY = ("sky", SEOUL)
TIME = ("time", "{}")
Case = tuple[CallFormat, str, str, list[tuple[str, str]]]
CALLING: list[Case] = [
    (HERMES, f'<tool_call>\n{{"name": "sky", "arguments": {SEOUL}}}\n</tool_call>', "", [SKY]),
    (HERMES, f'See.\n<tool_call>{{"name": "sky", "arguments": {SEOUL}}}</tool_call>\n', "See.", [SKY]),
    (HERMES, f'<tool_call>{{"arguments": {SEOUL}, "name": "sky"}}</tool_call>\n', "", [SKY]),
    (
        HERMES,
        '<tool_call>{"name": "time"}</tool_call>\n<tool_call>{"name": "time"}</tool_call> A B',
        "A B",
        [TIME, TIME],
    ),
    (HERMES, '<tool_call>{"name": "sky", "arguments": "{\\"a\\": 1}"}</tool_call>', "", [("sky", '{"a": 1}')]),
    (HERMES, f'<tool_call>\n{{"name": "sky", "arguments": {SEOUL}}}', "", [SKY]),  # its end was forgotten
    (LLAMA_3, f'{{"name": "sky", "parameters": {SEOUL}}}', "", [SKY]),
    (LLAMA_3, f'<|python_tag|>{{"name": "sky", "parameters": {SEOUL}}}', "", [SKY]),
    (LLAMA_3, f'{{"name": "sky", "parameters": {SEOUL}}}; {{"name": "time", "parameters": {{}}}}', "", [SKY]),
    (MISTRAL, f'[TOOL_CALLS] [{{"name": "sky", "arguments": {SEOUL}}}, {{"name": "time"}}]', "", [SKY, TIME]),
    (MISTRAL_NAMED, f"A[TOOL_CALLS]sky[ARGS]{SEOUL}[TOOL_CALLS]time[CALL_ID]123456789[ARGS]{{}}", "A", [SKY, TIME]),
]
PLAIN: list[tuple[CallFormat, str]] = [
    (HERMES, "Write <tool_ca"),
    (HERMES, "<tool_call>sky(서울)</tool_call> ok"),
    (HERMES, '<tool_call>{"name": "rm", "arguments": {}}</tool_call>'),
    (HERMES, '<tool_call>{"name": "sky", "arguments": [1]}</tool_call>'),
    (HERMES, '<tool_call>{"name": "sky", "arguments": {"n": NaN}}</tool_call>'),
    (HERMES, '<tool_call>{"name": {}}</tool_call>'),
    (HERMES, "<tool_call>" + "[" * 5000),
    (HERMES, " plain \n text \n"),
    (LLAMA_3, 'It is {"name": "sky", "parameters": {}}'),
    (LLAMA_3, '{"celsius": 21} as you asked'),
    (MISTRAL, "[TOOL_CALLS] nothing"),
]
CASES: list[Case] = CALLING + [(form, answer, answer, []) for form, answer in PLAIN]


def read(form: CallFormat, pieces: Sequence[str], end: FinishReason = "stop", most: int = 8) -> list[BackendEvent]:
    """All events."""
    ids = count(1)
    reader = CallReader(form, {"sky", "time"}, new_id=lambda: f"call_{next(ids)}", most=most)
    events = [event for piece in pieces for event in reader.read([TextDelta(piece)])]
    return [*events, *reader.end(end)]


def text_of(events: Sequence[BackendEvent]) -> str:
    """What is told as text."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def calls_of(events: Sequence[BackendEvent]) -> list[tuple[str | None, str]]:
    """Names and arguments."""
    return [(event.name, event.arguments) for event in events if isinstance(event, ToolCallDelta)]


@pytest.mark.parametrize("size", [1, 3, 10_000])
@pytest.mark.parametrize(("form", "answer", "text", "calls"), CASES)
def test_answer_is_read(form: CallFormat, answer: str, text: str, calls: list[tuple[str, str]], size: int) -> None:
    """Whole, by letters and by threes: what is no call of a tool that is there stays the text that it is."""
    events = read(form, [answer[at : at + size] for at in range(0, len(answer), size)])
    assert text_of(events) == text
    assert calls_of(events) == calls
    told = [event for event in events if isinstance(event, ToolCallDelta)]
    assert [(event.index, event.id) for event in told] == [(n, f"call_{n + 1}") for n in range(len(calls))]
    assert all(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("form", [HERMES, LLAMA_3, MISTRAL, MISTRAL_NAMED], ids=lambda form: form.name)
def test_call_that_was_cut_is_not_told(form: CallFormat) -> None:
    """Half of it can neither be run nor read; text before it and whole calls stay."""
    whole = form.opening + form.before + "sky" + form.within + SEOUL
    assert calls_of(read(form, [whole + form.after + form.ending])) == [("sky", SEOUL)]
    events = read(form, [whole[:-4]], end="length")
    assert events == []


def test_text_before_a_call_is_told_at_once() -> None:
    """People read along."""
    reader = CallReader(HERMES, {"sky"}, new_id=lambda: "call_1", most=1)
    assert [*reader.read([TextDelta("Let me see. <tool")])] == [TextDelta("Let me see.")]
    assert [*reader.read([ReasoningDelta("hm")])] == [ReasoningDelta("hm")]
    assert not reader.is_full
    (call,) = reader.read([TextDelta('_call>{"name": "sky", "arguments": {"at": "\\ud83d"}}</tool_call> and')])
    assert isinstance(call, ToolCallDelta)
    assert json.loads(call.arguments) == {"at": "\ufffd"}
    call.arguments.encode()
    assert reader.is_full


def test_no_more_calls_are_told_than_may_be() -> None:
    """Where calls may not be parallel."""
    call = '<tool_call>{"name": "time"}</tool_call>'
    assert len(calls_of(read(HERMES, [call * 3], most=2))) == 2
