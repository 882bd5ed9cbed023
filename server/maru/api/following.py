"""Waiting for a run over HTTP, the same way for every route that starts one: events, heartbeats, leaving, failures."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Iterator, Sequence
from typing import Any, Literal, TypeVar

from fastapi import Request
from fastapi.responses import StreamingResponse

from maru.api.caller import until_shut_out
from maru.protocol.chat_chunks import error_event
from maru.protocol.errors import ApiError, invalid
from maru.protocol.events import Event
from maru.protocol.response import Response
from maru.turns.log import EventLog, Followed
from maru.turns.run import Run

T = TypeVar("T")
HEARTBEAT_S = 15.0
MAX_CHUNK_BYTES = 64 * 1024
PING = b": ping\n\n"
DONE = b"data: [DONE]\n\n"
_SSE_HEADERS = {"cache-control": "no-cache", "x-accel-buffering": "no"}
KEY_REVOKED = ApiError(401, "The API key was revoked.", code="invalid_api_key")
HTTP_STATUS_OF_CODE = {
    "rate_limit_exceeded": 429,
    "context_length_exceeded": 400,
    "invalid_prompt": 400,
    "server_error": 503,
}


def event_stream(request: Request, events: AsyncGenerator[bytes]) -> StreamingResponse:
    """Server-sent events as the answer to a request, until they end or the key that it came with is revoked."""
    allowed = _unless_shut_out(request, events) if request.state.has_key else events
    return StreamingResponse(allowed, media_type="text/event-stream", headers=_SSE_HEADERS)


async def _unless_shut_out(request: Request, events: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    shut_out = asyncio.ensure_future(until_shut_out(request))
    coming: asyncio.Future[bytes] | None = None
    try:
        while True:
            coming = asyncio.ensure_future(anext(events))
            await asyncio.wait({coming, shut_out}, return_when=asyncio.FIRST_COMPLETED)
            if shut_out.done():
                yield error_event(KEY_REVOKED)
                return
            yield await coming
    except StopAsyncIteration:
        return
    finally:
        shut_out.cancel()
        if coming is not None and not coming.done():
            coming.cancel()
            await asyncio.wait({coming})
        await events.aclose()


async def followed_events(log: Followed, starting_after: int) -> AsyncGenerator[bytes]:
    """Server-sent events after a number, the live ones too, and the mark of the end."""
    async for batch in log.follow(starting_after, heartbeat_s=HEARTBEAT_S):
        if not batch:
            yield PING
        for chunk in _chunks(batch):
            yield chunk
    yield DONE


def _chunks(batch: Sequence[Event]) -> Iterator[bytes]:
    # Cut, because the log of a long answer is megabytes, and each slow reader would hold its own.
    texts, size = list[bytes](), 0
    for event in batch:
        texts.append(event.sse())
        size += len(texts[-1])
        if size >= MAX_CHUNK_BYTES:
            yield b"".join(texts)
            texts, size = [], 0
    if texts:
        yield b"".join(texts)


async def events_until_creator_leaves(run: Run) -> AsyncGenerator[bytes]:
    """All events of a run, for the request that started it: it is stopped when its client leaves, unless detached."""
    try:
        async for events in followed_events(run.log, -1):
            yield events
    finally:
        if not run.plan.is_detached:
            run.stop()


async def stay_until(request: Request, run: Run, moment: Coroutine[Any, Any, None]) -> None:
    """Wait for a moment of this run that also comes when it is stopped; it is, if the client leaves before.

    A detached run goes on without its client.
    """
    reached = asyncio.ensure_future(moment)
    left = asyncio.ensure_future(_client_left(request))
    try:
        await asyncio.wait({reached, left}, return_when=asyncio.FIRST_COMPLETED)
        if not reached.done() and not run.plan.is_detached:
            run.stop()
        await reached
    finally:
        left.cancel()


async def unless_left(request: Request, work: Coroutine[Any, Any, T]) -> T | None:
    """What the work returns; None when the client left before, with which the work is cancelled."""
    doing = asyncio.ensure_future(work)
    left = asyncio.ensure_future(_client_left(request))
    try:
        await asyncio.wait({doing, left}, return_when=asyncio.FIRST_COMPLETED)
        return await doing if doing.done() else None
    finally:
        doing.cancel()
        left.cancel()


def events_not_kept(response_id: str, status: int, param: str) -> ApiError:
    """The refusal of a stream of which nothing is left."""
    message = f"The events of response {response_id!r} are not kept. Retrieve it without following it."
    return ApiError(status, message, code="events_not_kept", param=param)


def check_cursor(log: Followed, response_id: str, after: int, *, needs_more: bool) -> None:
    """Refuse to follow from a number that no event has.

    The events of another server come late, so that nothing can be told of its numbers before the response has ended.

    Args:
        log: what is to be followed.
        response_id: whose it is.
        after: the number that the client saw last; -1: none.
        needs_more: whether at least one event must be left, because nothing else would tell that there is none.

    Raises:
        ApiError: `invalid_value`.
    """
    if not isinstance(log, EventLog):
        return
    last = log.last_number
    if after > last or (needs_more and log.is_closed and after == last):
        message = f"Response {response_id!r} has no event after number {after}: its last is {last}."
        raise invalid(message, "starting_after")


def failure_of(response: Response) -> ApiError | None:
    """The error that a failed response is for someone who waited for its answer."""
    if response.status != "failed" or response.error is None:
        return None
    code, message = response.error.code, response.error.message
    status = HTTP_STATUS_OF_CODE.get(code, 500)
    type_: Literal["rate_limit_error", "server_error", "invalid_request_error"]
    type_ = "invalid_request_error" if status == 400 else "rate_limit_error" if status == 429 else "server_error"  # noqa: PLR2004 (HTTP statuses)
    return ApiError(status, message, code=code, type_=type_)


async def _client_left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
