"""What vLLM's `AsyncLLM` gives for one request, as events of the seam; pure, and without vLLM itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol

from maru_backends.base import BackendEvent, Finished, TextDelta, TokenLogprob, Usage
from maru_backends.errors import BackendStreamBrokenError
from maru_backends.logprobs import PendingLogprobs, rival, token_logprob
from maru_backends.think_tags import ThinkTagReader

BROKEN = "\ufffd"


class Weight(Protocol):
    """vLLM's `Logprob`: of one token at one place; `rank` 1 is the likeliest."""

    logprob: float
    rank: int | None


class Piece(Protocol):
    """vLLM's `CompletionOutput`, where only what is new is asked for."""

    text: str
    token_ids: Sequence[int]
    logprobs: Sequence[Mapping[int, Weight]] | None
    finish_reason: str | None


class PieceReader:
    """Reads the pieces of one answer."""

    def __init__(
        self, prompt_tokens: int, tags: ThinkTagReader | None, spell: Callable[[int], bytes], rivals: int
    ) -> None:
        """`tags`: None where the text is none of a chat; `rivals`: how many stand beside each token's logprob."""
        self._prompt_tokens = prompt_tokens
        self._tags = tags
        self._spell = spell
        self._rivals = rivals
        self._logprobs = PendingLogprobs()
        self.is_over = False
        self._said = 0
        self._thought = 0

    def read(self, piece: Piece, cached_tokens: int | None) -> Iterator[BackendEvent]:
        """What one piece tells; nothing is to be read behind a `Finished`.

        Raises:
            BackendStreamBrokenError: the engine gave the answer up.
        """
        self._said += len(piece.token_ids)
        is_last = piece.finish_reason is not None
        # A character that the last token left unfinished is shown as a box by vLLM, and left out by us.
        events = self._told(piece.text.rstrip(BROKEN) if is_last else piece.text, len(piece.token_ids), is_last=is_last)
        if piece.logprobs:
            self._logprobs.add(self._weighed(piece.token_ids, piece.logprobs))
            events = [*self._logprobs.attached(events)]
        yield from events
        if not is_last:
            return
        self.is_over = True
        if piece.finish_reason not in {"stop", "length"}:
            raise BackendStreamBrokenError("The engine gave this answer up.")
        yield Usage(self._prompt_tokens, self._said, cached_tokens=cached_tokens or 0, reasoning_tokens=self._thought)
        yield Finished("length" if piece.finish_reason == "length" else "stop")

    def _told(self, text: str, tokens: int, *, is_last: bool) -> list[BackendEvent]:
        if self._tags is None:
            return [TextDelta(text)] if text else []
        events: list[BackendEvent] = [*self._tags.read(text)] if text else []
        if is_last:
            events += self._tags.end()
        self._thought += tokens * self._tags.is_thinking
        return events

    def _weighed(self, tokens: Sequence[int], weights: Sequence[Mapping[int, Weight]]) -> Iterator[TokenLogprob]:
        for token, at in zip(tokens, weights, strict=True):
            ranked = sorted(at.items(), key=lambda entry: entry[1].rank or len(at))
            rivals = [rival(self._spell(other), weight.logprob) for other, weight in ranked[: self._rivals]]
            yield token_logprob(self._spell(token), at[token].logprob, rivals)
