"""A real HTTP server that speaks OpenAI's audio API as scripted, and looks at what it is sent."""

import asyncio
import io
import threading
import wave
from array import array
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import cast

from aiohttp import web

MAX_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording that came in."""

    headers: dict[str, str]
    fields: dict[str, str]
    name: str
    media_type: str
    data: bytes

    @property
    def seconds(self) -> float:
        """Of a WAV file; raises `wave.Error` where it is none."""
        with wave.open(io.BytesIO(self.data)) as sound:
            seconds: float = sound.getnframes() / sound.getframerate()
            return seconds

    @property
    def loudness(self) -> float:
        """The largest sample of a WAV file of 16 bits, of 1.0."""
        with wave.open(io.BytesIO(self.data)) as sound:
            assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16_000)
            samples = array("h", sound.readframes(sound.getnframes()))
        return max(map(abs, samples), default=0) / 32_768


@dataclass(slots=True)
class RecogniserPeer:
    """Answers every recording with `status` and `answer`; a `gate` that is closed lets it wait."""

    base_url: str = ""
    heard: list[Heard] = field(default_factory=list[Heard])
    status: int = 200
    answer: str | bytes = '{"text": "hello from the recogniser"}'
    headers: dict[str, str] = field(default_factory=dict[str, str])
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        """Let nothing wait."""
        self.gate.set()

    async def transcriptions(self, request: web.Request) -> web.Response:
        """`POST /v1/audio/transcriptions`."""
        form = await request.post()
        file = form["file"]
        assert isinstance(file, web.FileField)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        with file.file:
            heard = Heard(dict(request.headers), fields, file.filename, file.content_type, file.file.read())
        self.heard.append(heard)
        await self.gate.wait()
        body = self.answer.encode() if isinstance(self.answer, str) else self.answer
        return web.Response(body=body, status=self.status, content_type="application/json", headers=self.headers)


@asynccontextmanager
async def recogniser_peer() -> AsyncGenerator[RecogniserPeer]:
    """A peer on a free port of the loopback."""
    peer = RecogniserPeer()
    app = web.Application(client_max_size=MAX_BYTES)
    app.router.add_post("/v1/audio/transcriptions", peer.transcriptions)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.base_url = f"http://127.0.0.1:{cast('int', runner.addresses[0][1])}/v1"
    try:
        yield peer
    finally:
        await runner.cleanup()


@contextmanager
def recogniser_in_thread() -> Generator[RecogniserPeer]:
    """The same for tests without an event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    context = recogniser_peer()
    try:
        peer = asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result()
        yield peer
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
