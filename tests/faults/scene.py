"""Where a fault happens: a server on disk, a paced engine, clients that write down what they see, and the verdict."""

import asyncio
import math
import sqlite3
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import aiohttp

from faults.checker import violations
from faults.client import Client, http_session, look_afterwards
from faults.history import History
from faults.stories import Story, stories_of
from maru.identity.keys import make_key
from maru.ids import new_id
from maru.store.sql.sqlite import faults_of, sqlite_url
from support.live_server import LiveServer, free_port, live_server
from support.paced_engine import MODELS, EngineCall, PacedEngine, paced_engine

IDLE_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class Stage:
    """The processes that faults hit; a fault leaves them running."""

    server: LiveServer
    engine: PacedEngine

    @property
    def database(self) -> Path:
        """The server's database."""
        return self.server.folder / "data" / "maru.sqlite3"

    def mend(self) -> None:
        """Start again what the test before left dead."""
        for part in (self.engine, self.server):
            if part.process is None or part.process.poll() is not None:
                part.start()

    def add_owner(self) -> str:
        """A key of a new user: there is no command yet that makes one."""
        key, user_id = make_key(), new_id("user")
        with sqlite3.connect(self.database, timeout=30) as connection:
            connection.execute(
                "INSERT INTO users (id, name, created_at, is_local_owner) VALUES (?, ?, 0, 0)", (user_id, user_id)
            )
            connection.execute(
                "INSERT INTO api_keys (id, owner_id, name, secret_hash, prefix, created_at) VALUES (?, ?, '', ?, ?, 0)",
                (new_id("key"), user_id, key.secret_hash, key.prefix),
            )
        connection.close()
        return key.secret


@contextmanager
def stage(folder: Path, settings: str = "", models: str = "") -> Generator[Stage]:
    """A server whose default model is the paced engine; `settings` and further `models` are lines of its maru.toml."""
    with paced_engine(folder, free_port()) as engine:
        config = f"{settings}\n{MODELS.format(base_url=engine.base_url)}\n{models}"
        with live_server(folder, config) as server:
            yield Stage(server, engine)


@dataclass(slots=True)
class Scene:
    """One round of one fault.

    Attributes:
        chance: random moments; from the seed that is printed.
        tag: begins every prompt of this round, which makes it the only one of its kind.
    """

    stage: Stage
    session: aiohttp.ClientSession
    chance: Random
    history: History = field(default_factory=History)
    tag: str = field(default_factory=lambda: new_id("round"))
    _prompts: int = 0

    def client(self, name: str, urls: Sequence[str] = (), **options: Any) -> Client:
        """A client with a notebook page of its own."""
        chance = Random(self.chance.random())
        urls = urls or (self.stage.server.url,)
        return Client(self.history, name, urls, self.session, chance=chance, **options)

    def prompt(self, **play: int) -> str:
        """A prompt that nobody else uses; `play` as in `support/paced_engine.py`."""
        self._prompts += 1
        return " ".join([self.tag, str(self._prompts), *(f"{name}={value}" for name, value in play.items())])

    async def pause(self, least_s: float, most_s: float) -> None:
        """Wait for a random moment."""
        await asyncio.sleep(self.chance.uniform(least_s, most_s))

    async def until_answers(self, count: int) -> None:
        """Wait until clients have seen words of so many answers."""
        async with asyncio.timeout(30):
            while sum(bool(story.words_at) for story in self.stories) < count:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)

    @property
    def stories(self) -> list[Story]:
        """What was seen so far, response by response."""
        return stories_of(self.history)

    async def kill_server(self) -> None:
        """`kill -9`, and start again."""
        self.crash(self.stage.server)
        await asyncio.to_thread(self.stage.server.start)

    def crash(self, server: LiveServer) -> None:
        """`kill -9`."""
        self.history.crashes.append(time.monotonic())
        assert server.process is not None
        server.process.kill()
        server.process.wait(30)

    async def judge(self, *owners: Client) -> None:
        """Nothing that Maru promises was broken, and the database is sound."""
        after = await look_afterwards(self.history, *(owners or (self.client("judge"),)))
        self.history.engine = await self._engine_calls()
        broken = [*violations(self.history, after), *faults_of(sqlite_url(self.stage.database))]
        if broken:
            raise AssertionError("\n".join(broken))

    async def _engine_calls(self) -> list[EngineCall]:
        """This round's, once the engine has written down that it is idle; it may be slower than the server."""
        deadline = time.monotonic() + IDLE_WITHIN_S
        while True:
            calls = [call for call in self.stage.engine.calls() if call.prompt.startswith(self.tag)]
            if all(call.ended_at != math.inf for call in calls) or time.monotonic() > deadline:
                return calls
            await asyncio.sleep(0.05)


@asynccontextmanager
async def scene(stage: Stage, chance: Random) -> AsyncGenerator[Scene]:
    """A new round on a stage."""
    await asyncio.to_thread(stage.mend)
    async with http_session() as session:
        yield Scene(stage, session, chance)


@asynccontextmanager
async def crowd(*works: Any) -> AsyncGenerator[list[asyncio.Task[Any]]]:
    """Do all of this beside the body, and wait for it at the end; cancelled when the body fails."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield tasks
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task
