"""LoRA weights on a vLLM engine that serves another model: loaded while it runs, loaded again after it was restarted.

The engine's name for them holds a hash of their bytes where we can read them, else of where they lie. Its prefix cache
is kept by that name, and would else serve a new version what an older one has computed; and whatever else it serves
must not be taken for them.
"""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path, PurePath
from typing import TypeVar

from maru_backends.base import Backend, BackendEvent, ChatRequest, Health, Limits
from maru_backends.errors import BackendError, BackendSetupError, BackendUnavailableError
from maru_backends.openai_errors import said_in
from maru_backends.openai_http import OpenAIHttp
from maru_backends.openai_server import served_models

logger = logging.getLogger(__name__)

T = TypeVar("T")

CONFIG = "adapter_config.json"
LOAD_TIMEOUT_S = 300.0
HASH_CHARS = 12
CANNOT_LOAD = (
    "The engine loads no adapters while it runs: set enable-lora = true in [models.engine_args] of the model on whose "
    "engine it is, or start a server of your own with --enable-lora and VLLM_ALLOW_RUNTIME_LORA_UPDATING=1."
)


@dataclass(frozen=True, slots=True)
class Adapter:
    """LoRA weights: what the engine calls them, and where the engine finds them; never shown to people."""

    name: str
    path: str = field(repr=False)


async def adapter_in(source: str, *, is_near: bool) -> Adapter:
    """The weights that a setting names.

    Args:
        source: a folder here, or whatever the engine understands.
        is_near: the engine sees the same files as we do.

    Raises:
        BackendSetupError: there are no such weights.
    """
    found = await asyncio.to_thread(_in_folder, source)
    if found is not None:
        return found
    if is_near and (source.startswith(("/", ".", "~")) or source.count("/") > 1):
        logger.error("there is no adapter = %r", source)
        raise BackendSetupError("The folder that the setting adapter names does not exist.")
    return Adapter(f"{PurePath(source).name}-{hashlib.sha256(source.encode()).hexdigest()[:HASH_CHARS]}", source)


def load_failure(status: int, body: str) -> BackendError | None:
    """Why an adapter was not loaded; None: it is there."""
    said = said_in(body)
    if status == HTTPStatus.OK or (status == HTTPStatus.BAD_REQUEST and "already been loaded" in said):
        return None
    if status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED} and not _is_error_of_vllm(body):
        return BackendSetupError(CANNOT_LOAD)
    if status == HTTPStatus.NOT_FOUND:
        return BackendSetupError("The engine finds no adapter where the setting adapter says.")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return BackendSetupError(f"The engine refused our key (HTTP {status}).")
    if status in {HTTPStatus.BAD_REQUEST, HTTPStatus.INTERNAL_SERVER_ERROR} and said:
        return BackendSetupError(f"The engine refused the adapter: {said}")
    return BackendUnavailableError(f"The engine could not load the adapter (HTTP {status}).")


def is_base(entry: Mapping[str, object]) -> bool:
    """Whether an entry of the engine's list of models says that it is no adapter."""
    return "parent" in entry and entry["parent"] is None


class VllmAdapter:
    """An engine as the model that one adapter makes of its own."""

    def __init__(self, engine: Backend, http: OpenAIHttp, adapter: Adapter) -> None:
        """Ask by `engine`, whose model is the adapter's name; `http` are its connections, the only thing to close."""
        self._engine = engine
        self._http = http
        self._adapter = adapter
        self._loading = asyncio.Lock()
        self._is_wanted = True
        self._loads = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`; loads the adapter again where the engine was restarted and does not know it."""
        for may_load in (True, False):
            has_begun, loads = False, self._loads
            try:
                async with aclosing(self._engine.stream(request)) as events:
                    async for event in events:
                        has_begun = True
                        yield event
            except BackendSetupError:
                if has_begun or not may_load or not await self._is_there_anew(loads):
                    raise
            else:
                return

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return await self._loaded(lambda: self._engine.count_tokens(request))

    async def limits(self) -> Limits:
        """See `Backend.limits`; loads the adapter."""
        await self._load()
        return await self._loaded(self._engine.limits)

    async def health(self) -> Health:
        """See `Backend.health`; loads the adapter again where the engine has lost it."""
        health = await self._engine.health()
        if health.is_ready:
            try:
                await self._load()
            except BackendError as error:
                return Health(is_ready=False, detail=str(error))
        return health

    async def unload(self) -> None:
        """See `Unloadable.unload`; it is not loaded again by us."""
        async with self._loading:
            self._is_wanted = False
            wanted = {"lora_name": self._adapter.name}
            status, body = await self._http.answered("unload_lora_adapter", wanted, timeout_s=LOAD_TIMEOUT_S)
        if status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
            raise BackendUnavailableError(f"The engine did not unload the adapter: {said_in(body) or status}")

    async def close(self) -> None:
        """Cut our connections; the engine, and the adapter in it, are there for others."""
        await self._http.close()

    async def _loaded(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What the engine says, once more where it did not know the adapter any more."""
        loads = self._loads
        try:
            return await ask()
        except BackendSetupError:
            if not await self._is_there_anew(loads):
                raise
        return await ask()

    async def _is_there_anew(self, loads: int) -> bool:
        """Whether the adapter was loaded, by us or meanwhile by another, since there had been so many loads."""
        await self._load()
        return self._loads != loads

    async def _load(self) -> None:
        """Load the adapter if the engine does not have it.

        Raises:
            BackendError: the engine cannot be asked, or refuses.
        """
        async with self._loading:
            there = served_models(await self._http.ask("models")).get(self._adapter.name)
            if there is not None and is_base(there):
                raise BackendSetupError("The engine serves a whole model by the adapter's name; give it another one.")
            if there is not None:
                return
            if not self._is_wanted:
                raise BackendUnavailableError("The adapter was unloaded.")
            wanted = {"lora_name": self._adapter.name, "lora_path": self._adapter.path}
            status, body = await self._http.answered("load_lora_adapter", wanted, timeout_s=LOAD_TIMEOUT_S)
            failure = load_failure(status, body)
            if failure is not None:
                raise failure
            self._loads += 1
            logger.info("the engine has loaded the adapter %s", self._adapter.name)


def _in_folder(source: str) -> Adapter | None:
    """What lies in a folder of this machine; None: there is no such folder."""
    folder = Path(source).expanduser()
    if not folder.is_dir():
        return None
    if not (folder / CONFIG).is_file():
        logger.error("there is no %s in adapter = %r", CONFIG, source)
        raise BackendSetupError(f"The folder that the setting adapter names holds none: there is no {CONFIG} in it.")
    folder = folder.resolve()
    return Adapter(f"{folder.name}-{_digest(folder)}", str(folder))


def _digest(folder: Path) -> str:
    """Of the bytes of its settings and weights."""
    whole = hashlib.sha256()
    for file in sorted(folder.glob("adapter_*")):
        with file.open("rb") as content:
            whole.update(file.name.encode() + hashlib.file_digest(content, "sha256").digest())
    return whole.hexdigest()[:HASH_CHARS]


def _is_error_of_vllm(body: str) -> bool:
    """Whether the engine itself answered, and not the lack of such a call."""
    try:
        value: object = json.loads(body)
    except ValueError:
        return False
    return isinstance(value, dict) and "error" in value
