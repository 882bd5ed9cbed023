"""What every route works with, and how a route reaches it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from starlette.requests import HTTPConnection

from maru.api.pace import Pace
from maru.api.reloads import Reloads
from maru.engines import Engines
from maru.identity.door import Door
from maru.media.reader import Reader
from maru.settings import Settings
from maru.store.base import Store
from maru.turns.contexts import Contexts
from maru.turns.hub import Hub
from maru.turns.prepare import Preparer
from maru_backends.transcription import Recogniser


@dataclass(frozen=True, slots=True)
class Rooms:
    """The parts of the running service, made by `app.py`.

    Attributes:
        importing: owners of whom a file is coming in now.
        recogniser: writes speech down; None where the operator named none.
        transcribing: how many recordings of an owner are being written down now.
        uploading: how many files of an owner are coming in now.
        pace: of reading what needs no key.
    """

    settings: Settings
    door: Door
    store: Store
    engines: Engines
    hub: Hub
    preparer: Preparer
    reloads: Reloads
    contexts: Contexts
    clock: Callable[[], float]
    pace: Pace
    reader: Reader
    recogniser: Recogniser | None = None
    importing: set[str] = field(default_factory=set[str])
    transcribing: Counter[str] = field(default_factory=Counter[str])
    uploading: Counter[str] = field(default_factory=Counter[str])

    def now(self) -> int:
        """Unix seconds."""
        return int(self.clock())


def rooms_of(connection: HTTPConnection) -> Rooms:
    """The parts behind a request or a socket."""
    return cast("Rooms", connection.app.state.rooms)
