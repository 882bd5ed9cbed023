"""The last events of an item and of a response, which the builder and the recovery after a crash share. Pure."""

from collections.abc import Callable

from maru.protocol import events as ev
from maru.protocol.items import FunctionCall, Item, Message, OutputText, Reasoning, Refusal
from maru.protocol.response import Response

Number = Callable[[], int]

# The protocol has no event for a stopped response; `response.incomplete` with status `cancelled` gives socket clients
# the one terminal frame they wait for.
_TERMINAL: dict[str, type[ev.Lifecycle]] = {
    "completed": ev.ResponseCompleted,
    "failed": ev.ResponseFailed,
    "incomplete": ev.ResponseIncomplete,
    "cancelled": ev.ResponseIncomplete,
}


def item_closed(item: Item, output_index: int, number: Number) -> tuple[ev.Event, ...]:
    """The events that close an item in its final form; `number` gives the next sequence number at each call."""
    done = [ev.encode_event(event) for event in _part_done(item, output_index, number)]
    last = ev.OutputItemDone(sequence_number=number(), output_index=output_index, item=item)
    return (*done, ev.encode_event(last))


def response_ended(response: Response, number: Number) -> ev.Event:
    """The terminal event of a response that has its last status."""
    return ev.encode_event(_TERMINAL[response.status](sequence_number=number(), response=response))


def _part_done(item: Item, index: int, number: Number) -> tuple[ev.Numbered, ...]:
    match item:
        case Message(content=(OutputText() as part, *_)):
            return (
                ev.OutputTextDone(
                    sequence_number=number(),
                    item_id=item.id,
                    output_index=index,
                    content_index=0,
                    text=part.text,
                    logprobs=part.logprobs or (),
                ),
                ev.ContentPartDone(
                    sequence_number=number(), item_id=item.id, output_index=index, content_index=0, part=part
                ),
            )
        case Message(content=(Refusal() as part, *_)):
            return (
                ev.RefusalDone(
                    sequence_number=number(), item_id=item.id, output_index=index, content_index=0, refusal=part.refusal
                ),
                ev.ContentPartDone(
                    sequence_number=number(), item_id=item.id, output_index=index, content_index=0, part=part
                ),
            )
        case Reasoning(content=(part, *_)):
            return (
                ev.ReasoningTextDone(
                    sequence_number=number(), item_id=item.id, output_index=index, content_index=0, text=part.text
                ),
                ev.ContentPartDone(
                    sequence_number=number(), item_id=item.id, output_index=index, content_index=0, part=part
                ),
            )
        case FunctionCall():
            return (
                ev.ArgumentsDone(
                    sequence_number=number(),
                    item_id=item.id,
                    output_index=index,
                    arguments=item.arguments,
                    name=item.name,
                ),
            )
        case _:
            return ()
