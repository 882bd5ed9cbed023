"""The whole server in the test's own process and event loop, over an empty store: started in no time, looked into."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from maru.app import MaruServer, server_of
from maru.engines import ModelConfig
from maru.identity.keys import make_key
from maru.memory_settings import MemorySettings
from maru.settings import Settings
from maru.store.in_memory import InMemoryStore
from maru.store.in_memory_tree import Belongings
from maru.store.people import User
from maru_backends.base import BackendSettings
from maru_backends.echo import EchoSettings
from maru_backends.gguf import GgufSettings
from maru_backends.openai_compatible import OpenAICompatibleSettings
from maru_backends.transformers_local import TransformersSettings
from maru_backends.vllm import VllmSettings

TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed", "error"})
ECHO = EchoSettings(context_window=200_000)
KINDS: Mapping[type[BackendSettings], str] = {
    EchoSettings: "echo",
    GgufSettings: "gguf",
    OpenAICompatibleSettings: "openai",
    TransformersSettings: "transformers",
    VllmSettings: "vllm",
}
SLOW = EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=100, context_window=200_000)


@dataclass(frozen=True, slots=True)
class InProcess:
    """A server and a client of it; its models are `echo`, which answers at once, and `slow`, which counts for long."""

    server: MaruServer
    store: InMemoryStore
    port: int
    session: aiohttp.ClientSession

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        """A new WebSocket."""
        async with self.session.ws_connect("/v1/responses", max_msg_size=0) as socket:
            yield socket

    async def key_of_a_stranger(self) -> str:
        """An API key of somebody else than the local owner, who has nothing yet."""
        stranger, new = User("user_stranger", "stranger", 0, is_local_owner=False), make_key()
        self.store._owners[stranger.id] = Belongings(stranger)  # the store has no call for a second person yet
        await self.store.create_key(stranger.id, name="x", secret_hash=new.secret_hash, prefix=new.prefix, now=0)
        return new.secret

    @property
    def running(self) -> int:
        """Runs that have not ended."""
        return self.server.rooms.hub.running


@asynccontextmanager
async def in_process(
    models: Mapping[str, BackendSettings] | None = None,
    *,
    memory: dict[str, MemorySettings] | None = None,
    store: InMemoryStore | None = None,
    **settings: Any,
) -> AsyncGenerator[InProcess]:
    """A server on a free port, with the given settings; with `store`, on what another one keeps."""
    served: dict[str, BackendSettings] = {"echo": ECHO, "slow": SLOW, **(models or {})}
    memory = memory or {}
    chosen: dict[str, Any] = {
        "database_url": "sqlite:///nowhere.sqlite3",
        "default_model": "echo",
        "drain_s": 0,
        "models": tuple(
            ModelConfig(name, KINDS[type(model)], model, memory.get(name, MemorySettings()))
            for name, model in served.items()
        ),
        **settings,
    }
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # uvloop does it, Python's own loop does not
        port: int = listener.getsockname()[1]
        store = store or InMemoryStore()
        server = server_of(Settings.model_validate({"data_dir": Path(folder), **chosen}), store)
        serving = asyncio.create_task(server.serve([listener]))
        while not server.started:  # noqa: ASYNC110 (uvicorn tells it in no other way)
            await asyncio.sleep(0.01)
        url, timeout = f"http://127.0.0.1:{port}", aiohttp.ClientTimeout(30)
        try:
            async with aiohttp.ClientSession(url, timeout=timeout) as session:
                yield InProcess(server, store, port, session)
        finally:
            server.should_exit = True
            await serving


async def to_the_end(client: aiohttp.ClientWebSocketResponse, lane: str | None = None) -> list[Any]:
    """All frames of the next turn, of one lane if any is meant."""
    frames: list[Any] = []
    while not frames or frames[-1]["type"] not in TERMINAL:
        frame = await client.receive_json()
        if lane is None or frame.get("stream_id") == lane:
            frames.append(frame)
    return frames


async def turn(client: aiohttp.ClientWebSocketResponse, **create: Any) -> Any:
    """The last frame of one turn that is asked for and read alone."""
    await client.send_json({"type": "response.create", **create})
    return (await to_the_end(client))[-1]


def said(frame: Any) -> str:
    """The words of an answer, from its last frame."""
    return "".join(part["text"] for item in frame["response"]["output"] for part in item["content"])


async def ask(socket: aiohttp.ClientWebSocketResponse, text: str, **create: Any) -> None:
    """Ask for an answer and read nothing of it."""
    await socket.send_json({"type": "response.create", "input": text, **create})


async def begun(socket: aiohttp.ClientWebSocketResponse, **create: Any) -> str:
    """Start a long answer and read its first words; its id."""
    await ask(socket, "go", model="slow", **create)
    response_id = ""
    while True:
        frame = await socket.receive_json()
        assert frame["type"] != "error", frame
        response_id = response_id or frame["response"]["id"]
        if frame["type"] == "response.output_text.delta":
            return response_id
