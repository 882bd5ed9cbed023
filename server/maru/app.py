"""Composition root: the only file that knows every part. Makes them, joins them, opens and closes them in order."""

import asyncio
import gc
import socket
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import uvicorn
import uvloop
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response as HttpResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from maru.api import (
    audio,
    chat_completions,
    compact,
    contexts,
    conversations,
    custom,
    document,
    engines,
    exports,
    feedback,
    files,
    folders,
    health,
    imports,
    memory,
    metrics,
    models,
    pages,
    prompts,
    raw_completions,
    responses,
    responses_ws,
    search,
    shares,
    summaries,
)
from maru.api.envelope import Envelope
from maru.api.errors import api_error_of
from maru.api.http import error_response
from maru.api.pace import Pace
from maru.api.reloads import Reloads
from maru.api.rooms import Rooms
from maru.engines import Engines
from maru.identity.door import Door
from maru.logs import set_up_logging
from maru.media.reader import Reader
from maru.memory.compaction import Compactor
from maru.memory.counting import Counter
from maru.memory.fitting import Fitter
from maru.memory.sealing import KEY_FILE, Sealer, keys_in
from maru.protocol.errors import ApiError
from maru.settings import Settings
from maru.store.base import Store, StoreError
from maru.store.migrate import migrate
from maru.store.sql.store import open_store
from maru.transport import MAX_HEADER_BYTES, BoundedHttp, BoundedSocket, bound_unsent
from maru.turns.attachments import Attachments
from maru.turns.contexts import Contexts
from maru.turns.hub import Hub, HubLimits
from maru.turns.indexing import Indexing
from maru.turns.input_rules import InputRules
from maru.turns.plan import Workshop
from maru.turns.prepare import Preparer
from maru_backends.errors import BackendError
from maru_backends.transcription import Recogniser

DRAIN_LOOK_S = 0.05
LAST_WORDS_S = 0.1  # between the last event of a run and the closing of the sockets that carry it
GRACE_S = 5
READS_AT_ONCE, READS_A_SECOND = 60, 1.0  # of shared chats, from one address
PARTS = (
    health,
    document,
    models,
    engines,
    metrics,
    search,  # before the conversations: it would be the name of one
    conversations,
    contexts,
    custom,
    files,
    folders,
    exports,
    feedback,
    imports,
    memory,
    prompts,
    responses,
    audio,
    compact,
    responses_ws,
    shares,
    summaries,
    chat_completions,
    raw_completions,
    pages,
)
COLLECT_AFTER = 20_000  # new objects; Python itself says 700


