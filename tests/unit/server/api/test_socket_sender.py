"""Rules of `maru/api/socket_sender.py`: what is written, in how many pieces."""

import json
from typing import Any, cast

import pytest
from fastapi import WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from maru.api.socket_sender import JOINED_FRAMES, MAX_WRITE_CHARS, SocketSender
from maru.protocol.errors import invalid
from maru.protocol.events import Event
from maru.turns.log import EventLog


class _Socket:
    """What the sender needs of a WebSocket."""

    def __init__(self, *extensions: str) -> None:
        self.scope: dict[str, Any] = {"extensions": dict.fromkeys(extensions)}
        self.application_state = WebSocketState.CONNECTED
        self.written: list[Any] = []

    async def send(self, message: Any) -> None:
        self.written.append(message)


class _Run:
    """What the sender needs of a run that has ended."""

    def __init__(self, *texts: str) -> None:
        self.log = EventLog()
        types = [*["response.output_text.delta"] * (len(texts) - 1), "response.completed"]
        self.events = [
            Event(number, type_, json.dumps({"type": type_, "sequence_number": number, "delta": text}))
            for number, (type_, text) in enumerate(zip(types, texts, strict=True))
        ]
        self.log.append(self.events)
        self.has_ended = True
        self.sockets = 0


async def _delivered(run: _Run, socket: _Socket, lane: str | None = None, after: int = -1) -> list[list[str]]:
    await SocketSender(cast("WebSocket", socket)).deliver(cast("Any", run), lane, after)
    return [list(message.get(JOINED_FRAMES) or [message["text"]]) for message in socket.written]


async def test_waiting_events_go_out_in_one_write_unchanged() -> None:
    """Each stays a frame of its own, byte for byte what others get."""
    run = _Run(*"abcdef")
    assert await _delivered(run, _Socket(JOINED_FRAMES)) == [[event.data for event in run.events]]
    assert await _delivered(run, _Socket(JOINED_FRAMES), after=2) == [[event.data for event in run.events[3:]]]


async def test_a_server_that_cannot_join_gets_single_frames() -> None:
    """The application runs under any ASGI server."""
    run = _Run(*"abc")
    assert await _delivered(run, _Socket()) == [[event.data] for event in run.events]


async def test_a_write_is_bounded_and_order_is_kept() -> None:
    """What waits for a slow reader outside of the log is one write."""
    run = _Run(*(str(number) * 1_000 for number in range(500)))
    writes = await _delivered(run, _Socket(JOINED_FRAMES))
    assert [text for texts in writes for text in texts] == [event.data for event in run.events]
    assert len(writes) > 5
    assert all(sum(map(len, texts[:-1])) < MAX_WRITE_CHARS for texts in writes)


async def test_each_event_of_a_lane_names_it() -> None:
    """Its number and everything else stay."""
    run = _Run("a", "b")
    ((first, second),) = await _delivered(run, _Socket(JOINED_FRAMES), "a.b-c")
    assert [json.loads(text) for text in (first, second)] == [
        {**json.loads(event.data), "stream_id": "a.b-c"} for event in run.events
    ]


async def test_the_end_is_known_here_before_it_is_told() -> None:
    """Whoever reads it may go on from it at once."""
    socket = _Socket()
    seen: list[int] = []
    sender = SocketSender(cast("WebSocket", socket))
    await sender.deliver(cast("Any", _Run("a", "b")), None, before_end=lambda: seen.append(len(socket.written)))
    assert seen == [0]


async def test_a_closed_socket_is_a_disconnect() -> None:
    """For whoever still wants to send, it is gone like any other."""
    socket = _Socket()
    socket.application_state = WebSocketState.DISCONNECTED
    with pytest.raises(WebSocketDisconnect):
        await SocketSender(cast("WebSocket", socket)).error(invalid("no", None), None)
    assert socket.written == []
