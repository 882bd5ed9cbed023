"""A real HTTP server that plays recorded answers of any API: by path, in order, the last one again and again."""

import asyncio
import json
import threading
from collections import deque
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import cast

from aiohttp import web

from support.openai_peer import Json, Script, played


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in; names of headers are small, `body` is empty where none was sent."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json


class ScriptedPeer:
    """Answers by the end of the path; what nothing was scripted for is not found."""

    def __init__(self) -> None:
        """Nothing is scripted yet."""
        self.base_url = ""
        self.asked: list[Asked] = []
        self.busy = asyncio.Event()
        self.idle = asyncio.Event()
        self._running = 0
        self._scripts: dict[str, deque[Script]] = {}

    def play(self, ending: str, *scripts: Script) -> None:
        """Answer the next requests whose path ends so with these."""
        self._scripts[ending] = deque(scripts)

    def tell(self, ending: str, answer: object, *, status: int = 200) -> None:
        """Answer with this JSON."""
        self.play(ending, whole(answer, status=status))

    def sent(self, ending: str) -> list[Json]:
        """The bodies that came in for paths that end so."""
        return [asked.body for asked in self.asked if asked.path.endswith(ending)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        data = await request.read()
        body = cast("Json", json.loads(data)) if data else {}
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.asked.append(Asked(request.method, request.path, dict(request.query), headers, body))
        script = self._script(request.path)
        if script is None:
            return web.json_response({"error": {"message": "nothing here"}}, status=404)
        self._count(1)
        try:
            return await played(script, request)
        finally:
            self._count(-1)

    def _script(self, path: str) -> Script | None:
        scripts = next((found for ending, found in self._scripts.items() if path.endswith(ending)), None)
        if not scripts:
            return None
        return scripts.popleft() if len(scripts) > 1 else scripts[0]

    def _count(self, change: int) -> None:
        self._running += change
        (self.busy if self._running else self.idle).set()
        (self.idle if self._running else self.busy).clear()


def whole(answer: object, *, status: int = 200, headers: dict[str, str] | None = None) -> Script:
    """One JSON answer."""
    data = json.dumps(answer).encode()
    return Script((data,), status=status, content_type="application/json", headers=headers or {})


@asynccontextmanager
async def scripted_peer() -> AsyncGenerator[ScriptedPeer]:
    """A peer on a free port of the loopback."""
    peer = ScriptedPeer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", peer.answer)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = cast("int", runner.addresses[0][1])
    peer.base_url = f"http://127.0.0.1:{port}"
    try:
        yield peer
    finally:
        await runner.cleanup()


@contextmanager
def scripted_peer_in_thread() -> Generator[ScriptedPeer]:
    """The same for a test that has no event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="scripted peer")
    thread.start()
    running = scripted_peer()
    try:
        yield asyncio.run_coroutine_threadsafe(running.__aenter__(), loop).result()
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
