"""What models are shown (ours): the context of a response, and the pins that people put on items."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.pages_of_items import placed_item_body
from maru.api.rooms import rooms_of
from maru.protocol.memory_requests import ItemUpdate
from maru.protocol.requests import parse

router = APIRouter()


@router.get("/v1/responses/{response_id}/context")
async def context(request: Request, owner: Owner, response_id: str) -> HttpResponse:
    """Which turns of the branch the model was shown, which a summary stood for, and which were left out."""
    return json_response(await rooms_of(request).contexts.of(owner, response_id))


@router.post("/v1/conversations/{conversation_id}/items/{item_id}")
async def update_item(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Pin an item, so that the window never cuts it, or unpin it."""
    rooms = rooms_of(request)
    wanted = parse(ItemUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    stored = await rooms.store.pin_item(owner, conversation_id, item_id, is_pinned=wanted.is_pinned)
    return json_response(placed_item_body(stored))
