"""`/v1/instructions` (ours): what a person tells all models. A create asks for it by `maru:custom_instructions`."""

from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.protocol.custom import CustomBody, CustomUpdate
from maru.protocol.requests import parse
from maru.store.custom import CustomInstructions

router = APIRouter(prefix="/v1/instructions")


@router.get("")
async def retrieve(request: Request, owner: Owner) -> HttpResponse:
    """What is told, and whether it is."""
    return json_response(_body(await rooms_of(request).store.custom_instructions_of(owner)))


@router.post("")
async def update(request: Request, owner: Owner) -> HttpResponse:
    """Put other words in their place, or turn them on or off."""
    rooms = rooms_of(request)
    wanted = parse(CustomUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    before = await rooms.store.custom_instructions_of(owner)
    custom = replace(
        before,
        is_on=before.is_on if wanted.enabled is None else wanted.enabled,
        about=before.about if wanted.about is None else wanted.about,
        style=before.style if wanted.style is None else wanted.style,
    )
    await rooms.store.keep_custom_instructions(owner, custom)
    return json_response(_body(custom))


def _body(custom: CustomInstructions) -> CustomBody:
    return CustomBody(enabled=custom.is_on, about=custom.about, style=custom.style)
