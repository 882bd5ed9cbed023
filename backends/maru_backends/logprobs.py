"""Logprobs on their way to the text they belong to: an answer's text may come later than its tokens.

Pure. A reader that holds text back holds the logprobs of it here; those of thinking and of calls are thrown away.
"""

import math
from collections.abc import Iterable, Iterator

from maru_backends.base import (
    LEAST_LOGPROB,
    BackendEvent,
    ReasoningDelta,
    RivalToken,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
)


def rival(spelling: bytes, logprob: float) -> RivalToken:
    """A token that could have come; `spelling` is its text as UTF-8, maybe half a character."""
    return RivalToken(spelling.decode(errors="replace"), bounded(logprob), tuple(spelling))


def token_logprob(spelling: bytes, logprob: float, rivals: Iterable[RivalToken]) -> TokenLogprob:
    """A token that came, spelt as in `rival`, with those that could have come in its place."""
    came = rival(spelling, logprob)
    return TokenLogprob(came.token, came.logprob, came.bytes, tuple(rivals))


def bounded(logprob: float) -> float:
    """The logprob as JSON can carry it."""
    return LEAST_LOGPROB if math.isnan(logprob) else max(logprob, LEAST_LOGPROB)


class PendingLogprobs:
    """Logprobs of tokens whose text was not shown yet."""

    def __init__(self) -> None:
        """Nothing is pending."""
        self._tokens: list[TokenLogprob] = []
        self._thought = False

    def add(self, tokens: Iterable[TokenLogprob]) -> None:
        """The model said these."""
        self._tokens += tokens

    def attached(self, events: Iterable[BackendEvent]) -> Iterator[BackendEvent]:
        """The events, each piece of the answer with the logprobs of its tokens."""
        told = tuple(events)
        for event in told:
            if isinstance(event, TextDelta):
                yield TextDelta(event.text, self._taken(event.text))
                continue
            self._thought = self._thought or isinstance(event, ReasoningDelta)
            yield event
        if told and isinstance(told[-1], ReasoningDelta | ToolCallDelta):
            self._tokens = []  # not before: the tokens of one chunk may be thinking and the answer after it

    def _taken(self, text: str) -> tuple[TokenLogprob, ...]:
        tokens, self._tokens = self._tokens, []
        if self._thought:
            # The first words after the thinking: what stands before them is the tag that ended it.
            self._thought = False
            left = len(text.encode())
            start = len(tokens)
            while start and left > 0:
                start -= 1
                left -= len(tokens[start].bytes)
            tokens = tokens[start:]
        return tuple(tokens)
