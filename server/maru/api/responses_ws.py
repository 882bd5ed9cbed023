"""The WebSocket on `/v1/responses` (digest section 10): one session per connection.

Creates wait in a queue and run in order; a detached one (`maru:detach`) does not hold the queue, because it belongs to
the server, or to the tabs that show it. Every turn ends with exactly one terminal frame: the response's own, or an
error envelope.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from maru.api.caller import admitted
from maru.api.errors import api_error_of
from maru.api.http import decode_json
from maru.api.reloads import COOKIE
from maru.api.rooms import Rooms, rooms_of
from maru.protocol.errors import ApiError, invalid
from maru.protocol.events import Event, encode_event
from maru.protocol.requests import CreateRequest, FollowRequest, StopRequest, as_object, parse
from maru.protocol.steering import refused_steer
from maru.turns.chains import History, LocalChains
from maru.turns.run import Run, kept_output

logger = logging.getLogger(__name__)
router = APIRouter()

MAX_QUEUED_CREATES = 32
MAX_FOLLOWERS = 64
SEND_DEADLINE_S = 30.0
LIFETIME_S = 3600.0
GOING_AWAY = 1001  # what a browser says when a tab is closed, reloads or goes to another page
NO_CODE = 1005
TRY_AGAIN_LATER = 1013

_encode = msgspec.json.Encoder().encode


@router.websocket("/v1/responses")
async def responses_socket(websocket: WebSocket) -> None:
    """Serve one connection until either side closes it."""
    caller = await admitted(websocket)
    if caller is None:
        return
    await websocket.accept(subprotocol=caller.subprotocol)
    await Session(websocket, rooms_of(websocket), caller.owner).serve()


@dataclass(frozen=True, slots=True)
class _Create:
    request: CreateRequest
    raw: bytes


@dataclass(frozen=True, slots=True)
class _Refused:
    """A frame that could not be read; its error waits its turn, or it would be taken for the end of another."""

    error: ApiError
    stream_id: str | None


class Session:
    """One connection: a reader, a worker that runs creates in order, and followers."""

    def __init__(self, websocket: WebSocket, rooms: Rooms, owner: str) -> None:
        """Take an accepted socket and who speaks on it."""
        self._websocket = websocket
        self._rooms = rooms
        self._owner = owner
        self._chains = LocalChains()
        self._queue: asyncio.Queue[_Create | _Refused] = asyncio.Queue(MAX_QUEUED_CREATES)
        self._followers: set[asyncio.Task[None]] = set()
        self._current: Run | None = None
        self._current_lane: str | None = None
        self._refused_steers = 0
        self._carried: dict[str, Run] = {}
        self._sending_since: float | None = None
        self._opened_at = time.monotonic()

    async def serve(self) -> None:
        """Run until the connection ends; a plain run that is still going is stopped then."""
        worker = asyncio.create_task(self._work(), name="socket worker")
        watch = asyncio.create_task(self._watch(asyncio.current_task()), name="socket watch")
        close_code = None
        try:
            close_code = await self._read()
        except (WebSocketDisconnect, asyncio.CancelledError, OSError):
            pass
        finally:
            carried = tuple(self._carried.values())
            if self._current is not None and not self._current.plan.is_detached:
                self._current.stop()
            for task in (worker, watch, *self._followers):
                task.cancel()
            await asyncio.gather(worker, watch, *self._followers, return_exceptions=True)
            if close_code == GOING_AWAY:
                self._tab_gone(carried)

    def _tab_gone(self, carried: Sequence[Run]) -> None:
        """Stop what nobody looks at any more, unless the tab only reloads."""
        if self._rooms.reloads.is_reloading(self._websocket.cookies.get(COOKIE)):
            return
        for run in carried:
            if run.plan.ends_with_its_tab and not run.sockets:
                run.stop()

    async def _read(self) -> int:
        """Take frames until the other side closes; with which code."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return int(message.get("code") or NO_CODE)
            raw = message.get("text") or message.get("bytes") or ""
            stream_id = None
            try:
                frame = decode_json(raw)
                stream_id = _stream_id(frame)
                await self._take(frame, raw if isinstance(raw, bytes) else raw.encode())
            except ApiError as error:
                self._enqueue(_Refused(error, stream_id))

    async def _take(self, frame: object, raw: bytes) -> None:
        given = as_object(frame)
        if given is None:
            message = "A frame must be a JSON object with a 'type'."
            raise invalid(message, None, "invalid_type")
        match given.get("type"):
            case "response.create":
                request = parse(CreateRequest, given.get("response", given))
                if request.background:
                    raise invalid("'background' cannot be used on a socket; use 'maru:detach'.", "background")
                self._enqueue(_Create(request, raw))
            case "response.cancel":
                await self._cancel(parse(StopRequest, given).response_id)
            case "response.steer":
                await self._refuse_steer(given)
            case "maru:response.follow":
                await self._follow(parse(FollowRequest, given))
            case kind:
                message = f"Unknown frame type {kind!r}. Known: response.create, response.cancel, maru:response.follow."
                raise invalid(message, "type", "unknown_frame_type")

    def _enqueue(self, entry: _Create | _Refused) -> None:
        try:
            self._queue.put_nowait(entry)
        except asyncio.QueueFull:
            # A client that sends this much without waiting cannot be told in order any more.
            logger.info("closing a socket with %d waiting frames", MAX_QUEUED_CREATES)
            raise WebSocketDisconnect(TRY_AGAIN_LATER) from None

    async def _work(self) -> None:
        while True:
            entry = await self._queue.get()
            try:
                if isinstance(entry, _Refused):
                    await self._send_error(entry.error, entry.stream_id)
                elif time.monotonic() - self._opened_at > LIFETIME_S:
                    await self._retire(entry.request.stream_id)
                    return
                else:
                    await self._run(entry)
            except (WebSocketDisconnect, OSError):
                return

    async def _run(self, create: _Create) -> None:
        request = create.request
        try:
            plan = await self._rooms.preparer.plan(self._owner, request, create.raw, local=self._chains)
            run = await self._rooms.hub.start(plan)
        except Exception as error:  # noqa: BLE001 (the turn's outer edge: the client gets its one frame)
            if request.previous_response_id is not None:
                self._chains.continuation_failed(request.previous_response_id, request.stream_id)
            await self._send_error(api_error_of(error), request.stream_id)
            return
        if plan.is_detached:
            self._spawn(self._deliver_and_remember(run, request.stream_id))
            return
        self._current, self._current_lane = run, request.stream_id
        try:
            await self._deliver_and_remember(run, request.stream_id)
        finally:
            if not run.has_ended:
                run.stop()
            self._current, self._current_lane = None, None

    async def _deliver_and_remember(self, run: Run, stream_id: str | None) -> None:
        await self._deliver(run, stream_id, -1)
        response = run.snapshot
        if response.status == "failed":
            if response.previous_response_id is not None:
                self._chains.continuation_failed(response.previous_response_id, stream_id)
            return
        output = kept_output(response)
        added = (*run.plan.new, *output)
        history = (*run.plan.history, *added)
        if response.store:
            leaf = added[-1].id if added else run.plan.parent_id
            self._chains.keep(response.id, History(history, leaf), lane=stream_id)
        else:
            self._chains.keep(response.id, History(history), unstored=added, lane=stream_id)

    async def _follow(self, request: FollowRequest) -> None:
        run = self._rooms.hub.run_for(self._owner, request.response_id)
        if run is None:
            message = f"The events of response {request.response_id!r} are not kept. Retrieve it instead."
            error = ApiError(404, message, code="events_not_kept", param="response_id")
            await self._send_error(error, request.stream_id)
        elif len(self._followers) >= MAX_FOLLOWERS:
            message = f"This socket follows {MAX_FOLLOWERS} responses already; open another."
            error = ApiError(429, message, code="too_many_requests", type_="rate_limit_error")
            await self._send_error(error, request.stream_id)
        else:
            self._spawn(self._deliver(run, request.stream_id, request.starting_after))

    async def _cancel(self, response_id: str | None) -> None:
        # Some clients send no id: they mean the turn that runs on this socket. A stray stop is no error, because an
        # error frame would be read as the end of another turn.
        run = self._current if response_id is None else self._rooms.hub.run_for(self._owner, response_id)
        if run is not None:
            run.stop()

    async def _refuse_steer(self, frame: dict[str, object]) -> None:
        # The SDK sends no lane with a steer: it is that of the response that is meant.
        lane = _stream_id(frame)
        if lane is None and self._current is not None and self._current.id == frame.get("previous_response_id"):
            lane = self._current_lane
        number, self._refused_steers = self._refused_steers, self._refused_steers + 1
        await self._send(encode_event(refused_steer(frame, number, lane)).data)

    def _spawn(self, delivery: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(delivery, name="follower")
        self._followers.add(task)
        task.add_done_callback(self._follower_ended)

    def _follower_ended(self, task: asyncio.Task[None]) -> None:
        self._followers.discard(task)
        if not task.cancelled() and isinstance(task.exception(), Exception):
            logger.info("a follower left: %r", task.exception())

    async def _deliver(self, run: Run, stream_id: str | None, starting_after: int) -> None:
        self._carried[run.id] = run
        run.sockets += 1
        try:
            async for batch in run.log.follow(starting_after):
                for event in batch:
                    await self._send(event.data if stream_id is None else _with_stream_id(event, stream_id))
        finally:
            run.sockets -= 1
            self._carried.pop(run.id, None)

    async def _send(self, text: str) -> None:
        self._sending_since = time.monotonic()
        await self._websocket.send({"type": "websocket.send", "text": text})
        self._sending_since = None

    async def _send_error(self, error: ApiError, stream_id: str | None) -> None:
        await self._send(_encode(error.frame(stream_id)).decode())

    async def _watch(self, session: asyncio.Task[Any] | None) -> None:
        """Give up on a reader that takes nothing; its runs go their own way, and it may come back."""
        while True:
            await asyncio.sleep(1)
            since = self._sending_since
            if since is not None and time.monotonic() - since > SEND_DEADLINE_S and session is not None:
                logger.info("closing a socket that took nothing for %.0f s", SEND_DEADLINE_S)
                session.cancel()
                return

    async def _retire(self, stream_id: str | None) -> None:
        message = "This connection is 60 minutes old; open a new one."
        await self._send_error(ApiError(400, message, code="websocket_connection_limit_reached"), stream_id)
        with contextlib.suppress(RuntimeError, OSError):
            await self._websocket.close(1000)


def _stream_id(frame: object) -> str | None:
    stream_id = (as_object(frame) or {}).get("stream_id")
    return stream_id if isinstance(stream_id, str) else None


def _with_stream_id(event: Event, stream_id: str) -> str:
    # The id was checked against its pattern, so it needs no escaping.
    return f'{event.data[:-1]},"stream_id":"{stream_id}"}}'
