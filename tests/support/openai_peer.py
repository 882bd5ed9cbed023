"""A real HTTP server that speaks chat completions as scripted: honest, broken, silent or hostile."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, cast

from aiohttp import web

Json = dict[str, object]


def delta(content: str | None = None, **fields: object) -> Json:
    """A chunk with more of the answer."""
    said = {} if content is None else {"content": content}
    return {"choices": [{"index": 0, "delta": {**said, **fields}, "finish_reason": None}]}


def finish(reason: str = "stop") -> Json:
    """The chunk that says why the engine stopped."""
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}


def usage(prompt: int, completion: int, **details: object) -> Json:
    """The last chunk, which counts."""
    return {"choices": [], "usage": {"prompt_tokens": prompt, "completion_tokens": completion, **details}}


def sse(*chunks: Json | str) -> bytes:
    """Chunks as a stream of events; a string is sent as it is."""
    return b"".join(f"data: {chunk if isinstance(chunk, str) else json.dumps(chunk)}\n\n".encode() for chunk in chunks)


@dataclass(frozen=True, slots=True)
class Script:
    """One answer: the pieces one by one, then a good end, silence until the client leaves, or a cut connection."""

    pieces: tuple[bytes, ...] = ()
    then: Literal["end", "hang", "cut"] = "end"
    status: int = 200
    content_type: str = "text/event-stream"
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in."""

    headers: dict[str, str]
    body: Json


class OpenAIPeer:
    """Plays its scripts in order; the last one again and again."""

    def __init__(self) -> None:
        """Serve one model whose window is 4,096 tokens."""
        self.base_url = ""
        self.asked: list[Asked] = []
        self.models: Json = {"data": [{"id": "peer", "max_model_len": 4096}]}
        self.models_status = 200
        self.busy = asyncio.Event()
        self.idle = asyncio.Event()
        self._running = 0
        self._scripts: deque[Script] = deque()

    def play(self, *scripts: Script) -> None:
        """Answer the next requests with these."""
        self._scripts = deque(scripts)

    def say(self, *chunks: Json | str) -> None:
        """Answer with one well-formed stream, its end mark included."""
        self.play(Script((sse(*chunks, "[DONE]"),)))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/chat/completions`."""
        self.asked.append(Asked(dict(request.headers), cast("Json", await request.json())))
        script = self._scripts.popleft() if len(self._scripts) > 1 else self._scripts[0]
        self._count(1)
        try:
            return await played(script, request)
        finally:
            self._count(-1)

    async def list_models(self, _request: web.Request) -> web.Response:
        """`GET /v1/models`."""
        return web.json_response(self.models, status=self.models_status)

    def _count(self, change: int) -> None:
        self._running += change
        (self.busy if self._running else self.idle).set()
        (self.idle if self._running else self.busy).clear()


async def played(script: Script, request: web.Request) -> web.StreamResponse:
    """Answer this request by the script."""
    response = web.StreamResponse(status=script.status, headers={"Content-Type": script.content_type, **script.headers})
    transport = request.transport
    assert transport is not None
    if script.then == "cut" and not script.pieces:
        transport.abort()
        return response
    await response.prepare(request)
    for piece in script.pieces:
        await response.write(piece)
        await asyncio.sleep(0)
    if script.then == "hang":
        await asyncio.Event().wait()  # aiohttp cancels this when the client leaves
    if script.then == "cut":
        await asyncio.sleep(0.05)  # the pieces must be on their way before the connection is reset
        transport.abort()
    return response


@asynccontextmanager
async def openai_peer() -> AsyncGenerator[OpenAIPeer]:
    """A peer on a free port of the loopback."""
    peer = OpenAIPeer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", peer.chat)
    app.router.add_get("/v1/models", peer.list_models)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = cast("int", runner.addresses[0][1])
    peer.base_url = f"http://127.0.0.1:{port}/v1"
    try:
        yield peer
    finally:
        await runner.cleanup()
