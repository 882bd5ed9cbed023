"""What `/v1/engines` takes and gives: the operator's view of what serves the models."""

from typing import Annotated, Literal

import msgspec
from pydantic import ConfigDict, Field, StringConstraints

from maru.protocol.incoming import Incoming

MAX_NAME_CHARS = 2_000
LONGEST_DRAIN_S = 86_400.0

EngineName = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME_CHARS)]


class _Order(Incoming):
    """An order of which nothing may be passed over: it would do something else than its operator wanted."""

    model_config = ConfigDict(extra="forbid")


class EngineOrder(_Order):
    """`POST /v1/engines/take_in`; `engine` is one of several that serve the model."""

    model: EngineName
    engine: EngineName | None = None


class EngineRestart(_Order):
    """`POST /v1/engines/restart`; `drain_s`: how long answers may go on before; by default as the settings say."""

    model: EngineName
    drain_s: Annotated[float, Field(ge=0, le=LONGEST_DRAIN_S, allow_inf_nan=False)] | None = None


class EngineTakeOut(EngineRestart):
    """`POST /v1/engines/take_out`; nothing is cut on one of several engines (`engine`)."""

    engine: EngineName | None = None


class LoadBody(msgspec.Struct, frozen=True, kw_only=True):
    """How much an engine has to do, in its own figures; null is what it does not tell.

    Counts of prompt tokens are since the engine started: `prefix_hits` of `prefix_queries` were in its prefix cache.
    `cache_used` is the share of its memory for tokens that is in use.
    """

    running: int | None
    waiting: int | None
    cache_used: float | None
    prefix_queries: int | None
    prefix_hits: int | None


class EngineBody(msgspec.Struct, frozen=True, kw_only=True):
    """What serves one model, or one of several engines that do; `answers` counts those that run for this server."""

    object: Literal["maru.engine"] = "maru.engine"
    model: str
    backend: str
    engine: str | None
    state: Literal["loading", "ready", "failed", "away", "draining", "out"]
    detail: str
    answers: int
    load: LoadBody | None


class EngineList(msgspec.Struct, frozen=True, kw_only=True):
    """All engines, in the order of the settings."""

    object: Literal["list"] = "list"
    data: tuple[EngineBody, ...]
