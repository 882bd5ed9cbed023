"""Ends what nobody runs any more: no response stays `in_progress`, and its words up to the last checkpoint stay.

The events up to the last checkpoint are kept as they were. Those of the second after it are lost, but clients may have
seen them: their numbers are not given again. The closing events come after a jump that is longer than anything a run
could have sent meanwhile, so that a client that comes back with any number gets them, and no number means two things.
"""

import asyncio
import contextlib
import dataclasses
import itertools
import logging
from collections.abc import Sequence

import msgspec

from maru.ids import new_id
from maru.protocol.builder import ResponseBuilder
from maru.protocol.closing import item_closed, response_ended
from maru.protocol.events import Event, in_open_responses_words
from maru.protocol.items import FunctionCall, Item, Message
from maru.protocol.response import (
    ConversationRef,
    IncompleteDetails,
    Response,
    ResponseError,
    decode_response,
    encode_response,
    unasked_response,
)
from maru.store.base import FinishedResponse, NotFoundError, Store, StoredResponse, StoreError
from maru.turns.packing import pack
from maru.turns.run import kept_output
from maru.turns.stored_log import stored_events

logger = logging.getLogger(__name__)

LOST_NUMBERS = 1_000_000


async def end_abandoned(store: Store) -> int:
    """Finish every response that no server runs; returns how many were ended here. Any number of servers may do it."""
    count = 0
    for owner, stored in await store.abandoned_responses():
        try:
            count += await store.finish_response(owner, await _end_of_what_is_left(store, owner, stored))
        except NotFoundError:
            continue  # it was deleted meanwhile
        except StoreError:
            raise
        except Exception:  # one damaged row must not keep all the others open
            logger.exception("response %s could not be ended", stored.id)
    if count:
        logger.warning("ended %d responses whose server was gone", count)
    return count


async def end_one(store: Store, owner: str, response_id: str) -> None:
    """Finish a response of which it is not known whether its start was written, and which nobody runs.

    Raises:
        StoreError: the store cannot be asked.
    """
    with contextlib.suppress(NotFoundError):
        stored = await store.response_for(owner, response_id)
        end = await _end_of_what_is_left(store, owner, stored)
        await store.finish_response(owner, dataclasses.replace(end, server_id=stored.server_id))


async def _end_of_what_is_left(store: Store, owner: str, stored: StoredResponse) -> FinishedResponse:
    try:
        # In a thread: a long log takes longer than a token of another may be late.
        return await asyncio.to_thread(end_of, stored, await stored_events(store, owner, stored.id))
    except StoreError:
        raise
    except Exception:  # whatever was damaged, its conversation must not stay locked for ever
        logger.exception("response %s is damaged; it ends with what can be read of it", stored.id)
        return end_of_damaged(stored)


def end_of(stored: StoredResponse, logged: Sequence[Event]) -> FinishedResponse:
    """How an abandoned response ends.

    Args:
        stored: as it was at its last checkpoint, or at its start.
        logged: its events up to then.
    """
    checkpointed = decode_response(stored.body)
    response = _ended(checkpointed, is_stopped=stored.is_stop_asked)
    logged = logged or _opening(checkpointed)
    numbers = itertools.count(logged[-1].sequence_number + 1 + LOST_NUMBERS)
    done, added = (_output_indexes(logged, f"response.output_item.{moment}") for moment in ("done", "added"))
    closing: list[Event] = []
    for index, item in enumerate(response.output):
        if index in added - done:
            closing += item_closed(item, index, numbers.__next__)
    if any(event.type == "response.reasoning.delta" for event in logged):  # the words that were chosen when it ran
        closing = [in_open_responses_words(event) for event in closing]
    terminal = response_ended(response, numbers.__next__)
    return FinishedResponse(
        id=response.id,
        status=response.status,
        completed_at=None,
        body=encode_response(response),
        output_items=kept_output(response),
        packed_log=pack((*logged, *closing, terminal)),
    )


def end_of_damaged(stored: StoredResponse) -> FinishedResponse:
    """How it ends when its events cannot be read, and maybe its body neither."""
    try:
        decode_response(stored.body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        stored = dataclasses.replace(stored, body=encode_response(_known_of(stored)))
    return end_of(stored, ())


def _known_of(stored: StoredResponse) -> Response:
    """The response that stands beside its body; what only the body held is as if nobody had asked for it."""
    conversation = None if stored.conversation_id is None else ConversationRef(id=stored.conversation_id)
    unasked = unasked_response(stored.id, stored.created_at, stored.model, conversation)
    return msgspec.structs.replace(unasked, previous_response_id=stored.previous_response_id)


def _ended(response: Response, *, is_stopped: bool) -> Response:
    """`cancelled` if that was asked for, else `incomplete` with the words that were kept, `failed` without any."""
    replace = msgspec.structs.replace
    output = tuple(_incomplete(item) for item in response.output)
    if is_stopped:
        return replace(response, status="cancelled", output=output)
    if output:
        details = IncompleteDetails(reason="maru:interrupted")
        return replace(response, status="incomplete", incomplete_details=details, output=output)
    error = ResponseError(
        code="server_error", message="The server stopped before anything of the answer was kept; please ask again."
    )
    return replace(response, status="failed", error=error)


def _incomplete(item: Item) -> Item:
    if isinstance(item, Message | FunctionCall) and item.status == "in_progress":
        return msgspec.structs.replace(item, status="incomplete")
    return item


def _opening(response: Response) -> Sequence[Event]:
    """The first events of a response that had no checkpoint: they follow from its start."""
    start = msgspec.structs.replace(response, output=(), usage=None, maru_context=None, maru_timing=None)
    return ResponseBuilder(start, new_id).started()


class _OfOutput(msgspec.Struct):
    output_index: int


def _output_indexes(events: Sequence[Event], type_: str) -> set[int]:
    """Items need not end in the order in which they began: parallel calls may cross."""
    return {msgspec.json.decode(event.data, type=_OfOutput).output_index for event in events if event.type == type_}
