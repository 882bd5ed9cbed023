"""Stream events of one response, in the exact shape they have on the wire (digest section 5).

Each is made once with its number and encoded once; `Event` is what is logged and shared by all followers.
"""

from typing import Any, Literal

import msgspec

from maru.protocol.items import Item, OutputText, ReasoningText, Refusal, Wire
from maru.protocol.response import Response
from maru_backends.base import TokenLogprob


class Event(msgspec.Struct, frozen=True, gc=False):
    """An encoded event: `data` is its JSON as one line.

    The garbage collector passes it by: the logs hold hundreds of thousands, and none can be part of a cycle.
    """

    sequence_number: int
    type: str
    data: str

    def sse(self) -> bytes:
        """The event as one Server-Sent Event, LF line ends, with its blank line."""
        return f"event: {self.type}\ndata: {self.data}\n\n".encode()


class Numbered(Wire, frozen=True):
    """Base of all events."""

    sequence_number: int


class Lifecycle(Numbered, frozen=True):
    """Base of the events that carry the whole response."""

    response: Response


class ResponseCreated(Lifecycle, frozen=True, tag="response.created"):
    """First event of every response."""


class ResponseQueued(Lifecycle, frozen=True, tag="response.queued"):
    """A background response waits."""


class ResponseInProgress(Lifecycle, frozen=True, tag="response.in_progress"):
    """The response is being worked on."""


class ResponseCompleted(Lifecycle, frozen=True, tag="response.completed"):
    """The whole answer is there."""


class ResponseIncomplete(Lifecycle, frozen=True, tag="response.incomplete"):
    """The answer was cut: by its limit, by a stop or by a shutdown."""


class ResponseFailed(Lifecycle, frozen=True, tag="response.failed"):
    """No answer, or a broken one."""


class OutputItemAdded(Numbered, frozen=True, tag="response.output_item.added"):
    """An item begins; content and arguments are still empty."""

    output_index: int
    item: Item


class OutputItemDone(Numbered, frozen=True, tag="response.output_item.done"):
    """An item in its final form."""

    output_index: int
    item: Item


class _InPart(Numbered, frozen=True):
    item_id: str
    output_index: int
    content_index: int


class ContentPartAdded(_InPart, frozen=True, tag="response.content_part.added"):
    """A part of an item begins, empty."""

    part: OutputText | ReasoningText | Refusal


class ContentPartDone(_InPart, frozen=True, tag="response.content_part.done"):
    """A part in its final form."""

    part: OutputText | ReasoningText | Refusal


class OutputTextDelta(_InPart, frozen=True, tag="response.output_text.delta"):
    """More text; `logprobs` is a required list for the SDK's types."""

    delta: str
    logprobs: tuple[TokenLogprob, ...]


class OutputTextDone(_InPart, frozen=True, tag="response.output_text.done"):
    """All text of the part."""

    text: str
    logprobs: tuple[TokenLogprob, ...]


class ReasoningTextDelta(_InPart, frozen=True, tag="response.reasoning_text.delta"):
    """More of the thinking."""

    delta: str


class ReasoningTextDone(_InPart, frozen=True, tag="response.reasoning_text.done"):
    """All of the thinking."""

    text: str


class RefusalDelta(_InPart, frozen=True, tag="response.refusal.delta"):
    """More of the refusal."""

    delta: str


class RefusalDone(_InPart, frozen=True, tag="response.refusal.done"):
    """All of the refusal."""

    refusal: str


ReasoningWords = Literal["openai", "openresponses"]
"""Whose names the events of raw thinking have: OpenAI's clients and the specification disagree (digest section 12)."""

_OPEN_RESPONSES_NAMES = {
    "response.reasoning_text.delta": "response.reasoning.delta",
    "response.reasoning_text.done": "response.reasoning.done",
}


def in_open_responses_words(event: Event) -> Event:
    """The same event under the specification's name, where that is another."""
    name = _OPEN_RESPONSES_NAMES.get(event.type)
    if name is None:
        return event
    return Event(event.sequence_number, name, event.data.replace(f'"{event.type}"', f'"{name}"', 1))


class ArgumentsDelta(Numbered, frozen=True, tag="response.function_call_arguments.delta"):
    """More of a call's arguments."""

    item_id: str
    output_index: int
    delta: str


class ArgumentsDone(Numbered, frozen=True, tag="response.function_call_arguments.done"):
    """All of a call's arguments."""

    item_id: str
    output_index: int
    arguments: str
    name: str


class Compacting(Numbered, frozen=True, tag="response.compaction.compacting"):
    """The engine is asked for a summary, because the client asked for a compaction."""

    item_id: str
    output_index: int


class SteerError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a steer was not taken."""

    type: Literal["invalid_request_error"] = "invalid_request_error"
    code: str
    message: str


class Steer(msgspec.Struct, frozen=True, kw_only=True):
    """The steer as the client sent it, given back so that nothing it said is lost."""

    input: Any
    previous_response_id: Any


class SteerFailed(Numbered, frozen=True, tag="response.steer.failed"):
    """A steer was not taken; belongs to a socket and to no response, so it ends none."""

    error: SteerError
    steer: Steer
    stream_id: str | None = None


TERMINAL_TYPES = frozenset({"response.completed", "response.incomplete", "response.failed"})


class _Head(msgspec.Struct):
    type: str
    sequence_number: int


_encode = msgspec.json.Encoder().encode
_decode_head = msgspec.json.Decoder(_Head).decode


def encode_event(event: Numbered) -> Event:
    """Encode once, for every follower and the log."""
    tag = event.__struct_config__.tag
    return Event(event.sequence_number, str(tag), _encode(event).decode())


def event_of(data: str) -> Event:
    """The event whose JSON this is.

    Raises:
        msgspec.DecodeError: it is no event.
    """
    head = _decode_head(data)
    return Event(head.sequence_number, head.type, data)
