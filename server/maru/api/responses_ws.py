"""The WebSocket on `/v1/responses` (digest section 10): one session per connection, which reads its frames.

What a create leads to is decided by `socket_turns.py`; how things go out, by `socket_sender.py`.
"""

import asyncio
import contextlib
from collections.abc import Sequence

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from maru.api.caller import SocketCaller, admitted, until_shut_out
from maru.api.errors import api_error_of
from maru.api.following import check_cursor, events_not_kept
from maru.api.http import decode_json
from maru.api.reloads import COOKIE
from maru.api.rooms import Rooms, rooms_of
from maru.api.socket_deliveries import Deliveries
from maru.api.socket_queue import Create, Refused
from maru.api.socket_sender import SocketSender
from maru.api.socket_turns import Turns
from maru.protocol.errors import ApiError, invalid, shown
from maru.protocol.events import encode_event
from maru.protocol.frames import FollowRequest, StopRequest
from maru.protocol.incoming import as_object
from maru.protocol.lanes import Lanes, lane_named
from maru.protocol.requests import CreateRequest, parse
from maru.protocol.steering import refused_steer
from maru.store.base import NotFoundError, StoreError
from maru.turns.log import Followed
from maru.turns.run import Run
from maru.turns.stored_log import EventsNotKeptError

router = APIRouter()

MAX_DELIVERIES = 64
LAST_MOMENTS_S = 30.0  # before a socket's end, in which no turn begins
LAST_MOMENTS_SHARE = 0.1  # of its life, where that is short
POLICY_VIOLATION = 1008
GOING_AWAY = 1001  # what a browser says when a tab is closed, reloads or goes to another page
OF_A_LANE_THAT_IS_THERE = ("response.cancel", "response.steer")
HTTP_ONLY = ("stream", "stream_options")  # ignored here, because agents SDKs send them with every create


@router.websocket("/v1/responses")
async def responses_socket(websocket: WebSocket) -> None:
    """Serve one connection until either side closes it."""
    caller = await admitted(websocket)
    if caller is None:
        return
    await websocket.accept(subprotocol=caller.subprotocol)
    await Session(websocket, rooms_of(websocket), caller).serve()


