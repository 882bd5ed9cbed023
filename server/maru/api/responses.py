"""`/v1/responses` over HTTP: create (JSON, SSE), retrieve, delete, cancel, input items, token count."""

import contextlib
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.following import (
    check_cursor,
    event_stream,
    events_not_kept,
    events_until_creator_leaves,
    failure_of,
    followed_events,
    stay_until,
    unless_left,
)
from maru.api.http import json_response, read_json
from maru.api.pages_of_items import item_list
from maru.api.rooms import rooms_of
from maru.protocol.bodies import Deleted, InputTokens
from maru.protocol.errors import ApiError, invalid
from maru.protocol.idempotency import HEADER, IdempotencyKey, idempotency_key_of
from maru.protocol.requests import MOST_EVENTS, CreateRequest, parse
from maru.protocol.response import Response, decode_response, encode_response
from maru.store.base import NotFoundError, StoredResponse
from maru.turns.stored_log import EventsNotKeptError, ended_elsewhere

router = APIRouter(prefix="/v1/responses")


@router.post("")
async def create(request: Request, owner: Owner) -> HttpResponse:
    """Answer a request: as JSON when it is whole, or event by event with `stream`. One with a key is answered once."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    parsed = parse(CreateRequest, body)
    if parsed.stream_options.include_obfuscation:
        raise _no_obfuscation("stream_options.include_obfuscation")
    key = idempotency_key_of(request.headers.get(HEADER), parsed, body)
    prepare = partial(rooms.preparer.plan, owner, parsed)
    if key is None:
        run = await rooms.hub.start(await prepare())
    else:
        found = await rooms.hub.start_once(owner, key, prepare, now=rooms.now())
        if isinstance(found, StoredResponse):
            return await _answer_again(request, owner, found, parsed, key)
        run = found
    if parsed.stream:
        return event_stream(request, events_until_creator_leaves(run))
    if parsed.background:
        return json_response(encode_response(run.snapshot))
    await stay_until(request, run, run.ended())
    return json_response(encode_response(_succeeded(run.snapshot, key)))


@router.get("/{response_id}")
async def retrieve(
    request: Request,
    owner: Owner,
    response_id: str,
    *,
    stream: bool = False,
    starting_after: Annotated[int, Query(ge=-1, lt=MOST_EVENTS)] = -1,
    include_obfuscation: bool = False,
) -> HttpResponse:
    """A response as it is now; with `stream`, its events after a number and then the live ones."""
    if include_obfuscation:
        raise _no_obfuscation("include_obfuscation")
    hub = rooms_of(request).hub
    if not stream:
        return json_response(await hub.response_for(owner, response_id))
    if not await hub.is_streamed(owner, response_id):
        message = f"Response {response_id!r} was not created with 'stream': true. Retrieve it without 'stream'."
        raise ApiError(400, message, code="response_not_streamed", param="stream")
    return await _kept_stream(request, owner, response_id, starting_after)


@router.delete("/{response_id}")
async def delete(request: Request, owner: Owner, response_id: str) -> HttpResponse:
    """Forget a response; a running one is stopped first."""
    rooms = rooms_of(request)
    with contextlib.suppress(NotFoundError):  # one that is not stored may run all the same
        await rooms.hub.stop(owner, response_id)
    await rooms.store.delete_response(owner, response_id)
    rooms.hub.forget(response_id)
    return json_response(Deleted(id=response_id, object="response"))


@router.post("/{response_id}/cancel")
async def cancel(request: Request, owner: Owner, response_id: str) -> HttpResponse:
    """Stop a response, whoever started it in whatever way; one that has ended is returned as it is."""
    hub = rooms_of(request).hub
    return json_response(await hub.stop(owner, response_id))


@router.get("/{response_id}/input_items")
async def input_items(
    request: Request,
    owner: Owner,
    response_id: str,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: str | None = None,
) -> HttpResponse:
    """Everything that was put before the output of this response."""
    stored = await rooms_of(request).store.response_input_for(owner, response_id)
    return json_response(item_list([entry.item for entry in stored], limit=limit, order=order, after=after))


@router.post("/input_tokens")
async def input_tokens(request: Request, owner: Owner) -> HttpResponse:
    """How many tokens the rendered prompt of such a create would have."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    plan = await rooms.preparer.plan(owner, parse(CreateRequest, body))
    count = await rooms.hub.count_tokens(plan)
    return json_response(InputTokens(input_tokens=count))


async def _kept_stream(request: Request, owner: str, response_id: str, starting_after: int) -> HttpResponse:
    try:
        log = await rooms_of(request).hub.log_for(owner, response_id)
    except EventsNotKeptError as error:
        raise events_not_kept(response_id, 400, "stream") from error
    check_cursor(log, response_id, starting_after, needs_more=False)
    return event_stream(request, followed_events(log, starting_after))


async def _answer_again(
    request: Request, owner: str, stored: StoredResponse, create: CreateRequest, key: IdempotencyKey
) -> HttpResponse:
    """What the same request was answered before, which this server does not run, or no longer."""
    rooms = rooms_of(request)
    if create.stream:
        return await _kept_stream(request, owner, stored.id, -1)
    if not create.background:
        stored = await unless_left(request, ended_elsewhere(rooms.store, owner, stored.id)) or stored
        _succeeded(decode_response(stored.body), key)
    return json_response(stored.body)


def _no_obfuscation(param: str) -> ApiError:
    message = f"Events are not padded here: {param!r} cannot be honoured. Leave it out."
    return invalid(message, param, "unsupported_parameter")


def _succeeded(response: Response, key: IdempotencyKey | None) -> Response:
    """The response, unless it failed.

    Raises:
        ApiError: it failed; nobody who asked for plain JSON would look for `status: failed`.
    """
    failure = failure_of(response)
    if failure is None:
        return response
    # A key stands for this failure from now on: to send the same again would bring the same again.
    failure.is_final = key is not None
    raise failure
