"""The turns of one socket: creates are started one after another, each answered with exactly one terminal frame.

A detached one (`maru:detach`) does not hold the queue, because it belongs to the server, or to the tabs that show it.
"""

import contextlib
import logging
from dataclasses import replace

from fastapi import WebSocketDisconnect

from maru.api.errors import api_error_of
from maru.api.rooms import Rooms
from maru.api.socket_deliveries import Deliveries
from maru.api.socket_queue import Create, Refused, TurnQueue
from maru.api.socket_sender import SocketSender
from maru.protocol.errors import ApiError
from maru.protocol.frames import StopRequest
from maru.store.base import StoreError
from maru.turns.chains import History, LocalChains
from maru.turns.run import Run, kept_output

logger = logging.getLogger(__name__)

GOING_AWAY = 1001  # clients open a new connection by themselves
INTERNAL_ERROR = 1011


class Turns:
    """What the owner of one socket has asked for."""

    def __init__(self, rooms: Rooms, owner: str, sender: SocketSender, deliveries: Deliveries) -> None:
        """Answer through `sender`; detached turns are among the `deliveries`."""
        self._rooms = rooms
        self._owner = owner
        self._sender = sender
        self._queue = TurnQueue(rooms.settings.max_frame_bytes)
        self._chains = LocalChains()
        self._deliveries = deliveries
        self._current: Create | None = None
        self._run: Run | None = None
        self._takes_turns = True
        self.left_beginning: str | None = None  # the response that the end of the socket found on its way to begin

    def put(self, entry: Create | Refused) -> None:
        """Let a turn wait.

        Raises:
            ApiError: too many wait already.
        """
        self._queue.put(entry)

    async def cancel(self, request: StopRequest) -> None:
        """Stop a run by its id, or else the turn that runs, or else the one that is next.

        What is unknown or ended is no error: an error frame would be read as the end of another turn.
        """
        if request.response_id is not None:
            with contextlib.suppress(StoreError):
                await self._rooms.hub.ask_to_stop(self._owner, request.response_id)
        elif self._current is not None and request.stream_id in {None, self._current.request.stream_id}:
            self._current.is_cancelled = True
            if self._run is not None:
                self._run.stop()
        else:
            self._queue.cancel_first(request.stream_id)

    def lane_of(self, response_id: object) -> str | None:
        """The lane of the response that runs, if it is this one."""
        is_it = self._current is not None and self._run is not None and self._run.id == response_id
        return self._current.request.stream_id if is_it and self._current is not None else None

    def stop_taking(self) -> None:
        """The connection is nearly too old: what begins from here on is refused."""
        self._takes_turns = False

    def end(self) -> None:
        """The connection is too old: it closes when the turn that runs has ended."""
        self._queue.end()

    async def work(self) -> None:
        """Run the turns until the connection is too old or gone; cancelling stops the one that runs."""
        try:
            while (entry := await self._queue.take()) is not None:
                await self._answer(entry)
            await self._sender.error(_too_old(), None)
            await self._sender.close(GOING_AWAY, "The connection is as old as one may be.")
        except WebSocketDisconnect:
            return
        except Exception:  # the task's outer edge: without it the socket would stay open and never answer
            logger.exception("the turns of a socket broke")
            with contextlib.suppress(WebSocketDisconnect):
                await self._sender.close(INTERNAL_ERROR, "The server made a mistake. It was logged.")

    async def _answer(self, entry: Create | Refused) -> None:
        if isinstance(entry, Refused):
            await self._sender.error(entry.error, entry.stream_id)
            return
        if not self._takes_turns:
            await self._sender.error(_too_old(), entry.request.stream_id)
            return
        self._current = entry
        try:
            await self._start(entry)
        finally:
            self._current = None

    async def _start(self, create: Create) -> None:
        request = create.request
        try:
            plan = await self._rooms.preparer.plan(self._owner, request, local=self._chains)
            self.left_beginning = plan.start.id if plan.ends_with_its_tab else None
            run = await self._rooms.hub.start(plan)
            self.left_beginning = None
        except Exception as error:  # noqa: BLE001 (the turn's outer edge: the client gets its one frame)
            self.left_beginning = None
            if request.previous_response_id is not None:
                self._chains.continuation_failed(request.previous_response_id, request.stream_id)
            await self._sender.error(api_error_of(error), request.stream_id)
            return
        if create.is_cancelled:
            run.stop()
        if plan.is_detached:
            self._deliveries.start(self._deliver(run, request.stream_id))
            return
        self._run = run
        try:
            await self._deliver(run, request.stream_id)
        finally:
            self._run = None
            if not run.has_ended:
                run.stop()

    async def _deliver(self, run: Run, lane: str | None) -> None:
        await self._sender.deliver(run, lane, before_end=lambda: self._remember(run, lane))

    def _remember(self, run: Run, lane: str | None) -> None:
        response = run.snapshot
        if response.status == "failed":
            if response.previous_response_id is not None:
                self._chains.continuation_failed(response.previous_response_id, lane)
            return
        if response.conversation is not None:
            return  # the conversation has it all; a history as long as it would be weighed here after each turn
        added = (*run.plan.new, *kept_output(response))
        history = History((*run.plan.history, *added), pinned=run.plan.pinned, ledger=run.ledger)
        if response.store:
            leaf = added[-1].id if added else run.plan.parent_id
            self._chains.keep(response.id, replace(history, leaf_id=leaf), lane=lane)
        else:
            self._chains.keep(response.id, history, unstored=added, lane=lane)


def _too_old() -> ApiError:
    message = "This connection is as old as one may be; open a new one."
    return ApiError(400, message, code="websocket_connection_limit_reached")
