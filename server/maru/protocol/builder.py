"""Backend events in, numbered response events out: the state machine of one response (digest section 5).

Pure: ids come from the `mint` that is passed in, times from the caller. Knows nothing of storage or sockets.
"""

import logging
from collections.abc import Callable
from typing import Literal, assert_never

import msgspec

from maru.protocol import events as ev
from maru.protocol.call_rules import CallRules
from maru.protocol.closing import item_closed, response_ended
from maru.protocol.items import (
    Compaction,
    Item,
    ItemStatus,
)
from maru.protocol.open_items import OpenItem
from maru.protocol.response import (
    ContextReport,
    IncompleteDetails,
    Response,
    ResponseError,
    Timing,
    usage_of,
)
from maru_backends.base import (
    BackendEvent,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)

logger = logging.getLogger(__name__)

Mint = Callable[[str], str]


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
        self._closed_calls: set[int] = set()
        self._dropped_calls: set[int] = set()
        self._mint = mint
        self._next = 0
        self._done: dict[int, Item] = {}
        self._open: OpenItem | None = None
        # Calls that others overtook before their arguments were whole, by the engine's number: they may go on.
        self._overtaken: dict[int, OpenItem] = {}
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
        begun = self._open is not None or bool(self._overtaken)
        return begun or any(not isinstance(item, Compaction) for item in self._done.values())

    def snapshot(self) -> Response:
        """The response so far, unfinished output included as `in_progress`."""
        if self._ended:
            return self._response
        return msgspec.structs.replace(self._response, output=self._output())

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

    def note_timing(self, timing: Timing) -> None:
        """Remember how long it took; to be called right before the end."""
        if not self._ended:
            self._response = msgspec.structs.replace(self._response, maru_timing=timing)

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
        self._done[0] = item
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
            before = self._switch(OpenItem("message", self._mint("msg"), self._next_index()))
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
            before = self._switch(OpenItem("reasoning", self._mint("rs"), self._next_index()))
        item = self._opened()
        item.pieces.append(text)
        delta = ev.ReasoningTextDelta(
            sequence_number=self._number(), item_id=item.id, output_index=item.index, content_index=0, delta=text
        )
        return (*before, *self._in_words((ev.encode_event(delta),)))

    def _refusal(self, text: str) -> tuple[ev.Event, ...]:
        before: tuple[ev.Event, ...] = ()
        if self._open is None or self._open.kind != "refusal":
            before = self._switch(OpenItem("refusal", self._mint("msg"), self._next_index()))
        item = self._opened()
        item.pieces.append(text)
        delta = ev.RefusalDelta(
            sequence_number=self._number(), item_id=item.id, output_index=item.index, content_index=0, delta=text
        )
        return (*before, ev.encode_event(delta))

    def _call(self, event: ToolCallDelta) -> tuple[ev.Event, ...]:
        before: tuple[ev.Event, ...] = ()
        item = self._call_under_way(event.index)
        if item is None:
            if event.name is None and event.index in self._closed_calls | self._dropped_calls:
                self._leave_out(event)
                return ()
            if event.name not in self._call_rules.names:
                return self.failed("server_error", _forbidden(event.name))
            if self._calls == self._call_rules.most:
                self._dropped_calls.add(event.index)
                return ()
            self._calls += 1
            call_id = event.id or self._mint("call")
            before = self._switch(
                OpenItem(
                    "function_call",
                    self._mint("fc"),
                    self._next_index(),
                    name=event.name or "",
                    call_id=call_id,
                    call_index=event.index,
                )
            )
            item = self._opened()
        if not event.arguments:
            return before
        item.pieces.append(event.arguments)
        delta = ev.ArgumentsDelta(
            sequence_number=self._number(), item_id=item.id, output_index=item.index, delta=event.arguments
        )
        return (*before, ev.encode_event(delta))

    def _call_under_way(self, call_index: int) -> OpenItem | None:
        item = self._open
        if item is not None and item.kind == "function_call" and item.call_index == call_index:
            return item
        return self._overtaken.get(call_index)

    def _leave_out(self, event: ToolCallDelta) -> None:
        """Pass over what belongs to no call that could still grow; the operator hears of each such call once."""
        if event.index not in self._dropped_calls and not event.arguments.isspace():
            logger.warning(
                "response %s: the engine went on with tool call %d, whose arguments were whole; left out",
                self._response.id,
                event.index,
            )
            self._dropped_calls.add(event.index)

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
                    opened = self._switch(OpenItem("message", self._mint("msg"), self._next_index()))
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
        closing = self._close_all("completed" if status == "completed" else "incomplete")
        self._ended = True
        self._response = msgspec.structs.replace(
            self._response,
            status=status,
            completed_at=completed_at,
            incomplete_details=details,
            error=error,
            output=self._output(),
        )
        return (*closing, response_ended(self._response, self._number))

    def _switch(self, to: OpenItem) -> tuple[ev.Event, ...]:
        """Open another item and close the last one, unless it may go on; `to.index` is the next index."""
        last, self._open = self._open, to
        closing: tuple[ev.Event, ...] = ()
        if last is not None:
            if last.may_go_on():
                self._overtaken[last.call_index] = last
            else:
                closing = self._close(last, "completed")
        added = ev.OutputItemAdded(sequence_number=self._number(), output_index=to.index, item=to.empty())
        opening = [ev.encode_event(added)]
        part = to.empty_part()
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

    def _close_all(self, status: ItemStatus) -> tuple[ev.Event, ...]:
        unfinished = self._unfinished()
        self._open = None
        self._overtaken.clear()
        return tuple(event for item in unfinished for event in self._close(item, status))

    def _close(self, item: OpenItem, status: ItemStatus) -> tuple[ev.Event, ...]:
        if item.kind == "function_call":
            self._closed_calls.add(item.call_index)
        final = self._done[item.index] = item.item(status)
        closing = item_closed(final, item.index, self._number)
        return self._in_words(closing) if item.kind == "reasoning" else closing

    def _in_words(self, thinking: tuple[ev.Event, ...]) -> tuple[ev.Event, ...]:
        if self._reasoning_words == "openai":
            return thinking
        return tuple(map(ev.in_open_responses_words, thinking))

    def _output(self) -> tuple[Item, ...]:
        items = {**self._done, **{item.index: item.item("in_progress") for item in self._unfinished()}}
        return tuple(items[index] for index in sorted(items))

    def _unfinished(self) -> tuple[OpenItem, ...]:
        """In the order in which they began."""
        if self._open is None:
            return tuple(self._overtaken.values())
        return (*self._overtaken.values(), self._open)

    def _opened(self) -> OpenItem:
        if self._open is None:
            msg = "no item is open"
            raise AssertionError(msg)
        return self._open

    def _next_index(self) -> int:
        return len(self._done) + len(self._unfinished())

    def _number(self) -> int:
        number = self._next
        self._next += 1
        return number

    def _lifecycle(self, event_type: type[ev.Lifecycle]) -> ev.Event:
        return ev.encode_event(event_type(sequence_number=self._number(), response=self.snapshot()))


def _forbidden(name: str | None) -> str:
    if name is None:
        return "The model's engine sent a tool call without a name. Ask again, or choose another model."
    return f"The model called {name!r}, which this request does not allow. Ask again, or choose another model."
