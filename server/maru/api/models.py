"""`/v1/models`: what can be asked, and whether it can answer now."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response
from maru.api.rooms import rooms_of
from maru.engines import ModelStatus
from maru.protocol.bodies import ModelBody, ModelList
from maru.protocol.errors import not_found

router = APIRouter(prefix="/v1/models")


@router.get("")
async def list_(request: Request, owner: Owner) -> HttpResponse:  # noqa: ARG001 (asking is what needs the right)
    """All models; never waits for an engine."""
    statuses = await rooms_of(request).engines.statuses()
    return json_response(ModelList(data=tuple(map(_body, statuses))))


@router.get("/{model_id:path}")
async def retrieve(request: Request, owner: Owner, model_id: str) -> HttpResponse:  # noqa: ARG001 (as above)
    """One model; its name may hold slashes."""
    for status in await rooms_of(request).engines.statuses():
        if status.id == model_id:
            return json_response(_body(status))
    raise not_found("Model", model_id)


def _body(status: ModelStatus) -> ModelBody:
    return ModelBody(
        id=status.id,
        backend=status.backend,
        state="away" if status.is_away else status.state,
        detail=status.detail,
        is_default=status.is_default,
        context_window=status.context_window,
        features=tuple(sorted(status.features)),
        input_modalities=("text", "image") if "images" in status.features else ("text",),
    )
