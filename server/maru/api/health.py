"""`/healthz` (the process lives) and `/readyz` (it can answer): for supervisors, without a key and without details."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.http import json_response
from maru.api.rooms import rooms_of
from maru.engines import EngineState
from maru.protocol.bodies import Liveness, Readiness

router = APIRouter()


@router.get("/healthz")
async def healthz() -> HttpResponse:
    """The process answers."""
    return json_response(Liveness())


@router.get("/readyz")
async def readyz(request: Request) -> HttpResponse:
    """200 when the database can be read and the default model can be asked; else 503 naming the part.

    503 too from the moment on at which the server is told to stop: a balancer then sends new requests elsewhere.
    """
    rooms = rooms_of(request)
    states: dict[str, EngineState] = {status.id: status.state for status in await rooms.engines.statuses()}
    has_store, model = await rooms.store.is_healthy(), states[rooms.engines.default_model]
    is_ready = has_store and model == "ready" and not rooms.hub.is_closing
    readiness = Readiness(
        status="stopping" if rooms.hub.is_closing else "ready" if is_ready else "waiting",
        store="ready" if has_store else "failed",
        model=model,
    )
    return json_response(readiness, 200 if is_ready else 503)
