"""What clients saw and what the engine did, as plain data: `client.py` and `support/paced_engine.py` write it down.

All times are `time.monotonic()` in seconds, which every process of one machine shares.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from support.paced_engine import EngineCall

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """One event or error as it came: the text of a WebSocket frame, or the data of a server-sent event."""

    at: float
    data: str

    def body(self) -> Json:
        """The data, decoded."""
        body: Json = json.loads(self.data)
        return body


@dataclass(slots=True)
class Leg:
    """One connection that was to carry the events of one response, from its start or from where a client came back.

    Attributes:
        client: whose connection it was.
        owner: as whom the client asked.
        asked: the create, or the follow with its `starting_after`.
        began_at: when that was sent.
        frames: what came.
        lost: why the connection ended before the response did; None when it did not.
    """

    client: str
    owner: str
    asked: Json
    began_at: float
    frames: list[Frame] = field(default_factory=list[Frame])
    lost: str | None = None

    @property
    def first(self) -> Json:
        """The first that came, decoded; empty when nothing did."""
        return self.frames[0].body() if self.frames else {}

    @property
    def is_create(self) -> bool:
        """Whether it asked for a new response, not for the rest of an old one."""
        return bool(self.asked["type"] == "response.create")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP request and its answer; no status where the connection was lost."""

    client: str
    owner: str
    method: str
    path: str
    asked_at: float
    answered_at: float
    status: int | None
    body: str


@dataclass(slots=True)
class History:
    """Everything that was seen in one round.

    Attributes:
        crashes: when a server was killed.
        engine: its calls, in order of their beginning; filled in at the end.
    """

    legs: list[Leg] = field(default_factory=list[Leg])
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    crashes: list[float] = field(default_factory=list[float])
    engine: list[EngineCall] = field(default_factory=list[EngineCall])


@dataclass(frozen=True, slots=True)
class Afterwards:
    """What the server says when all is over.

    Attributes:
        responses: every response whose id anybody saw; None where the server does not have it.
        inputs: ids of those to the items that were put before their output.
        trees: every conversation whose id anybody saw; None where the server does not have it.
    """

    responses: Mapping[str, Json | None]
    inputs: Mapping[str, list[Json]]
    trees: Mapping[str, Json | None]


def longest_silence_s(legs: list[Leg], begin: float, end: float) -> float:
    """The longest time within a span in which none of these connections brought anything."""
    times = sorted(frame.at for leg in legs for frame in leg.frames if begin < frame.at < end)
    moments = [begin, *times, end]
    return max(later - earlier for earlier, later in pairwise(moments))