class Session:
    """One connection: takes frames as they come, so that pongs and stops are heard while an answer runs."""

    def __init__(self, websocket: WebSocket, rooms: Rooms, caller: SocketCaller) -> None:
        """Take an accepted socket and who speaks on it."""
        self._websocket = websocket
        self._rooms = rooms
        self._owner = caller.owner
        self._has_key = caller.has_key
        self._lanes = Lanes()
        self._sender = SocketSender(websocket)
        self._deliveries = Deliveries()
        self._turns = Turns(rooms, caller.owner, self._sender, self._deliveries)
        self._refused_steers = 0
        self._is_tab_closed = False

    async def serve(self) -> None:
        """Run until the connection ends; a plain run that is still going is stopped then."""
        workers = [asyncio.create_task(self._turns.work(), name="socket turns")]
        if self._has_key:
            workers.append(asyncio.create_task(self._watch_key(), name="socket key"))
        loop, life_s = asyncio.get_running_loop(), self._rooms.settings.socket_lifetime_s
        last_moments_s = min(LAST_MOMENTS_S, life_s * LAST_MOMENTS_SHARE)
        timers = (
            loop.call_later(life_s - last_moments_s, self._turns.stop_taking),
            loop.call_later(life_s, self._turns.end),
        )
        try:
            await self._read()
        except (WebSocketDisconnect, asyncio.CancelledError):
            pass
        finally:
            for timer in timers:
                timer.cancel()
            carried = tuple(self._sender.carried)
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            await self._deliveries.close()
            if self._is_tab_closed:
                await self._stop_what_nobody_sees(carried)

    async def _watch_key(self) -> None:
        await until_shut_out(self._websocket)
        await self._sender.close(POLICY_VIOLATION, "The API key was revoked.")

    async def _stop_what_nobody_sees(self, carried: Sequence[Run]) -> None:
        if self._rooms.reloads.is_reloading(self._websocket.cookies.get(COOKIE)):
            return
        for run in carried:
            if run.plan.ends_with_its_tab and not run.sockets:
                run.stop()
        if (beginning := self._turns.left_beginning) is not None:
            with contextlib.suppress(StoreError):  # it was refused
                await self._rooms.hub.ask_to_stop(self._owner, beginning)

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                self._is_tab_closed = message.get("code") == GOING_AWAY and not self._sender.has_closed
                return
            refused = await self._refused(message.get("text") or message.get("bytes") or "")
            if refused is None:
                continue
            try:
                self._turns.put(refused)
            except ApiError as error:
                # Whoever sends this much without reading cannot be told in order any more.
                await self._sender.error(error, refused.stream_id)
                await self._sender.close(POLICY_VIOLATION, "Too much waits on this socket.")
                return

    async def _refused(self, raw: str | bytes) -> Refused | None:
        """Take one frame; what is wrong with it, if anything."""
        lane = None
        try:
            frame = _object(decode_json(raw))
            lane = lane_named(name := _stream_id(frame))
            if frame.get("type") not in OF_A_LANE_THAT_IS_THERE:
                self._lanes.join(name)
            await self._take(frame, lane, len(raw if isinstance(raw, bytes) else raw.encode()))
        except WebSocketDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 (the frame's outer edge: one that we choke on must not end the rest)
            return Refused(api_error_of(error), lane)
        return None

    async def _take(self, frame: dict[str, object], lane: str | None, size_bytes: int) -> None:
        match frame.get("type"):
            case "response.create":
                request = parse(CreateRequest, _create_of(frame, lane))
                if request.background:
                    raise invalid("'background' cannot be used on a socket; use 'maru:detach'.", "background")
                self._turns.put(Create(request, size_bytes))
            case "response.cancel":
                await self._turns.cancel(parse(StopRequest, frame))
            case "response.steer":
                await self._refuse_steer(frame)
            case "maru:response.follow":
                await self._follow(parse(FollowRequest, frame))
            case kind:
                known = "response.create, response.cancel, response.steer, maru:response.follow"
                raise invalid(f"Unknown frame type {shown(kind)}. Known: {known}.", "type", "unknown_frame_type")

    async def _follow(self, request: FollowRequest) -> None:
        # Its error waits for no turn: whoever follows while a turn runs tells them apart by their lanes.
        try:
            self._check_room()
            run = self._rooms.hub.run_for(self._owner, request.response_id)
            log = await self._stored_log(request.response_id) if run is None else run.log
            check_cursor(log, request.response_id, request.starting_after, needs_more=True)
        except (ApiError, StoreError) as error:
            await self._sender.error(api_error_of(error), request.stream_id)
            return
        if run is None:
            self._deliveries.start(self._deliver_stored(log, request))
        else:
            self._deliveries.start(self._sender.deliver(run, request.stream_id, request.starting_after))

    async def _deliver_stored(self, log: Followed, request: FollowRequest) -> None:
        """A follower gets a last frame in any case: where it is no event, an error."""
        response_id, after = request.response_id, request.starting_after
        try:
            if not await self._sender.deliver_log(log, request.stream_id, after):
                # It was deleted, or ended before the number that was asked for.
                check_cursor(await self._stored_log(response_id), response_id, after, needs_more=True)
        except WebSocketDisconnect:
            raise
        except Exception as error:  # noqa: BLE001 (the delivery's outer edge: the client gets its last frame)
            await self._sender.error(api_error_of(error), request.stream_id)

    def _check_room(self) -> None:
        if len(self._deliveries) >= MAX_DELIVERIES:
            message = f"This socket follows {MAX_DELIVERIES} responses already; open another."
            raise ApiError(429, message, code="too_many_requests", type_="rate_limit_error")

    async def _stored_log(self, response_id: str) -> Followed:
        try:
            return await self._rooms.hub.log_for(self._owner, response_id)
        except (EventsNotKeptError, NotFoundError) as error:
            raise events_not_kept(response_id, 404, "response_id") from error

    async def _refuse_steer(self, frame: dict[str, object]) -> None:
        # The SDK sends no lane with a steer: it is that of the response that is meant.
        lane = lane_named(frame.get("stream_id")) or self._turns.lane_of(frame.get("previous_response_id"))
        number, self._refused_steers = self._refused_steers, self._refused_steers + 1
        await self._sender.event(encode_event(refused_steer(frame, number, lane)))


def _object(body: object) -> dict[str, object]:
    frame = as_object(body)
    if frame is None:
        raise invalid("A frame must be a JSON object with a 'type'.", None, "invalid_type")
    return frame


def _create_of(frame: dict[str, object], lane: str | None) -> object:
    """The create, which stands beside `type` or under `response`."""
    nested = frame.get("response", frame)
    body = as_object(nested)
    if body is None:
        return nested
    return {**{key: value for key, value in body.items() if key not in HTTP_ONLY}, "stream_id": lane}


def _stream_id(frame: dict[str, object]) -> object:
    """The lane of a frame, wherever it stands in it."""
    nested = as_object(frame.get("response"))
    return frame.get("stream_id") if nested is None else nested.get("stream_id", frame.get("stream_id"))
