"""uvicorn's protocols with the bounds that they lack, for peers that send or read as no honest one does.

Knows bytes and frames, not what they mean. Without it, a peer that stops reading, that pings without reading, that
never ends its headers or that cuts its message into millions of pieces costs memory for as long as it likes.
"""

import asyncio
import logging
import socket
import sys
from asyncio import TimerHandle, Transport
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.exceptions import InvalidState
from websockets.frames import Frame
from websockets.protocol import State

from maru.api.http import error_response
from maru.api.socket_sender import JOINED_FRAMES
from maru.protocol.errors import ApiError

logger = logging.getLogger(__name__)

HEADERS_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
HEADERS_WITHIN_S = 20.0
LINGER_S = 5.0
MAX_HEADER_BYTES = 16 * 1024  # of a request, together
MAX_FRAGMENTS = 131_072  # of one message; the Autobahn suite sends 65,536
LOOKS_PER_DEADLINE = 10
UNSENT_BYTES = 128 * 1024
POLICY_VIOLATION = 1008
TRY_AGAIN_LATER = 1013


def bound_unsent(listener: socket.socket) -> None:
    """Let the kernel hold little of what was not sent yet, on every connection of this listener.

    By default it takes megabytes for a reader that is slow, and takes more only when a third of them is gone: so long
    nobody can tell a slow reader from one that has stopped.
    """
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


class BoundedHttp(H11Protocol):
    """HTTP whose headers must come within a time."""

    _headers_due: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]
        """A connection that says nothing is one whose headers do not come."""
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        """Between requests uvicorn closes what rests; a request that has begun must go on."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._forget_headers()
        elif self._headers_due is None:
            self._expect_headers()

    def send_400_response(self, msg: str) -> None:
        """Say so when it is the headers that are too long; uvicorn has one answer for whatever h11 refuses."""
        error = sys.exception()
        if not isinstance(error, h11.RemoteProtocolError) or error.error_status_hint != HEADERS_TOO_LARGE:
            super().send_400_response(msg)
            return
        message = f"The headers of a request may have {MAX_HEADER_BYTES} bytes."
        answer = error_response(ApiError(HEADERS_TOO_LARGE, message, code="invalid_handshake"))
        headers = [*answer.raw_headers, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=answer.status_code, headers=headers, reason=HEADERS_TOO_LARGE.phrase),
            h11.Data(data=bytes(answer.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is expected any more."""
        self._forget_headers()
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        self._headers_due = self.loop.call_later(HEADERS_WITHIN_S, self._give_up)

    def _forget_headers(self) -> None:
        if self._headers_due is not None:
            self._headers_due.cancel()
            self._headers_due = None

    def _give_up(self) -> None:
        if self.transport.is_closing():
            return
        if self.conn.trailing_data[0]:
            self.send_400_response(f"The headers did not come within {HEADERS_WITHIN_S:.0f} s.")
        else:
            self.transport.close()  # browsers open connections in advance; an answer to no request confuses them


