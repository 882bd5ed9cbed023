"""What happens next in one response. Pure: takes what happened, returns the events to log and how it ended.

Knows nothing of engines, storage or sockets; `run.py` does what is decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from maru.protocol.builder import ResponseBuilder
from maru.protocol.closing import response_ended
from maru.protocol.errors import ApiError
from maru.protocol.events import Event
from maru.protocol.response import ContextReport, Response, ResponseError, Timing
from maru_backends.base import BackendEvent, Usage
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)

MAX_RETRIES = 1
MAX_DEEPER_CUTS = 4  # each leaves half of what was refused, so this bears a window 16 times smaller than was told
TOO_LONG_ADVICE = "Shorten the message, start a new conversation, or choose a model with a larger window."
OWN_FAULT = "The server made a mistake. It was logged; please try again."


@dataclass(frozen=True, slots=True)
class Retry:
    """Ask the engine once more: it broke before the first word."""


@dataclass(frozen=True, slots=True)
class CutDeeper:
    """Ask once more with less of the conversation: the engine holds less than it told, or counts otherwise."""


@dataclass(frozen=True, slots=True)
class Log:
    """Events to append; when the turn has ended, the last one is terminal."""

    events: Sequence[Event]


class Turn:
    """One response from its first event to its last; whatever comes after the end changes nothing."""

    def __init__(self, builder: ResponseBuilder) -> None:
        """Take the builder of a response that was not started yet."""
        self._builder = builder
        self._retries = 0
        self._refusals: list[ContextTooLongError] = []

    @property
    def has_ended(self) -> bool:
        """Whether the terminal event was made."""
        return self._builder.has_ended

    def snapshot(self) -> Response:
        """The response so far."""
        return self._builder.snapshot()

    def started(self) -> Log:
        """The server took the request."""
        return Log(self._builder.started())

    def window_chosen(self, report: ContextReport) -> None:
        """It is known what the model will see."""
        self._builder.note_context(report)

    def timed(self, timing: Timing) -> None:
        """It is about to end, after so long."""
        self._builder.note_timing(timing)

    def backend_said(self, event: BackendEvent, *, now: int) -> Sequence[Event]:
        """The engine sent one event; returned are the events to append (the token path makes no wrapper)."""
        return self._builder.feed(event, now=now)

    def compacting(self) -> Log:
        """A summary is being written, as the client asked."""
        return Log(self._builder.compacting())

    def compacted(self, encrypted_content: str, spent: Usage) -> Log:
        """The older items have become one."""
        return Log(self._builder.compacted(encrypted_content, spent))

    def done_unasked(self, *, now: int) -> Log:
        """No answer was asked for: a warm-up (`generate: false`), or a compaction alone."""
        return Log(self._builder.completed_unasked(now=now))

    def backend_failed(self, error: BackendError, *, may_cut: bool = False) -> Log | Retry | CutDeeper:
        """The engine gave up: once more if nobody saw a word and it may help, else the end.

        Args:
            error: why.
            may_cut: what it was asked can be made shorter.
        """
        if self.has_ended or self._builder.has_output:
            return Log(self._builder.failed(failure_code(error), _told(error)))
        if isinstance(error, BackendUnavailableError | BackendStreamBrokenError) and self._retries < MAX_RETRIES:
            self._retries += 1
            return Retry()
        if isinstance(error, ContextTooLongError) and may_cut and len(self._refusals) < MAX_DEEPER_CUTS:
            self._refusals.append(error)
            return CutDeeper()
        return Log(self._builder.failed(failure_code(error), _told(error)))

    def refused(self, error: ApiError) -> Log:
        """The request cannot be answered, as was found after it began."""
        if self._refusals:  # its sizes are of a window that the engine does not have
            return Log(self._builder.failed(failure_code(self._refusals[-1]), _told(self._refusals[-1])))
        return Log(self._builder.failed(error.code or "server_error", error.message))

    def broke(self) -> Log:
        """Our own fault; the details are in the log, not in the answer."""
        return Log(self._builder.failed("server_error", OWN_FAULT))

    def stopped(self) -> Log:
        """Somebody asked to stop: the half answer is kept, because the person read it."""
        return Log(self._builder.cancelled())

    def server_closing(self) -> Log:
        """The server goes down in the middle of the answer."""
        return Log(self._builder.interrupted())


def bare_failure(start: Response, number: int) -> tuple[Response, Event]:
    """The end of a response whose output cannot be used, made of its start alone.

    Args:
        start: the response before any output.
        number: that of its terminal event.
    """
    error = ResponseError(code="server_error", message=OWN_FAULT)
    failed = msgspec.structs.replace(start, status="failed", error=error)
    return failed, response_ended(failed, lambda: number)


def _told(error: BackendError) -> str:
    return f"{error} {TOO_LONG_ADVICE}" if isinstance(error, ContextTooLongError) else str(error)


def failure_code(error: BackendError) -> str:
    """The code of `response.error` that tells a client who must act."""
    match error:
        case BackendBusyError():
            return "rate_limit_exceeded"
        case ContextTooLongError():
            return "context_length_exceeded"
        case RequestRefusedError():
            return "invalid_prompt"
        case _:
            return "server_error"
