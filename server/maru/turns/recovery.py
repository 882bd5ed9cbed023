"""Ends what a crash left open: no response stays `in_progress`, and its words up to the last checkpoint stay."""

import logging

import msgspec

from maru.protocol.items import FunctionCall, Item, Message
from maru.protocol.response import (
    IncompleteDetails,
    Response,
    ResponseError,
    decode_response,
    encode_response,
)
from maru.store.base import FinishedResponse, Store
from maru.turns.run import kept_output

logger = logging.getLogger(__name__)


async def end_what_a_crash_left(store: Store) -> int:
    """Finish every unfinished response of the store; returns how many there were. Run before serving."""
    unfinished = await store.unfinished_responses()
    for owner, stored in unfinished:
        response = after_crash(decode_response(stored.body))
        finished = FinishedResponse(
            id=response.id,
            status=response.status,
            completed_at=None,
            body=encode_response(response),
            output_items=kept_output(response),
        )
        await store.finish_response(owner, finished)
    if unfinished:
        logger.warning("ended %d responses that were running when the server stopped", len(unfinished))
    return len(unfinished)


def after_crash(response: Response) -> Response:
    """The response as it ends: `incomplete` with the words that were kept, `failed` when there are none."""
    if response.output:
        output = tuple(_incomplete(item) for item in response.output)
        details = IncompleteDetails(reason="maru:interrupted")
        return msgspec.structs.replace(response, status="incomplete", incomplete_details=details, output=output)
    error = ResponseError(code="server_error", message="The server stopped before the answer began; please ask again.")
    return msgspec.structs.replace(response, status="failed", error=error)


def _incomplete(item: Item) -> Item:
    if isinstance(item, Message | FunctionCall) and item.status == "in_progress":
        return msgspec.structs.replace(item, status="incomplete")
    return item
