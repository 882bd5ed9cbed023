"""What llama.cpp's `/completion` answers, as events and errors of the seam; pure."""

from collections.abc import Iterator, Mapping
from typing import cast

from maru_backends.base import BackendEvent, ChatRequest, Finished, TextDelta, TokenLogprob, Usage
from maru_backends.errors import BackendError, BackendUnavailableError, ContextTooLongError, RequestRefusedError
from maru_backends.foreign_json import count_of, object_of, objects_of, text_of
from maru_backends.logprobs import PendingLogprobs, rival, token_logprob
from maru_backends.prompt_formats import PromptFormat
from maru_backends.text_stream import AnswerStart, StopScanner
from maru_backends.think_tags import ThinkTagReader


class AnswerReader:
    """Reads one answer of `/completion`; stop strings are found here, in text as people get it."""

    def __init__(self, request: ChatRequest, prompt_format: PromptFormat | None, *, is_thinking: bool) -> None:
        """`is_thinking`: the prompt has opened the thinking already."""
        stops = (*request.sampling.stop, *(prompt_format.stops if prompt_format else ()))
        self._scanner = StopScanner(stops)
        self._start = AnswerStart(is_trimming=prompt_format is not None and prompt_format.trims_answers)
        self._tags = ThinkTagReader(is_opened=is_thinking) if request.raw is None else None
        self._rivals = request.top_logprobs
        self._logprobs = PendingLogprobs()
        self._thought = 0

    def read(self, chunk: Mapping[str, object]) -> Iterator[BackendEvent]:
        """What one chunk tells; nothing is to be read behind a `Finished`.

        Raises:
            BackendError: it tells of an error.
        """
        if "error" in chunk:
            raise error_of(object_of(chunk.get("error")))
        text, is_stopped = self._scanner.feed(text_of(chunk.get("content")))
        is_last = is_stopped or chunk.get("stop") is True
        if is_last and not is_stopped:
            text += self._scanner.flush()
        text = self._start.trimmed(text)
        events = self._told(text, is_last=is_last)
        if self._rivals is not None:
            self._logprobs.add(_logprobs(chunk, self._rivals))
            events = [*self._logprobs.attached(events)]
        yield from events
        if is_last:
            yield Usage(
                count_of(chunk.get("tokens_evaluated")),
                count_of(chunk.get("tokens_predicted")),
                cached_tokens=count_of(object_of(chunk.get("timings")).get("cache_n")),
                reasoning_tokens=self._thought,
            )
            yield Finished("length" if not is_stopped and chunk.get("stop_type") == "limit" else "stop")

    def _told(self, text: str, *, is_last: bool) -> list[BackendEvent]:
        if self._tags is None:
            return [TextDelta(text)] if text else []
        events: list[BackendEvent] = [*self._tags.read(text)] if text else []
        if is_last:
            events += self._tags.end()
        self._thought += self._tags.is_thinking
        return events


def _logprobs(chunk: Mapping[str, object], rivals: int) -> Iterator[TokenLogprob]:
    """Of the tokens in a chunk; tokens that make one character together are told as one, with the last one's chance."""
    for entry in objects_of(chunk.get("completion_probabilities")):
        others = [rival(_spelling(other), _number(other)) for other in objects_of(entry.get("top_logprobs"))]
        yield token_logprob(_spelling(entry), _number(entry), others[:rivals])


def _spelling(entry: Mapping[str, object]) -> bytes:
    told = entry.get("bytes")
    return bytes(cast("list[int]", told)) if isinstance(told, list) else b""


def _number(entry: Mapping[str, object]) -> float:
    told = entry.get("logprob")
    return float(told) if isinstance(told, (int, float)) else float("nan")


def error_of(told: Mapping[str, object]) -> BackendError:
    """What llama.cpp's error object means."""
    message = text_of(told.get("message"))
    match told.get("type"):
        case "exceed_context_size_error":
            return ContextTooLongError("The prompt does not fit the window.", param="messages")
        case "invalid_request_error":
            return RequestRefusedError(f"The engine refused the request: {message}")
        case _:
            return BackendUnavailableError("The engine failed on this request.")
