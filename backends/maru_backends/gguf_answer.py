"""What llama.cpp's `/completion` answers, as events and errors of the seam; pure."""

from collections.abc import Iterator, Mapping
from typing import cast

from maru_backends.base import BackendEvent, ChatRequest, Finished, FinishReason, TextDelta, TokenLogprob, Usage
from maru_backends.call_reader import CallReader
from maru_backends.errors import (
    BackendError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)
from maru_backends.foreign_json import count_of, object_of, objects_of, text_of
from maru_backends.json_answers import JsonAnswer
from maru_backends.logprobs import PendingLogprobs, rival, token_logprob
from maru_backends.prompt_formats import PromptFormat
from maru_backends.text_stream import AnswerStart, StopScanner
from maru_backends.think_tags import ThinkTagReader

_SIMPLER = "Ask again; if it stays so, give it a simpler schema."


class AnswerReader:
    """Reads one answer of `/completion`; stop strings are found here, in text as people get it."""

    def __init__(
        self,
        request: ChatRequest,
        prompt_format: PromptFormat | None,
        calls: CallReader | None = None,
        *,
        is_thinking: bool,
    ) -> None:
        """`calls` reads calls, where there may be any; `is_thinking`: the prompt has opened the thinking already."""
        stops = (*request.sampling.stop, *(prompt_format.stops if prompt_format else ()))
        self._scanner = StopScanner(stops)
        self._start = AnswerStart(is_trimming=prompt_format is not None and prompt_format.trims_answers)
        self._tags = ThinkTagReader(is_opened=is_thinking) if request.raw is None else None
        self._calls = calls
        self._must_call = calls is not None and request.tool_choice != "auto"
        self._json = JsonAnswer(request.json_format, _SIMPLER) if request.json_format is not None else None
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
        reason: FinishReason | None = None
        if is_stopped or chunk.get("stop") is True:
            reason = "length" if not is_stopped and chunk.get("stop_type") == "limit" else "stop"
        if reason is not None and not is_stopped:
            text += self._scanner.flush()
        events = self._told(self._start.trimmed(text), reason)
        if self._calls is not None and self._calls.is_full:
            reason, is_stopped = "stop", False
        if self._rivals is not None:
            self._logprobs.add(_logprobs(chunk, self._rivals))
            events = [*self._logprobs.attached(events)]
        yield from events
        if reason is not None:
            yield Usage(
                count_of(chunk.get("tokens_evaluated")),
                count_of(chunk.get("tokens_predicted")),
                cached_tokens=count_of(object_of(chunk.get("timings")).get("cache_n")),
                reasoning_tokens=self._thought,
            )
            yield Finished(reason if is_stopped else self._checked(reason))

    def _told(self, text: str, end: FinishReason | None) -> list[BackendEvent]:
        events: list[BackendEvent] = [TextDelta(text)] if text else []
        if self._tags is not None:
            events = [*self._tags.read(text)] if text else []
            if end is not None:
                events += self._tags.end()
            self._thought += self._tags.is_thinking
        if self._calls is not None:
            events = [*self._calls.read(events)]
            if end is not None:
                events += self._calls.end(end)
        if self._json is not None:
            self._json.add(events)
        return events

    def _checked(self, reason: FinishReason) -> FinishReason:
        """The reason as it is told, of an answer that came to its own end or its bound and is what it had to be.

        Raises:
            BackendStreamBrokenError: llama.cpp gave up holding it to its format, which it tells nobody but its log.
        """
        if reason == "stop" and self._calls is not None and self._calls.count:
            return "tool_calls"
        if reason == "stop" and self._must_call:
            raise BackendStreamBrokenError(f"The engine should have called a tool and did not. {_SIMPLER}")
        if self._json is not None:
            self._json.check(reason)
        return reason


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
