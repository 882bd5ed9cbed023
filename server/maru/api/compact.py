"""`POST /v1/responses/compact`: older items into one that their client keeps."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.following import unless_left
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.protocol.compact_request import CompactRequest
from maru.protocol.requests import parse

router = APIRouter(prefix="/v1/responses")

CLIENT_LEFT = 499  # a status for nobody


@router.post("/compact")
async def compact(request: Request, owner: Owner) -> HttpResponse:
    """A window to go on from: the user messages as they were, then one compaction item. Nothing is stored."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    plan = await rooms.preparer.plan(owner, parse(CompactRequest, body).as_create())
    compacted = await unless_left(request, rooms.hub.compact(plan))
    return HttpResponse(status_code=CLIENT_LEFT) if compacted is None else json_response(compacted)
