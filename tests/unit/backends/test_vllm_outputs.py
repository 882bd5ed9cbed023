"""What vLLM gives in process, as events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from maru_backends.base import BackendEvent, Finished, ReasoningDelta, TextDelta, Usage
from maru_backends.errors import BackendStreamBrokenError
from maru_backends.think_tags import ThinkTagReader
from maru_backends.vllm_outputs import PieceReader, Weight


@dataclass
class Logprob:
    """As vLLM's."""

    logprob: float
    rank: int | None


@dataclass
class Piece:
    """As vLLM's `CompletionOutput`."""

    text: str
    token_ids: Sequence[int]
    logprobs: Sequence[Mapping[int, Weight]] | None = None
    finish_reason: str | None = None


def read(*pieces: Piece, is_chat: bool = True, rivals: int = 0) -> list[BackendEvent]:
    """All events of one answer."""
    tags = ThinkTagReader(is_opened=False) if is_chat else None
    reader = PieceReader(7, tags, lambda token: chr(token).encode(), rivals)
    return [event for piece in pieces for event in reader.read(piece, 3)]


def test_answer_ends_with_its_counts() -> None:
    """Several tokens may come in one piece under load."""
    events = read(Piece("Hel", [1, 2]), Piece("", [3]), Piece("lo", [4], finish_reason="stop"))
    assert events == [TextDelta("Hel"), TextDelta("lo"), Usage(7, 4, cached_tokens=3), Finished("stop")]


def test_cut_answer_ends_by_length() -> None:
    """A character that the last token left unfinished is left out."""
    events = read(Piece("안\ufffd", [1, 2], finish_reason="length"))
    assert events == [TextDelta("안"), Usage(7, 2, cached_tokens=3), Finished("length")]


def test_thinking_is_told_apart_and_counted() -> None:
    """As in every other way of running a model."""
    events = read(Piece("<think>", [1]), Piece("so", [2]), Piece("</think>ok", [3, 4], finish_reason="stop"))
    assert [event for event in events if isinstance(event, TextDelta | ReasoningDelta)] == [
        ReasoningDelta("so"),
        TextDelta("ok"),
    ]
    (usage,) = [event for event in events if isinstance(event, Usage)]
    assert usage.reasoning_tokens == 2


def test_raw_text_has_no_thinking() -> None:
    """A tag in it is text."""
    assert read(Piece("<think>", [1], finish_reason="stop"), is_chat=False)[0] == TextDelta("<think>")


def test_aborted_answer_is_broken() -> None:
    """It must not look whole."""
    with pytest.raises(BackendStreamBrokenError):
        read(Piece("Hel", [1]), Piece("", [], finish_reason="abort"))


def test_logprobs_come_with_their_text_and_their_rivals_in_order() -> None:
    """The token that came may be none of the likeliest."""
    at = {97: Logprob(-2.0, 3), 98: Logprob(-0.1, 1), 99: Logprob(-1.0, 2)}
    (delta, *_) = read(Piece("a", [97], [at], finish_reason="stop"), rivals=2)
    assert isinstance(delta, TextDelta)
    (token,) = delta.logprobs
    assert (token.token, token.logprob, token.bytes) == ("a", -2.0, (97,))
    assert [(other.token, other.logprob) for other in token.top_logprobs] == [("b", -0.1), ("c", -1.0)]
