"""What one socket owes its client, checked against what it sent: turns in order, each whole, each with one end.

Knows frames only; the state machine in `tests/integration/test_socket_machine.py` drives it.
"""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from support.socket_server import TERMINAL


@dataclass(slots=True)
class Known:
    """A response that some frame told of."""

    owner: int
    is_stored: bool
    made_by: "Client"
    events: dict[int, str] = field(default_factory=dict[int, str])
    last: int | None = None
    may_be_cancelled: bool = False
    was_evicted: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """A create, or a frame whose error has its place among them.

    Attributes:
        codes: what its error may be; empty: none is right.
        may_succeed: whether an answer is right too.
    """

    lane: str | None
    is_stored: bool
    codes: frozenset[str]
    may_succeed: bool
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Follow:
    """A follow in a lane of its own.

    Attributes:
        first: number of the first event; None where only an error is right.
        code: what the error may be; None where none is right.
    """

    response_id: str
    first: int | None
    code: str | None


@dataclass(eq=False, slots=True)
class Client:
    """One open socket and everything it was asked."""

    owner: int
    socket: aiohttp.ClientWebSocketResponse
    turns: list[Turn] = field(default_factory=list[Turn])
    follows: dict[str, Follow] = field(default_factory=dict[str, Follow])
    frames: list[Any] = field(default_factory=list[Any])
    has_cancelled: bool = False
    checked: int = 0
    task: asyncio.Task[None] | None = None

    async def read(self) -> None:
        """Collect frames until the socket ends."""
        async for message in self.socket:
            if message.type is aiohttp.WSMsgType.TEXT:
                self.frames.append(json.loads(message.data))

    def of_turns(self) -> list[Any]:
        """Frames that belong to turns, in order."""
        return [frame for frame in self.frames if frame.get("stream_id") not in self.follows]

    def of_follow(self, lane: str) -> list[Any]:
        """Frames of one follow, in order."""
        return [frame for frame in self.frames if frame.get("stream_id") == lane]

    def is_settled(self) -> bool:
        """Whether every turn and follow has its end."""
        ends = sum(frame["type"] in TERMINAL for frame in self.of_turns())
        follows = (self.of_follow(lane) for lane in self.follows)
        return ends >= len(self.turns) and all(frames and frames[-1]["type"] in TERMINAL for frames in follows)


def bare(frame: Any) -> str:
    """An event without its lane: what every follower gets alike."""
    return json.dumps({key: value for key, value in frame.items() if key != "stream_id"})


def learn(client: Client, known: dict[str, Known]) -> None:
    """Note which responses this socket has told of so far."""
    for frame in client.of_turns():
        if frame["type"] == "response.created":
            response = frame["response"]
            known.setdefault(response["id"], Known(client.owner, response["store"], client))


def check_turns(client: Client, known: dict[str, Known]) -> None:
    """Every turn of a settled socket, in the order in which they were asked for."""
    learn(client, known)
    frames = iter(client.of_turns())
    for number, turn in enumerate(client.turns):
        got = [next(frames)]
        while got[-1]["type"] not in TERMINAL:
            got.append(next(frames))
        assert {frame.get("stream_id") for frame in got} == {turn.lane}, (turn, got)
        if number >= client.checked:
            _check_turn(client, turn, got, known)
    assert next(frames, None) is None
    client.checked = len(client.turns)


def _check_turn(client: Client, turn: Turn, got: list[Any], known: dict[str, Known]) -> None:
    last = got[-1]
    if last["type"] == "error":
        assert last["error"]["code"] in turn.codes, (turn, last)
        assert 400 <= last["status"] < 500
        if turn.previous is not None and known[turn.previous].made_by is client:
            known[turn.previous].was_evicted = True
        return
    assert turn.may_succeed, (turn, last)
    assert [frame["sequence_number"] for frame in got] == list(range(len(got)))
    response = last["response"]
    assert response["id"] == got[0]["response"]["id"]
    found = known[response["id"]]
    assert (found.owner, found.is_stored) == (client.owner, turn.is_stored)
    found.may_be_cancelled |= client.has_cancelled
    assert response["status"] != "cancelled" or found.may_be_cancelled
    _learn(found, got)


def check_follow(client: Client, lane: str, known: dict[str, Known]) -> None:
    """One follow of a settled socket."""
    follow, got = client.follows[lane], client.of_follow(lane)
    if got[-1]["type"] == "error":
        assert len(got) == 1
        assert got[0]["error"]["code"] == follow.code, (follow, got)
        return
    assert follow.first is not None, (follow, got)
    assert [frame["sequence_number"] for frame in got] == list(range(follow.first, follow.first + len(got)))
    _learn(known[follow.response_id], got)


def _learn(found: Known, got: list[Any]) -> None:
    """Whoever tells of an event tells the same bytes."""
    for frame in got:
        number = frame["sequence_number"]
        assert found.events.setdefault(number, bare(frame)) == bare(frame)
    assert found.last in {None, got[-1]["sequence_number"]}
    found.last = got[-1]["sequence_number"]
