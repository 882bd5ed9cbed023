"""Backend events in, numbered response events out: the state machine of one response (digest section 5).

Pure: ids come from the `mint` that is passed in, times from the caller. Knows nothing of storage or sockets.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, assert_never

import msgspec

from maru.protocol import events as ev
from maru.protocol.call_rules import CallRules
from maru.protocol.closing import item_closed, response_ended
from maru.protocol.items import (
    Compaction,
    FunctionCall,
    Item,
    ItemStatus,
    Message,
    OutputText,
    Reasoning,
    ReasoningText,
    Refusal,
)
from maru.protocol.response import (
    ContextReport,
    IncompleteDetails,
    Response,
    ResponseError,
    usage_of,
)
from maru_backends.base import (
    BackendEvent,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)

Mint = Callable[[str], str]


@dataclass(slots=True)
class _Open:
    """The item that is being written; `pieces` are joined only when somebody needs the whole."""

    kind: Literal["message", "refusal", "reasoning", "function_call"]
    id: str
    index: int
    pieces: list[str] = field(default_factory=list[str])
    logprobs: list[TokenLogprob] = field(default_factory=list[TokenLogprob])
    name: str = ""
    call_id: str = ""
    call_index: int = 0

    def item(self, status: ItemStatus) -> Item:
        text = "".join(self.pieces)
        match self.kind:
            case "message":
                parts = (OutputText(text=text, annotations=(), logprobs=tuple(self.logprobs) or None),)
                return Message(id=self.id, role="assistant", status=status, content=parts)
            case "refusal":
                return Message(id=self.id, role="assistant", status=status, content=(Refusal(refusal=text),))
            case "reasoning":
                return Reasoning(id=self.id, summary=(), content=(ReasoningText(text=text),))
            case "function_call":
                return FunctionCall(id=self.id, call_id=self.call_id, name=self.name, arguments=text, status=status)

    def empty(self) -> Item:
        match self.kind:
            case "message" | "refusal":
                return Message(id=self.id, role="assistant", status="in_progress", content=())
            case "reasoning":
                return Reasoning(id=self.id, summary=())
            case "function_call":
                return FunctionCall(
                    id=self.id, call_id=self.call_id, name=self.name, arguments="", status="in_progress"
                )


class ResponseBuilder:
    """Builds one response; every method returns the events it caused, numbered from 0 without a gap.

    After a terminal event every further call returns nothing: a cancelled response never becomes completed.
    """

    def __init__(self, start: Response, mint: Mint, reasoning_words: ev.ReasoningWords = "openai") -> None:
        """Begin with the response as it is before any output."""
        self._reasoning_words: ev.ReasoningWords = reasoning_words
        self._response = start
        self._call_rules = CallRules.of(start)
        self._calls = 0
        self._dropped_calls: set[int] = set()
        self._mint = mint
        self._next = 0
        self._done: list[Item] = []
        self._open: _Open | None = None
        self._ended = False
        self._compaction_id: str | None = None
        self._spent: tuple[Usage, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether the terminal event was made."""
        return self._ended

    @property
    def has_output(self) -> bool:
        """Whether a client was shown any part of an answer."""
        return self._open is not None or any(not isinstance(item, Compaction) for item in self._done)

    def snapshot(self) -> Response:
        """The response so far, unfinished output included as `in_progress`."""
        if self._ended:
            return self._response
        return msgspec.structs.replace(self._response, output=self._output("in_progress"))

    def started(self) -> tuple[ev.Event, ...]:
        """The opening events; a queued response (background) says so first."""
        created = self._lifecycle(ev.ResponseCreated)
        if self._response.status == "queued":
            queued = self._lifecycle(ev.ResponseQueued)
            self._response = msgspec.structs.replace(self._response, status="in_progress")
            return created, queued, self._lifecycle(ev.ResponseInProgress)
        return created, self._lifecycle(ev.ResponseInProgress)

    def note_context(self, report: ContextReport) -> None:
        """Remember what the model was shown; it is part of every later snapshot."""
        self._response = msgspec.structs.replace(self._response, maru_context=report)

    def compacting(self) -> tuple[ev.Event, ...]:
        """The context is being compacted: the first time this opens the item, which must be the first of all."""
        if self._ended:
            return ()
        opening = self._open_compaction()
        item_id = self._compaction_id or ""
        going_on = ev.Compacting(sequence_number=self._number(), item_id=item_id, output_index=0)
        return (*opening, ev.encode_event(going_on))

    def compacted(self, encrypted_content: str, spent: Usage) -> tuple[ev.Event, ...]:
        """The context was compacted, for so many tokens."""
        if self._ended:
            return ()
        opening = self._open_compaction()
        item = Compaction(id=self._compaction_id or "", encrypted_content=encrypted_content)
        self._done.append(item)
        self._spent = (spent,)
        self._response = msgspec.structs.replace(self._response, usage=usage_of(self._spent))
        return (*opening, *item_closed(item, 0, self._number))

    def feed(self, event: BackendEvent, *, now: int) -> tuple[ev.Event, ...]:
        """Take one backend event; `now` is used as completion time, in Unix seconds."""
        if self._ended:
            return ()
        match event:
            case TextDelta():
                return self._text(event)
            case ReasoningDelta():
                return self._reasoning(event.text)
            case RefusalDelta():
                return self._refusal(event.text)
            case ToolCallDelta():
                return self._call(event)
            case Usage():
                self._note_usage(event)
                return ()
            case Finished():
                return self._finish(event.reason, now)
            case _:
                assert_never(event)

    def completed_unasked(self, *, now: int) -> tuple[ev.Event, ...]:
        """End without an answer: a warm-up, or a compaction alone."""
        return self._end("completed", completed_at=now)

    def failed(self, code: str, message: str) -> tuple[ev.Event, ...]:
        """End with an error; what was written stays in the output as `incomplete`."""
        return self._end("failed", error=ResponseError(code=code, message=message))

    def cancelled(self) -> tuple[ev.Event, ...]:
        """End because somebody asked to stop; the half answer is kept."""
        return self._end("cancelled")

    def interrupted(self) -> tuple[ev.Event, ...]:
        """End because the server goes down."""
        return self._end("incomplete", details=IncompleteDetails(reason="maru:interrupted"))

    def _open_compaction(self) -> tuple[ev.Event, ...]:
        if self._compaction_id is not None:
            return ()
        self._compaction_id = self._mint("cmp")
        item = Compaction(id=self._compaction_id, encrypted_content="")
        return (ev.encode_event(ev.OutputItemAdded(sequence_number=self._number(), output_index=0, item=item)),)

    def _text(self, event: TextDelta) -> tuple[ev.Event, ...]:
        item = self._open
        before: tuple[ev.Event, ...] = ()
        if item is None or item.kind != "message":
            before = self._switch(_Open("message", self._mint("msg"), self._next_index()))
            item = self._opened()
        item.pieces.append(event.text)
        if event.logprobs:
            item.logprobs += event.logprobs
        delta = ev.OutputTextDelta(
            sequence_number=self._number(),
            item_id=item.id,
            output_index=item.index,
            content_index=0,
            delta=event.text,
            logprobs=event.logprobs,
        )
        return (*before, ev.encode_event(delta)) if before else (ev.encode_event(delta),)

    def _reasoning(self, text: str) -> tuple[ev.Event, ...]:
        before: tuple[ev.Event, ...] = ()
        if self._open is None or self._open.kind != "reasoning":
            before = self._switch(_Open("reasoning", self._mint("rs"), self._next_index()))
        item = self._opened()
        item.pieces.append(text)
        delta = ev.ReasoningTextDelta(
            sequence_number=self._number(), item_id=item.id, output_index=item.index, content_index=0, delta=text
        )
        return (*before, *self._in_words((ev.encode_event(delta),)))

    def _refusal(self, text: str) -> tuple[ev.Event, ...]:
        before: tuple[ev.Event, ...] = ()
        if self._open is None or self._open.kind != "refusal":
            before = self._switch(_Open("refusal", self._mint("msg"), self._next_index()))
        item = self._opened()
        item.pieces.append(text)
        delta = ev.RefusalDelta(
            sequence_number=self._number(), item_id=item.id, output_index=item.index, content_index=0, delta=text
        )
        return (*before, ev.encode_event(delta))

    def _call(self, event: ToolCallDelta) -> tuple[ev.Event, ...]:
        before: tuple[ev.Event, ...] = ()
        item = self._open
        if event.index in self._dropped_calls:
            return ()
        if item is None or item.kind != "function_call" or item.call_index != event.index:
            if event.name not in self._call_rules.names:
                return self.failed("server_error", _forbidden(event.name))
            if self._calls == self._call_rules.most:
                self._dropped_calls.add(event.index)
                return ()
            self._calls += 1
            call = _Open("function_call", self._mint("fc"), self._next_index())
            call.name = event.name or ""
            call.call_id = event.id or self._mint("call")
            call.call_index = event.index
            before = self._switch(call)
        item = self._opened()
        if not event.arguments:
            return before
        item.pieces.append(event.arguments)
        delta = ev.ArgumentsDelta(
            sequence_number=self._number(), item_id=item.id, output_index=item.index, delta=event.arguments
        )
        return (*before, ev.encode_event(delta))

    def _note_usage(self, usage: Usage) -> None:
        report = self._response.maru_context
        if report is not None:
            self.note_context(msgspec.structs.replace(report, used=usage.input_tokens))
        self._response = msgspec.structs.replace(self._response, usage=usage_of((*self._spent, usage)))

    def _finish(self, reason: FinishReason, now: int) -> tuple[ev.Event, ...]:
        match reason:
            case "stop" | "tool_calls":
                if not self.has_output:
                    # An empty answer is still a message: clients expect one output item to hang their view on.
                    opened = self._switch(_Open("message", self._mint("msg"), self._next_index()))
                    return (*opened, *self._end("completed", completed_at=now))
                return self._end("completed", completed_at=now)
            case "length":
                return self._end("incomplete", details=IncompleteDetails(reason="max_output_tokens"))
            case "content_filter":
                return self._end("incomplete", details=IncompleteDetails(reason="content_filter"))

    def _end(
        self,
        status: Literal["completed", "incomplete", "failed", "cancelled"],
        *,
        completed_at: int | None = None,
        details: IncompleteDetails | None = None,
        error: ResponseError | None = None,
    ) -> tuple[ev.Event, ...]:
        if self._ended:
            return ()
        closing = self._close("completed" if status == "completed" else "incomplete")
        self._ended = True
        self._response = msgspec.structs.replace(
            self._response,
            status=status,
            completed_at=completed_at,
            incomplete_details=details,
            error=error,
            output=tuple(self._done),
        )
        return (*closing, response_ended(self._response, self._number))

    def _switch(self, to: _Open) -> tuple[ev.Event, ...]:
        """Close the open item and open another; `to.index` must be the next index."""
        closing = self._close("completed")
        self._open = to
        added = ev.OutputItemAdded(sequence_number=self._number(), output_index=to.index, item=to.empty())
        opening = [ev.encode_event(added)]
        part = _empty_part(to)
        if part is not None:
            opening.append(
                ev.encode_event(
                    ev.ContentPartAdded(
                        sequence_number=self._number(),
                        item_id=to.id,
                        output_index=to.index,
                        content_index=0,
                        part=part,
                    )
                )
            )
        return (*closing, *opening)

    def _close(self, status: ItemStatus) -> tuple[ev.Event, ...]:
        item = self._open
        if item is None:
            return ()
        final = item.item(status)
        self._open = None
        self._done.append(final)
        closing = item_closed(final, item.index, self._number)
        return self._in_words(closing) if item.kind == "reasoning" else closing

    def _in_words(self, thinking: tuple[ev.Event, ...]) -> tuple[ev.Event, ...]:
        if self._reasoning_words == "openai":
            return thinking
        return tuple(map(ev.in_open_responses_words, thinking))

    def _output(self, status: ItemStatus) -> tuple[Item, ...]:
        return (*self._done, self._open.item(status)) if self._open else tuple(self._done)

    def _opened(self) -> _Open:
        if self._open is None:
            msg = "no item is open"
            raise AssertionError(msg)
        return self._open

    def _next_index(self) -> int:
        return len(self._done) + (self._open is not None)

    def _number(self) -> int:
        number = self._next
        self._next += 1
        return number

    def _lifecycle(self, event_type: type[ev.Lifecycle]) -> ev.Event:
        return ev.encode_event(event_type(sequence_number=self._number(), response=self.snapshot()))


def _forbidden(name: str | None) -> str:
    if name is None:  # arguments of a call that is closed: its end was told already
        return "The model's engine went back to a tool call that had ended. Ask again, or choose another model."
    return f"The model called {name!r}, which this request does not allow. Ask again, or choose another model."


def _empty_part(item: _Open) -> OutputText | ReasoningText | Refusal | None:
    match item.kind:
        case "message":
            return OutputText(text="", annotations=())
        case "refusal":
            return Refusal(refusal="")
        case "reasoning":
            return ReasoningText(text="")
        case "function_call":
            return None
