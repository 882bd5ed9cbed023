"""`/v1/responses` over HTTP: create (JSON, SSE), retrieve, delete, cancel, input items, token count."""

from collections.abc import AsyncIterator
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response as HttpResponse
from fastapi.responses import StreamingResponse

from maru.api.caller import Owner
from maru.api.following import HEARTBEAT_S, PING, SSE_HEADERS, failure_of, stay_until
from maru.api.http import json_response, read_json
from maru.api.pages_of_items import item_list
from maru.api.rooms import rooms_of
from maru.protocol.errors import ApiError, invalid
from maru.protocol.idempotency import HEADER, IdempotencyKey, idempotency_key_of
from maru.protocol.requests import CreateRequest, parse
from maru.protocol.response import Response, decode_response, encode_response
from maru.store.base import StoredResponse
from maru.turns.run import Run

router = APIRouter(prefix="/v1/responses")


@router.post("")
async def create(request: Request, owner: Owner) -> HttpResponse:
    """Answer a request: as JSON when it is whole, or event by event with `stream`. One with a key is answered once."""
    rooms = rooms_of(request)
    body, raw = await read_json(request, rooms.settings.max_frame_bytes)
    parsed = parse(CreateRequest, body)
    if parsed.stream_options.include_obfuscation:
        raise _no_obfuscation("stream_options.include_obfuscation")
    key = idempotency_key_of(request.headers.get(HEADER), parsed, body)
    prepare = partial(rooms.preparer.plan, owner, parsed, raw)
    if key is None:
        run = await rooms.hub.start(await prepare())
    else:
        found = await rooms.hub.start_once(owner, key, prepare, now=rooms.now())
        if isinstance(found, StoredResponse):
            return _answer_again(found, parsed, key)
        run = found
    if parsed.stream:
        return _event_stream(run, -1, is_creator=True)
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
    starting_after: int = -1,
    include_obfuscation: bool = False,
) -> HttpResponse:
    """A response as it is now; with `stream`, its events after a number and then the live ones."""
    if include_obfuscation:
        raise _no_obfuscation("include_obfuscation")
    rooms = rooms_of(request)
    run = rooms.hub.run_for(owner, response_id)
    if run is not None and stream:
        return _event_stream(run, starting_after, is_creator=False)
    if run is not None and run.plan.start.store:
        return json_response(encode_response(run.snapshot))
    stored = await rooms.store.response_for(owner, response_id)
    if stream:
        raise _events_not_kept(response_id)
    return json_response(stored.body)


@router.delete("/{response_id}")
async def delete(request: Request, owner: Owner, response_id: str) -> HttpResponse:
    """Forget a response; a running one is stopped first."""
    rooms = rooms_of(request)
    run = rooms.hub.run_for(owner, response_id)
    if run is not None:
        run.stop()
        await run.ended()
    await rooms.store.delete_response(owner, response_id)
    rooms.hub.forget(response_id)
    return json_response({"id": response_id, "object": "response", "deleted": True})


@router.post("/{response_id}/cancel")
async def cancel(request: Request, owner: Owner, response_id: str) -> HttpResponse:
    """Stop a response, whoever started it in whatever way; one that has ended is returned as it is."""
    rooms = rooms_of(request)
    run = rooms.hub.run_for(owner, response_id)
    if run is not None:
        run.stop()
        await run.ended()
        return json_response(encode_response(run.snapshot))
    return json_response((await rooms.store.response_for(owner, response_id)).body)


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
    body, raw = await read_json(request, rooms.settings.max_frame_bytes)
    plan = await rooms.preparer.plan(owner, parse(CreateRequest, body), raw)
    count = await rooms.hub.count_tokens(plan)
    return json_response({"object": "response.input_tokens", "input_tokens": count})


def _event_stream(run: Run, starting_after: int, *, is_creator: bool) -> StreamingResponse:
    return StreamingResponse(
        _sse(run, starting_after, is_creator=is_creator), media_type="text/event-stream", headers=SSE_HEADERS
    )


async def _sse(run: Run, starting_after: int, *, is_creator: bool) -> AsyncIterator[bytes]:
    try:
        async for batch in run.log.follow(starting_after, heartbeat_s=HEARTBEAT_S):
            yield b"".join(event.sse() for event in batch) or PING
        yield b"data: [DONE]\n\n"
    finally:
        # Leaving is how a plain request is stopped; a detached run does not care who listens.
        if is_creator and not run.plan.is_detached:
            run.stop()


def _answer_again(stored: StoredResponse, request: CreateRequest, key: IdempotencyKey) -> HttpResponse:
    """What the same request was answered before, of which no run is left."""
    if request.stream:
        raise _events_not_kept(stored.id)
    if not request.background:
        _succeeded(decode_response(stored.body), key)
    return json_response(stored.body)


def _events_not_kept(response_id: str) -> ApiError:
    message = f"The events of response {response_id!r} are no longer kept. Retrieve it without 'stream'."
    return ApiError(400, message, code="events_not_kept", param="stream")


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
