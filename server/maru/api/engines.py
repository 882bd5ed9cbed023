"""`/v1/engines` (ours): for the operator, what serves the models, how much it has to do; out of service and in again.

Every call answers at once with all engines as they are then: what takes long goes on, and shows in their states.
"""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Operator
from maru.api.http import json_response, read_json
from maru.api.rooms import Rooms, rooms_of
from maru.engines import EngineReport, NotNowError
from maru.protocol.engines import EngineBody, EngineList, EngineOrder, EngineRestart, EngineTakeOut, LoadBody
from maru.protocol.errors import ApiError
from maru.protocol.requests import parse

router = APIRouter(prefix="/v1/engines")


@router.get("")
async def list_(request: Request, operator: Operator) -> HttpResponse:  # noqa: ARG001 (asking is what needs the right)
    """All engines; asks each how much it has to do, for a few seconds at most."""
    return await _all(rooms_of(request))


@router.post("/take_out")
async def take_out(request: Request, operator: Operator) -> HttpResponse:  # noqa: ARG001 (as above)
    """Let answers come to their end and begin no more, then stop it."""
    rooms = rooms_of(request)
    wanted = parse(EngineTakeOut, await read_json(request, rooms.settings.max_frame_bytes))
    drain_s = rooms.settings.drain_s if wanted.drain_s is None else wanted.drain_s
    return await _done(rooms, wanted.model, lambda: rooms.engines.take_out(wanted.model, drain_s, wanted.engine))


@router.post("/take_in")
async def take_in(request: Request, operator: Operator) -> HttpResponse:  # noqa: ARG001 (as above)
    """Start what was taken out, or failed."""
    rooms = rooms_of(request)
    wanted = parse(EngineOrder, await read_json(request, rooms.settings.max_frame_bytes))
    return await _done(rooms, wanted.model, lambda: rooms.engines.take_in(wanted.model, wanted.engine))


@router.post("/restart")
async def restart(request: Request, operator: Operator) -> HttpResponse:  # noqa: ARG001 (as above)
    """Let answers come to their end, stop it and start it again; who asks meanwhile waits."""
    rooms = rooms_of(request)
    wanted = parse(EngineRestart, await read_json(request, rooms.settings.max_frame_bytes))
    drain_s = rooms.settings.drain_s if wanted.drain_s is None else wanted.drain_s
    return await _done(rooms, wanted.model, lambda: rooms.engines.restart(wanted.model, drain_s))


async def _done(rooms: Rooms, model: str, act: Callable[[], None]) -> HttpResponse:
    if not rooms.engines.has(model):
        there = ", ".join(rooms.engines.ids)
        message = f"The model {model!r} does not exist here. Models: {there}."
        raise ApiError(404, message, code="model_not_found", param="model")
    try:
        act()
    except KeyError as error:
        message = f"The model {model!r} has no engine {error.args[0]!r}."
        raise ApiError(404, message, code="engine_not_found", param="engine") from error
    except NotNowError as error:
        raise ApiError(409, str(error), code="engine_not_now") from error
    return await _all(rooms)


async def _all(rooms: Rooms) -> HttpResponse:
    return json_response(EngineList(data=tuple(map(_body, await rooms.engines.reports()))))


def _body(report: EngineReport) -> EngineBody:
    load = report.load
    return EngineBody(
        model=report.model,
        backend=report.backend,
        engine=report.engine,
        state=report.state,
        detail=report.detail,
        answers=report.answers,
        load=None
        if load is None
        else LoadBody(
            running=load.running,
            waiting=load.waiting,
            cache_used=load.cache_used,
            prefix_queries=load.prefix_queries,
            prefix_hits=load.prefix_hits,
        ),
    )
