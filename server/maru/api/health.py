"""`/healthz` (the process lives) and `/readyz` (it can answer): for supervisors, without a key and without details."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.http import json_response
from maru.api.rooms import rooms_of

router = APIRouter()


@router.get("/healthz")
async def healthz() -> HttpResponse:
    """The process answers."""
    return json_response({"status": "ok"})


@router.get("/readyz")
async def readyz(request: Request) -> HttpResponse:
    """200 when the database can be read and the default model can be asked; else 503 naming the part."""
    rooms = rooms_of(request)
    states = {status.id: status.state for status in await rooms.engines.statuses()}
    parts = {
        "store": "ready" if await rooms.store.is_healthy() else "failed",
        "model": states[rooms.engines.default_model],
    }
    is_ready = all(state == "ready" for state in parts.values())
    return json_response({"status": "ready" if is_ready else "waiting", **parts}, 200 if is_ready else 503)