def build(settings: Settings, store: Store) -> tuple[FastAPI, Rooms]:
    """The application and its parts, not opened yet; `store` is ready to use."""
    served = Engines(settings.models, settings.default_model)
    sealer = Sealer(partial(keys_in, settings.data_dir / KEY_FILE))
    counter = Counter()
    reader = Reader(settings.picture_bounds)
    attachments = Attachments(store, reader)
    fitter = Fitter(counter, {model.id: model.memory for model in settings.models})
    compactor = Compactor(settings.stall_timeout_s)
    hub = Hub(Workshop(served, store, fitter, compactor, sealer, attachments), _limits(settings))
    rules = InputRules(settings.fetch_images, max_copied_bytes=settings.max_frame_bytes)
    preparer = Preparer(store, served, sealer, time.time, rules, attachments)
    door, reloads = Door(store, time.time), Reloads(time.monotonic)
    indexing = Indexing(store, lambda: hub.running > 0)
    pace = Pace(time.monotonic, at_once=READS_AT_ONCE, a_second=READS_A_SECOND)
    contexts_ = Contexts(store, served, counter, attachments)
    recogniser = _recogniser(settings)
    rooms = Rooms(settings, door, store, served, hub, preparer, reloads, contexts_, time.time, pace, reader, recogniser)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        await hub.open()
        served.start()
        indexing.open()
        yield
        await indexing.close()
        await hub.close()
        await served.close()
        if recogniser is not None:
            await recogniser.close()
        await store.close()
        reader.close()

    app = FastAPI(title="Maru", lifespan=lifespan, openapi_url=None)
    app.state.rooms = rooms
    for part in PARTS:
        app.include_router(part.router)
    for known in (ApiError, StoreError, BackendError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(known, _told)
    return app, rooms


def _recogniser(settings: Settings) -> Recogniser | None:
    if settings.transcription_url is None:
        return None
    return Recogniser(
        settings.transcription_url,
        settings.transcription_model,
        key_env=settings.transcription_key_env,
        timeout_s=settings.transcription_timeout_s,
    )


def _limits(settings: Settings) -> HubLimits:
    return HubLimits(
        settings.stall_timeout_s,
        settings.keep_events_s,
        settings.max_running,
        settings.reasoning_events,
        writes_titles=settings.titles == "model",
    )


def wrapped(app: FastAPI) -> ASGIApp:
    """The application as it is served: with the headers that every answer carries."""
    return Envelope(app, pages.COMMON_HEADERS.items())


def serve(settings: Settings) -> None:
    """Serve until a signal asks to stop.

    Raises:
        StartError: the address is taken or cannot be used.
        StoreError: the database cannot be used.
    """
    set_up_logging()
    _collect_rarely()
    uvloop.run(_serve(settings))


def _collect_rarely() -> None:
    """Let the garbage collector pass by what stays for ever, and come less often: else streams stop while it looks.

    With 1,000 streams at 10 tokens a second the 99th percentile of the gap between tokens is 129 ms with this and
    245 ms without (`bench/streaming`).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])


class StartError(Exception):
    """The server cannot start; the message says what to change."""


class MaruServer(uvicorn.Server):
    """uvicorn, but running answers end (and are told so) before the sockets are closed with 1012."""

    def __init__(self, config: uvicorn.Config, rooms: Rooms) -> None:
        """Serve `config.app`, whose parts are `rooms`."""
        super().__init__(config)
        self.rooms = rooms

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the application, then say where it is."""
        await super().startup(sockets)
        if self.started:
            print(_welcome(self.rooms.settings), flush=True)  # noqa: T201 (for the person at the terminal)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what runs come to its end for a while, end the rest, let followers read the end, then close."""
        await self._drain()
        await self.rooms.hub.close()
        await asyncio.sleep(LAST_WORDS_S)
        await super().shutdown(sockets)

    async def _drain(self) -> None:
        """Take nothing new and wait until nothing runs, for `drain_s` at most, or until Ctrl+C is pressed again."""
        hub, drain_s = self.rooms.hub, self.rooms.settings.drain_s
        hub.stop_taking()
        if hub.places.held and drain_s:
            print(_waiting(hub.places.held, drain_s), flush=True)  # noqa: T201 (as the welcome)
        deadline = time.monotonic() + drain_s
        while hub.places.held and time.monotonic() < deadline and not self.force_exit:  # noqa: ASYNC110 (a signal ends it too)
            await asyncio.sleep(DRAIN_LOOK_S)
        self.force_exit = False  # it ended the waiting; the engines still have to be stopped


def server_of(settings: Settings, store: Store) -> MaruServer:
    """A server that was not started yet; `store` is ready to use."""
    app, rooms = build(settings, store)
    return MaruServer(config_of(wrapped(app), settings), rooms)


def config_of(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """How an application is served: which protocols, with which bounds."""
    return uvicorn.Config(
        app,
        http=BoundedHttp,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        ws=partial(BoundedSocket, send_deadline_s=settings.send_deadline_s),  # type: ignore[arg-type]
        ws_max_size=settings.max_frame_bytes,
        ws_per_message_deflate=False,
        ws_ping_interval=settings.ping_interval_s,
        ws_ping_timeout=settings.ping_timeout_s,
        # Who asks is decided from the address of the connection itself; a header must never change it.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE_S,
    )


async def _serve(settings: Settings) -> None:
    listener = _listen(settings)
    await migrate(settings.database_url)
    await server_of(settings, open_store(settings.database_url)).serve([listener])


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048, reuse_port=False)
    except OSError as error:
        message = (
            f"Maru cannot listen on {settings.host}:{settings.port} ({error.strerror}). "
            "Stop what uses it, or choose another with --port or --host."
        )
        raise StartError(message) from error
    bound_unsent(listener)
    return listener


def _welcome(settings: Settings) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return (
        f"\n  Maru is ready: http://{host}:{settings.port}\n\n"
        "  Open this address in a browser, or talk in a terminal with: maru chat\n"
        f"  Model: {settings.default_model}   Data: {settings.data_dir}   Stop: Ctrl+C\n"
    )


def _waiting(running: int, drain_s: float) -> str:
    return f"  Waiting up to {drain_s:g} s for running answers ({running}). Ctrl+C ends them now."


async def _told(_: Request, error: Exception) -> HttpResponse:
    match error:
        case RequestValidationError():
            return error_response(_query_error(error))
        case HTTPException(status_code=405):
            return error_response(ApiError(405, "This address does not take that method."))
        case HTTPException():
            return error_response(ApiError(error.status_code, str(error.detail)))
        case _:
            return error_response(api_error_of(error))


def _query_error(error: RequestValidationError) -> ApiError:
    first = error.errors()[0]
    name = ".".join(str(step) for step in first["loc"][1:])
    message = f"Invalid value for {name!r}: {first.get('input')!r}. {first['msg']}."
    return ApiError(400, message, code="invalid_value", param=name)
