"""Claude's answer, event by event: what the stream of a message says becomes events of the seam. Pure.

Unknown events and blocks are passed over, as that API asks of its clients; a wrong type counts as absent.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from maru_backends.base import (
    BackendEvent,
    ChatRequest,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from maru_backends.claude_errors import error_in_stream
from maru_backends.errors import BackendStreamBrokenError
from maru_backends.foreign_json import WholeCharacters, count_of, json_object, mended, object_of, text_of
from maru_backends.json_answers import JsonAnswer
from maru_backends.openai_answer import MAX_ANSWER_CHARS, MAX_TOOL_CALLS
from maru_backends.sse import ServerSentEvent

Json = dict[str, object]

_FINISH_REASONS: dict[str, FinishReason] = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "pause_turn": "length",  # of a long turn, which may be gone on with
    "tool_use": "tool_calls",
    "refusal": "content_filter",
}


@dataclass(slots=True)
class _Block:
    kind: str
    call: int = -1
    has_arguments: bool = False
    thinking: str = ""
    signature: str = ""


class ClaudeReader:
    """Reads one streamed message; feed it every event, then `end` it.

    Attributes:
        thinking: the blocks that led to each call, by its id, for `KeptThinking`; whole once the answer ended.
    """

    def __init__(self, request: ChatRequest, *, new_call_id: Callable[[], str]) -> None:
        """Expect the answer to `request`; `new_call_id` names a call that came without an id."""
        self._may_be_empty = bool(request.sampling.stop)
        self._json = JsonAnswer(request.json_format) if request.json_format and not request.sampling.stop else None
        self._new_call_id = new_call_id
        self._answer = WholeCharacters()
        self._thoughts = WholeCharacters()
        self._blocks: dict[int, _Block] = {}
        self._calls = 0
        self._chars = 0
        self._answer_chars = 0
        self._hidden_chars = 0  # of signatures and the like
        self._reason = ""
        self._explanation = ""
        self._usage: Json = {}
        self._unclaimed: list[Json] = []
        self.thinking: dict[str, tuple[Json, ...]] = {}
        self.is_over = False

    @property
    def is_finished(self) -> bool:
        """Whether the reason to stop is known; only the end mark may still come."""
        return bool(self._reason)

    def read(self, piece: ServerSentEvent) -> list[BackendEvent]:
        """The events of the seam in one event of the stream; often none.

        Raises:
            BackendError: the provider told of an error, or spoke no JSON.
        """
        event = json_object(piece.data)
        if event is None:
            raise BackendStreamBrokenError("The engine sent something that is not a message of Claude's.")
        kind = text_of(event.get("type")) or piece.name
        if "error" in {kind, piece.name}:
            raise error_in_stream(event)
        events = list(self._events(kind, event))
        if self._chars + self._hidden_chars > MAX_ANSWER_CHARS:
            raise BackendStreamBrokenError("The engine's answer does not end.")
        if self._json:
            self._json.add(events)
        return events

    def end(self) -> list[BackendEvent]:
        """The last events, `Finished` at their end.

        Raises:
            BackendStreamBrokenError: no reason to stop came; the end of the stream alone is no success.
        """
        if not self._reason:
            raise BackendStreamBrokenError("The engine ended its answer without saying why.")
        events: list[BackendEvent] = [*_text(self._answer.end()), *_thought(self._thoughts.end())]
        reason = self._finish_reason()
        if reason == "content_filter" and self._explanation and not self._answer_chars:
            events.append(RefusalDelta(self._explanation))
        if self._json:
            self._json.add(events)
            self._json.check(reason)
        usage = self._usage_told()
        self._check_not_blank(reason, usage)
        return [*events, *([usage] if usage else []), Finished(reason)]

    def _events(self, kind: str, event: Json) -> Iterator[BackendEvent]:
        match kind:
            case "message_start":
                self._count(object_of(event.get("message")))
            case "content_block_start":
                yield from self._started(_index(event), object_of(event.get("content_block")))
            case "content_block_delta":
                yield from self._more(_index(event), object_of(event.get("delta")))
            case "content_block_stop":
                yield from self._stopped(_index(event))
            case "message_delta":
                delta = object_of(event.get("delta"))
                self._reason = text_of(delta.get("stop_reason")) or self._reason
                self._explanation = mended(text_of(object_of(delta.get("stop_details")).get("explanation")))
                self._count(event)
            case "message_stop":
                self.is_over = True
            case _:  # ping, and what is added in later years
                pass

    def _started(self, index: int, content: Json) -> Iterator[BackendEvent]:
        kind = text_of(content.get("type"))
        block = self._blocks[index] = _Block(kind)
        if kind == "text":
            yield from self._said(text_of(content.get("text")))
        elif kind == "thinking":
            block.signature = text_of(content.get("signature"))
            yield from self._thought(block, text_of(content.get("thinking")))
        elif kind == "redacted_thinking":
            self._unclaimed.append({"type": kind, "data": (data := text_of(content.get("data")))})
            self._hidden_chars += len(data)
        elif kind == "tool_use":
            yield self._called(block, content)

    def _more(self, index: int, delta: Json) -> Iterator[BackendEvent]:
        block = self._blocks.get(index)
        if block is None:
            return
        if block.kind == "text":
            yield from self._said(text_of(delta.get("text")))
        elif block.kind == "thinking":
            block.signature += (signature := text_of(delta.get("signature")))
            self._hidden_chars += len(signature)
            yield from self._thought(block, text_of(delta.get("thinking")))
        elif block.kind == "tool_use":
            arguments = mended(text_of(delta.get("partial_json")))
            self._chars += len(arguments)
            if arguments:
                block.has_arguments = True
                yield ToolCallDelta(block.call, arguments=arguments)

    def _stopped(self, index: int) -> Iterator[BackendEvent]:
        block = self._blocks.pop(index, None)
        if block is None:
            return
        if block.kind == "tool_use" and not block.has_arguments:
            yield ToolCallDelta(block.call, arguments="{}")
        if block.kind == "thinking" and block.signature:
            thinking: Json = {"type": "thinking", "thinking": block.thinking, "signature": block.signature}
            self._unclaimed.append(thinking)

    def _said(self, text: str) -> Iterator[BackendEvent]:
        self._chars += len(text)
        self._answer_chars += len(text)
        yield from _text(self._answer.read(text))

    def _thought(self, block: _Block, text: str) -> Iterator[BackendEvent]:
        self._chars += len(text)
        block.thinking += text
        yield from _thought(self._thoughts.read(text))

    def _called(self, block: _Block, content: Json) -> ToolCallDelta:
        name = mended(text_of(content.get("name")))
        if not name:
            raise BackendStreamBrokenError("The engine sent a tool call without a name.")
        if self._calls >= MAX_TOOL_CALLS:
            raise BackendStreamBrokenError(f"The engine sent more than {MAX_TOOL_CALLS} tool calls.")
        block.call, self._calls = self._calls, self._calls + 1
        call_id = mended(text_of(content.get("id"))) or self._new_call_id()
        self.thinking[call_id] = tuple(self._unclaimed)
        self._unclaimed = []
        whole = object_of(content.get("input"))
        block.has_arguments = bool(whole)
        return ToolCallDelta(block.call, call_id, name, json.dumps(whole, ensure_ascii=False) if whole else "")

    def _count(self, place: Mapping[str, object]) -> None:
        """Keep the figures; each tells the sum so far, and a later event may leave some of them out."""
        usage = object_of(place.get("usage"))
        self._usage |= {name: value for name, value in usage.items() if value is not None}

    def _usage_told(self) -> Usage | None:
        if not self._usage:
            return None
        read = count_of(self._usage.get("cache_read_input_tokens"))
        written = count_of(self._usage.get("cache_creation_input_tokens"))
        return Usage(
            input_tokens=count_of(self._usage.get("input_tokens")) + read + written,
            output_tokens=count_of(self._usage.get("output_tokens")),
            cached_tokens=read,
            reasoning_tokens=count_of(object_of(self._usage.get("output_tokens_details")).get("thinking_tokens")),
        )

    def _finish_reason(self) -> FinishReason:
        reason = _FINISH_REASONS.get(self._reason, "stop")
        if reason == "stop" and self._calls:
            return "tool_calls"
        if reason == "tool_calls" and not self._calls:
            raise BackendStreamBrokenError("The engine announced a tool call and sent none.")
        return reason

    def _check_not_blank(self, reason: FinishReason, usage: Usage | None) -> None:
        """A turn that cost tokens and shows nothing is a failure that people must hear of."""
        spent = usage.output_tokens if usage else 0
        if reason == "stop" and not self._chars and spent > 1 and not self._may_be_empty:
            raise BackendStreamBrokenError(f"The engine used {spent} tokens and sent no answer.")


def _text(text: str) -> Iterator[BackendEvent]:
    if text:
        yield TextDelta(text)


def _thought(text: str) -> Iterator[BackendEvent]:
    if text:
        yield ReasoningDelta(text)


def _index(event: Json) -> int:
    index = event.get("index", 0)
    return index if isinstance(index, int) else -1  # nobody's
