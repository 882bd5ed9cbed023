"""`/v1/conversations/{id}/summaries` (ours): what stands for older items, to be read, edited, written anew, deleted."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.moving.bodies import summary_body
from maru.protocol.bodies import Deleted
from maru.protocol.memory_requests import SummaryUpdate
from maru.protocol.requests import parse
from maru.protocol.summary_bodies import SummaryList

router = APIRouter(prefix="/v1/conversations/{conversation_id}/summaries")


@router.get("")
async def list_(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """All summaries of a conversation, oldest first."""
    found = await rooms_of(request).store.summaries_of(owner, conversation_id)
    return json_response(SummaryList(data=tuple(map(summary_body, found))))


@router.get("/{summary_id}")
async def retrieve(request: Request, owner: Owner, conversation_id: str, summary_id: str) -> HttpResponse:
    """One summary."""
    return json_response(summary_body(await rooms_of(request).store.summary_for(owner, conversation_id, summary_id)))


@router.post("/{summary_id}")
async def edit(request: Request, owner: Owner, conversation_id: str, summary_id: str) -> HttpResponse:
    """Put another text in its place, which models are shown from the next answer on."""
    rooms = rooms_of(request)
    wanted = parse(SummaryUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    now = rooms.now()
    edited = await rooms.store.edit_summary(owner, conversation_id, summary_id, text=wanted.text, now=now)
    return json_response(summary_body(edited))


@router.post("/{summary_id}/regenerate")
async def regenerate(request: Request, owner: Owner, conversation_id: str, summary_id: str) -> HttpResponse:
    """Let the model that wrote it, or the default one where that is gone, write it anew."""
    rooms = rooms_of(request)
    old = await rooms.store.summary_for(owner, conversation_id, summary_id)
    model = old.model if rooms.engines.has(old.model) else rooms.engines.default_model
    return json_response(summary_body(await rooms.hub.summaries.write_anew(owner, conversation_id, summary_id, model)))


@router.delete("/{summary_id}")
async def delete(request: Request, owner: Owner, conversation_id: str, summary_id: str) -> HttpResponse:
    """Forget a summary; the items that it stood for stay in the conversation, and the model is not shown them."""
    await rooms_of(request).store.delete_summary(owner, conversation_id, summary_id)
    return json_response(Deleted(id=summary_id, object="maru.summary.deleted"))
