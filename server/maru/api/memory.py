"""`/v1/memory` (ours): what a person wants models to know in all conversations. Only these calls ever write a fact."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.protocol.bodies import Deleted
from maru.protocol.facts import FactBody, FactCreate, FactUpdate, MemoryBody, MemoryUpdate
from maru.protocol.requests import parse
from maru.store.base import Store
from maru.store.facts import Fact

router = APIRouter(prefix="/v1/memory")


@router.get("")
async def retrieve(request: Request, owner: Owner) -> HttpResponse:
    """All facts, and whether models are shown them."""
    return json_response(await _memory(rooms_of(request).store, owner))


@router.post("")
async def update(request: Request, owner: Owner) -> HttpResponse:
    """Turn memory on or off; the facts stay."""
    rooms = rooms_of(request)
    wanted = parse(MemoryUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    await rooms.store.set_memory_on(owner, is_on=wanted.enabled)
    return json_response(await _memory(rooms.store, owner))


@router.delete("")
async def forget(request: Request, owner: Owner) -> HttpResponse:
    """Forget all facts; memory stays on or off."""
    store = rooms_of(request).store
    await store.remove_facts(owner)
    return json_response(await _memory(store, owner))


@router.post("/facts")
async def add_fact(request: Request, owner: Owner) -> HttpResponse:
    """Keep one more fact."""
    rooms = rooms_of(request)
    wanted = parse(FactCreate, await read_json(request, rooms.settings.max_frame_bytes))
    fact = await rooms.store.add_fact(owner, wanted.text, conversation_id=wanted.conversation, now=rooms.now())
    return json_response(_body(fact))


@router.post("/facts/{fact_id}")
async def change_fact(request: Request, owner: Owner, fact_id: str) -> HttpResponse:
    """Put other words in its place."""
    rooms = rooms_of(request)
    wanted = parse(FactUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    return json_response(_body(await rooms.store.change_fact(owner, fact_id, wanted.text, now=rooms.now())))


@router.delete("/facts/{fact_id}")
async def remove_fact(request: Request, owner: Owner, fact_id: str) -> HttpResponse:
    """Forget one fact."""
    await rooms_of(request).store.remove_fact(owner, fact_id)
    return json_response(Deleted(id=fact_id, object="maru.fact.deleted"))


async def _memory(store: Store, owner: str) -> MemoryBody:
    memory = await store.memory_of(owner)
    return MemoryBody(enabled=memory.is_on, facts=tuple(map(_body, memory.facts)))


def _body(fact: Fact) -> FactBody:
    return FactBody(
        id=fact.id,
        text=fact.text,
        conversation=fact.conversation_id,
        created_at=fact.created_at,
        updated_at=fact.updated_at,
    )