class BoundedSocket(WebSocketsSansIOProtocol):
    """A WebSocket that gives up on a peer who takes nothing, and that can write many frames at once."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        send_deadline_s: float,
    ) -> None:
        """See `WebSocketsSansIOProtocol`; a peer may take nothing for `send_deadline_s`, then as long for the rest."""
        super().__init__(config, server_state, app_state, _loop)
        self._send_deadline_s = send_deadline_s
        self._heard_at = 0.0
        self._moved_at = 0.0
        self._unsent_bytes = 0
        self._look_timer: TimerHandle | None = None
        self._abort_timer: TimerHandle | None = None
        self._held_pong = b""
        self._is_lost = False

    # ----------------------------------------------------------------------------------------------------- coming in

    def data_received(self, data: bytes) -> None:
        """Answer also the handshakes that uvicorn leaves without one."""
        self._heard_at = self.loop.time()
        if self.conn.parser_exc is not None:
            return
        super().data_received(data)
        if not self.handshake_initiated and self.conn.handshake_exc is not None:
            self._refuse_handshake()

    def handle_connect(self, event: Any) -> None:  # noqa: ANN401 (uvicorn's type)
        """Tell the application that frames may be joined."""
        super().handle_connect(event)
        if not self.handshake_complete:
            cast("dict[str, Any]", self.scope.get("extensions"))[JOINED_FRAMES] = {}

    def handle_cont(self, event: Frame) -> None:
        """Bound the pieces of a message: each costs more memory than its bytes."""
        if self.close_sent:
            return
        if len(self.frames) >= MAX_FRAGMENTS:
            self.frames = []
            self.conn.fail(POLICY_VIOLATION, f"A message may have {MAX_FRAGMENTS} fragments.")
            self.handle_parser_exception()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Hold the pong back while the peer reads nothing; of several the newest will do (RFC 6455, 5.5.3)."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)
        elif pong:
            self._held_pong = pong

    def keepalive_timeout(self) -> None:
        """A peer is alive that sends us a long frame, in which no pong can come, or that still takes one of ours."""
        if self._heard_at > self.ping_sent_at or not self.writable.is_set():
            self.pong_timer = None
            self.pending_ping_payload = None
            self.schedule_ping()
            return
        super().keepalive_timeout()
        self._abort_later()

    # ----------------------------------------------------------------------------------------------------- going out

    async def send(self, message: Any) -> None:  # noqa: ANN401 (uvicorn's type)
        """Take many frames in one message too."""
        texts: Sequence[str] | None = message.get(JOINED_FRAMES)
        if texts is None:
            await super().send(message)
            return
        await self.writable.wait()
        if self.disconnected or self.close_sent:
            raise ClientDisconnected
        try:
            for text in texts:
                self.conn.send_text(text.encode())
        except InvalidState as error:
            raise ClientDisconnected from error
        self.transport.write(b"".join(self.conn.data_to_send()))

    def pause_writing(self) -> None:
        """The peer is behind: see to it that it goes on taking."""
        super().pause_writing()
        self._moved_at, self._unsent_bytes = self.loop.time(), self.transport.get_write_buffer_size()
        self._look_again()

    def resume_writing(self) -> None:
        """The peer has caught up."""
        self._stop_looking()
        super().resume_writing()
        if self._held_pong and not self.close_sent:
            self.transport.write(self._held_pong)
        self._held_pong = b""

    def _look_again(self) -> None:
        self._look_timer = self.loop.call_later(self._send_deadline_s / LOOKS_PER_DEADLINE, self._look)

    def _stop_looking(self) -> None:
        if self._look_timer is not None:
            self._look_timer.cancel()
            self._look_timer = None

    def _look(self) -> None:
        now, unsent = self.loop.time(), self.transport.get_write_buffer_size()
        if unsent != self._unsent_bytes:
            self._moved_at, self._unsent_bytes = now, unsent
        elif now - self._moved_at >= self._send_deadline_s:
            self._give_up()
            return
        self._look_again()

    def _give_up(self) -> None:
        reason = f"Nothing was read for {self._send_deadline_s:.0f} s; come back and follow."
        logger.info("closing a socket whose client read nothing for %.0f s", self._send_deadline_s)
        if self.conn.state is State.OPEN:
            # It waits behind all that was not read; whoever reads on within as long again will see it.
            self.conn.send_close(TRY_AGAIN_LATER, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.queue.put_nowait({"type": "websocket.disconnect", "code": TRY_AGAIN_LATER, "reason": reason})
        self.disconnected = True
        self.writable.set()
        self._abort_later()

    # --------------------------------------------------------------------------------------------------------- ending

    async def run_asgi(self) -> None:
        """A transport that is closed waits for the peer to take the rest, which one that takes nothing never does."""
        await super().run_asgi()
        self._abort_later()

    def handle_parser_exception(self) -> None:
        """Read on for a while after the close frame: a peer that is still sending would lose it to a reset."""
        close = self.conn.close_sent
        if close is not None:
            self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.write_eof()
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_S, self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is to be done any more."""
        self._is_lost = True
        self._stop_looking()
        if self._abort_timer is not None:
            self._abort_timer.cancel()
        super().connection_lost(exc)

    def _abort_later(self) -> None:
        if self._abort_timer is None and not self._is_lost:
            self._abort_timer = self.loop.call_later(self._send_deadline_s, self.transport.abort)

    def _refuse_handshake(self) -> None:
        message = "The request for a WebSocket is malformed, or one of its headers is longer than 8192 bytes."
        answer = error_response(ApiError(HEADERS_TOO_LARGE, message, code="invalid_handshake"))
        lines = [f"HTTP/1.1 {answer.status_code} {HEADERS_TOO_LARGE.phrase}", "connection: close"]
        lines += [f"{name.decode()}: {value.decode()}" for name, value in answer.raw_headers]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + bytes(answer.body))
        self.handshake_complete = self.close_sent = True
        self.transport.close()
