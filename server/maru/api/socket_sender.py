"""Everything that goes out on one socket: events of runs, errors, and the bound on what waits for a slow reader.

A reader that is behind finds many events waiting in the log. They go out in few writes, each event still a frame of its
own with the bytes that every other follower gets.
"""

from collections.abc import Callable, Sequence

import msgspec
from fastapi import WebSocket, WebSocketDisconnect
from starlette.types import Message
from starlette.websockets import WebSocketState

from maru.protocol.errors import ApiError
from maru.protocol.events import TERMINAL_TYPES, Event
from maru.turns.log import Followed
from maru.turns.run import Run

JOINED_FRAMES = "maru.frames"
"""Key of an ASGI message with many texts, for a server whose scope has an extension of this name (`transport.py`)."""
MAX_WRITE_CHARS = 64 * 1024
CLOSED = 1006

_encode = msgspec.json.Encoder().encode


class SocketSender:
    """Writes to an accepted socket; waits while its reader is behind, and several may wait at once."""

    def __init__(self, websocket: WebSocket) -> None:
        """Join frames where the server can."""
        self.carried: list[Run] = []  # whose events are being delivered
        self._websocket = websocket
        self._can_join = JOINED_FRAMES in websocket.scope.get("extensions", {})

    async def deliver(
        self, run: Run, stream_id: str | None, starting_after: int = -1, *, before_end: Callable[[], None] | None = None
    ) -> None:
        """Send the events of a run after a number, to its end.

        Args:
            run: whose.
            stream_id: the lane that each event is marked with.
            starting_after: the number after which to begin; -1: all.
            before_end: called once the run has ended, before its last event is sent: whoever reads that may go on.

        Raises:
            WebSocketDisconnect: the reader is gone.
        """
        self.carried.append(run)
        run.sockets += 1
        try:
            async for batch in run.log.follow(starting_after):
                if run.has_ended and before_end is not None:
                    before_end()
                await self._events(batch, stream_id)
        finally:
            run.sockets -= 1
            self.carried.remove(run)

    async def deliver_log(self, log: Followed, stream_id: str | None, starting_after: int) -> bool:
        """Send the events of a response that this server does not run; returns whether the terminal one was among them.

        Raises:
            StoreError: the events cannot be read on.
            WebSocketDisconnect: the reader is gone.
        """
        has_ended = False
        async for batch in log.follow(starting_after):
            await self._events(batch, stream_id)
            has_ended = batch[-1].type in TERMINAL_TYPES
        return has_ended

    @property
    def has_closed(self) -> bool:
        """Whether this side closed the socket, or found it gone."""
        return self._websocket.application_state is WebSocketState.DISCONNECTED

    async def event(self, event: Event) -> None:
        """Send an event that belongs to no run."""
        await self._text(event.data)

    async def error(self, error: ApiError, stream_id: str | None) -> None:
        """Send an error frame."""
        await self._text(_encode(error.frame(stream_id)).decode())

    async def close(self, code: int, reason: str) -> None:
        """Close from this side."""
        await self._send({"type": "websocket.close", "code": code, "reason": reason})

    async def _events(self, batch: Sequence[Event], stream_id: str | None) -> None:
        texts: list[str] = []
        size = 0
        for event in batch:
            text = event.data if stream_id is None else _in_lane(event, stream_id)
            texts.append(text)
            size += len(text)
            if size >= MAX_WRITE_CHARS:
                await self._texts(texts)
                texts, size = [], 0
        if texts:
            await self._texts(texts)

    async def _texts(self, texts: Sequence[str]) -> None:
        if self._can_join:
            await self._send({"type": "websocket.send", JOINED_FRAMES: texts})
            return
        for text in texts:
            await self._text(text)

    async def _text(self, text: str) -> None:
        await self._send({"type": "websocket.send", "text": text})

    async def _send(self, message: Message) -> None:
        if self.has_closed:
            raise WebSocketDisconnect(CLOSED)  # Starlette would call it a mistake of ours
        await self._websocket.send(message)


def _in_lane(event: Event, stream_id: str) -> str:
    # The id was checked against its pattern, so it needs no escaping.
    return f'{event.data[:-1]},"stream_id":"{stream_id}"}}'
