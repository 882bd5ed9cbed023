"""GGUF weights in the server's own process, computed by llama.cpp: on a CPU or a GPU, quantised or not.

The binding, `xllamacpp`, runs llama.cpp's own server inside of this process; it is spoken to over the loopback with a
key that nobody else knows. See `gguf_file.py` for the file and `gguf_hub.py` for where it comes from, `gguf_render.py`
for prompts, `gguf_slots.py` for whose prefix is kept where, `gguf_formats.py` for what answers are held to, and
`gguf_answer.py` for what comes back.
"""

import asyncio
import gc
import logging
import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from pydantic import Field

from maru_backends.answer_grammar import offered
from maru_backends.answer_room import room_for_answer
from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    BackendSettings,
    ChatRequest,
    Feature,
    Finished,
    Health,
    ImagePart,
    Limits,
    Opening,
)
from maru_backends.call_reader import reader_of
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.foreign_json import count_of, json_object, mended, object_of, objects_of
from maru_backends.format_choice import ModelSigns, format_for
from maru_backends.gguf_answer import AnswerReader, error_of
from maru_backends.gguf_file import GgufHeader, NotGgufError, read_header
from maru_backends.gguf_names import hub_name
from maru_backends.gguf_render import TextRenderer
from maru_backends.gguf_slots import Seat, Slots
from maru_backends.prompt_formats import FormatName, PromptFormat
from maru_backends.sse import SseParser
from maru_backends.template_hash import template_hash
from maru_backends.think_tags import OPENING
from maru_backends.thread_opening import opened_in_thread

if TYPE_CHECKING:
    from maru_backends.gguf_formats import GgufFormats

LARGEST_WINDOW = 8192  # of a model that could do more, where the operator does not say: a window costs memory
MOST_WAITING = 1024
ASK_TIMEOUT_S = 30.0
logger = logging.getLogger(__name__)
_LOST = (aiohttp.ClientError, OSError)


class GgufSettings(BackendSettings):
    """Keys of a `[[models]]` table with `backend = "gguf"`."""

    source: str = Field(
        min_length=1,
        description="the .gguf file, of one in several parts the first; or owner/name:file-or-quantisation on the hub",
    )
    revision: str | None = Field(default=None, description="commit, tag or branch of a source on the hub")
    context_window: int | None = Field(
        default=None, ge=16, description=f"tokens; by default what the model was trained for, {LARGEST_WINDOW} at most"
    )
    template: FormatName | None = Field(
        default=None, description="prompt format; by default the file's own, else by its family"
    )
    threads: int | None = Field(default=None, ge=1, description="of arithmetic on a CPU; by default llama.cpp decides")
    gpu_layers: int | None = Field(default=None, ge=0, description="layers on the GPU; by default as many as fit")
    max_batch: int = Field(default=4, ge=1, le=256, description="answers computed at once; each has memory of its own")


# --------------------------------------------------------------------------------------------------- request out


def check_features(request: ChatRequest) -> None:
    """Refuse what this engine cannot do.

    Raises:
        RequestRefusedError: the request holds images or a wish how long to think.
    """
    if any(isinstance(part, ImagePart) for message in request.messages for part in message.parts):
        raise RequestRefusedError("This model reads text only.", param="messages")
    if request.reasoning_effort is not None:
        raise RequestRefusedError("How long this engine thinks cannot be set.", param="reasoning_effort")


def request_out(request: ChatRequest, tokens: list[int], seat: Seat, window: int) -> dict[str, object]:
    """The body of llama.cpp's `/completion`, without what the answer is held to.

    Raises:
        ContextTooLongError: not even one token of an answer fits.
    """
    sampling = request.sampling
    body: dict[str, object] = {
        "prompt": tokens,
        "n_predict": room_for_answer(len(tokens), request.max_tokens, window),
        "stream": True,
        "timings_per_token": True,
        "id_slot": seat.slot,
        "cache_prompt": seat.is_own,
        "repeat_last_n": window,  # penalties look at the whole text, as elsewhere
    }
    if sampling.temperature is not None or sampling.top_p is not None:
        # llama.cpp cuts unlikely tokens off by itself; who asks for a distribution wants that one.
        body |= {"top_k": 0, "min_p": 0.0, "top_p": 1.0 if sampling.top_p is None else sampling.top_p}
    if request.top_logprobs is not None:
        body["n_probs"] = max(1, request.top_logprobs)
    others = {
        "temperature": sampling.temperature,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "seed": sampling.seed,
    }
    return body | {name: value for name, value in others.items() if value is not None}


# --------------------------------------------------------------------------------------------------------- class


class GgufBackend:
    """Answers from a GGUF model in this process."""

    def __init__(self, engine: "_Engine", *, slots: int) -> None:
        """The engine runs; it has so many slots."""
        self._engine = engine
        self.address = str(engine.server.listening_address)
        self._slots = Slots(slots)
        self._limits: Limits | None = None
        self._session = aiohttp.ClientSession(
            self.address,
            # A connection that rests may be closed by the server at the moment in which it is used again.
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Authorization": f"Bearer {engine.key}"},
            timeout=aiohttp.ClientTimeout(total=None),
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        tokens, is_thinking = await self._prompt(request)
        window = (await self.limits()).context_window
        request_out(request, tokens, Seat(0, is_own=False), window)  # refuse before waiting
        wishes = await self._wishes(request, is_thinking=is_thinking)
        if self._slots.waiting >= MOST_WAITING:
            raise BackendBusyError("Too many requests wait for the engine.", retry_after_s=1)
        async with self._slots.taken(request.session_id) as seat:
            prompt_format = self._engine.format if request.raw is None else None
            calls = None if self._engine.formats is None else reader_of(request, self._engine.formats.calls)
            reader = AnswerReader(request, prompt_format, calls, is_thinking=is_thinking)
            body = request_out(request, tokens, seat, window) | wishes
            async with aclosing(self._events(reader, body)) as events:
                async for event in events:
                    yield event

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return len((await self._prompt(request))[0])

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        if self._limits is None:
            told = object_of((await self._asked("/props")).get("default_generation_settings"))

            async def rendered(request: ChatRequest) -> list[int]:
                return (await self._prompt(request))[0]

            features: set[Feature] = {"logprobs", "raw"}
            if self._engine.formats is not None:
                features |= {"json", "tools"} if self._engine.formats.calls else {"json"}
            self._limits = Limits(
                min(self._engine.window, count_of(told.get("n_ctx"))),  # llama.cpp rounds its own up
                features=frozenset(features),
                template=await template_hash(rendered),
            )
        return self._limits

    async def health(self) -> Health:
        """See `Backend.health`."""
        try:
            slots = await self._asked("/slots")
        except BackendError as error:
            return Health(is_ready=False, detail=str(error))
        working = sum(slot.get("is_processing") is True for slot in objects_of(slots.get("slots")))
        return Health(is_ready=True, running_requests=working + self._slots.waiting)

    async def close(self) -> None:
        """See `Backend.close`."""
        await self._session.close()  # first: the server waits for its connections
        await asyncio.to_thread(self._engine.close)

    async def _prompt(self, request: ChatRequest) -> tuple[list[int], bool]:
        """Token ids of the prompt, and whether it has opened the thinking."""
        check_features(request)
        tools, is_raw = offered(request), request.raw is not None
        if tools and (self._engine.formats is None or self._engine.formats.calls is None):
            raise RequestRefusedError("This engine cannot call tools.", param="tools")
        if request.raw is not None:
            text = mended(request.raw)
        else:
            text = mended(await asyncio.to_thread(self._engine.renderer.text, request.messages, tools))
        told = await self._asked("/tokenize", {"content": text, "add_special": is_raw, "parse_special": not is_raw})
        tokens = told.get("tokens")
        if not isinstance(tokens, list):
            raise BackendUnavailableError("The engine did not count the prompt's tokens.")
        return cast("list[int]", tokens), not is_raw and text.rstrip().endswith(OPENING)

    async def _wishes(self, request: ChatRequest, *, is_thinking: bool) -> dict[str, object]:
        if self._engine.formats is not None:
            return await self._engine.formats.wishes(request, is_thinking=is_thinking)
        if request.json_format is not None:
            raise RequestRefusedError("This model cannot hold an answer to a format.", param="json_format")
        return {}

    async def _events(self, reader: AnswerReader, body: Mapping[str, object]) -> AsyncGenerator[BackendEvent, None]:
        async with aclosing(self._chunks(body)) as chunks:
            async for chunk in chunks:
                for event in reader.read(chunk):
                    yield event
                    if isinstance(event, Finished):
                        return
        raise BackendStreamBrokenError("The engine's answer broke off.")

    async def _asked(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, object]:
        """One short answer; a list comes under the last word of the path.

        Raises:
            BackendError: the engine is gone, or refused.
        """
        try:
            async with (
                asyncio.timeout(ASK_TIMEOUT_S),
                self._session.request("GET" if body is None else "POST", path, json=body) as response,
            ):
                text = await response.text()
        except (TimeoutError, RuntimeError, *_LOST) as error:
            raise BackendUnavailableError("The engine does not answer.") from error
        if text.startswith("["):
            text = f'{{"{path[1:]}": {text}}}'
        told = json_object(text) or {}
        if response.status != HTTPStatus.OK:
            raise error_of(object_of(told.get("error")))
        return told

    async def _chunks(self, body: Mapping[str, object]) -> AsyncGenerator[dict[str, object], None]:
        """The chunks of an answer; closing cuts the connection, at which the engine stops."""
        parser = SseParser()
        has_begun = False
        try:
            response = await self._session.post("/completion", json=body)
            try:
                if response.status != HTTPStatus.OK:
                    raise error_of(object_of((json_object(await response.text()) or {}).get("error")))
                async for data in response.content.iter_any():
                    for event in parser.feed(data):
                        has_begun = True
                        yield json_object(event.data) or {}
            finally:
                response.close()
        except _LOST as error:
            broken = BackendStreamBrokenError if has_begun else BackendUnavailableError
            raise broken("The engine went away.") from error
        except RuntimeError as error:
            if self._session.closed:
                raise BackendUnavailableError("This backend was closed.") from error
            raise


@dataclass(slots=True)
class _Engine:
    """What was opened off the event loop; `server` is a running `xllamacpp.Server` that wants the key."""

    server: Any  # the library has no types
    key: str
    renderer: TextRenderer
    format: PromptFormat | None
    formats: "GgufFormats | None"
    window: int

    def close(self) -> None:
        if self.formats is not None:
            self.formats.close()
        self.server = None
        gc.collect()


async def open_backend(settings: GgufSettings) -> Backend:
    """Load the model in a thread and start its engine.

    Raises:
        BackendSetupError: the library is missing, or the file cannot be served.
    """
    return await open_telling(settings, Opening(lambda _: None))


async def open_telling(settings: GgufSettings, opening: Opening) -> Backend:
    """The same, and say how far it is."""
    opened = opened_in_thread(lambda tell: _open(settings, tell), _Engine.close, of=settings, tell=opening.tell)
    engine = await opened
    return GgufBackend(engine, slots=settings.max_batch)


def _open(settings: GgufSettings, tell: Callable[[str], None]) -> _Engine:
    tell("The library is being loaded.")
    try:
        xllamacpp: Any = import_module("xllamacpp")  # it has no types
        from maru_backends.gguf_formats import GgufFormats
    except ImportError as error:
        raise BackendSetupError(
            f"GGUF models need the library {error.name}; install it with `pip install 'maru[gguf]'`."
        ) from error
    source = _file(settings, tell)
    try:
        header = read_header(source)
        signs = ModelSigns(header.name or source.stem, header.architecture, frozenset(header.control_tokens))
        prompt_format = format_for(signs, settings.template, has_template=header.template is not None)
        renderer = TextRenderer(header, prompt_format)
    except (NotGgufError, ValueError) as error:
        message = f"The file that the setting source names cannot be served: {error}."
        raise BackendSetupError(message, private=f"source = {str(source)!r}") from error
    window, key = _window(settings, header), secrets.token_urlsafe(32)
    tell("The weights are being loaded.")
    try:
        server = xllamacpp.Server(_params(xllamacpp.CommonParams(), settings, source, window, key))
        takes_grammars = str(xllamacpp.json_schema_to_grammar({})).startswith("%llguidance")
    except Exception as error:  # the library's outer edge: it does not say what it raises
        message = "The file that the setting source names could not be loaded by llama.cpp; it may be cut off."
        raise BackendSetupError(message, private=f"source = {str(source)!r}: {error}") from error
    if not takes_grammars:
        logger.warning("this xllamacpp was built without llguidance: its models give no structured output and no calls")
    formats = GgufFormats(renderer.calls, header.silent_tokens) if takes_grammars else None
    return _Engine(server, key, renderer, prompt_format, formats, window)


def _file(settings: GgufSettings, tell: Callable[[str], None]) -> Path:
    """The file, fetched from the hub where it is named so."""
    file, name = Path(settings.source).expanduser(), hub_name(settings.source)
    if name is None or file.is_file():
        return file
    try:
        from maru_backends.gguf_hub import fetched
    except ImportError as error:
        raise BackendSetupError(
            f"Models of the hub need the library {error.name}; install it with `pip install 'maru[gguf]'`."
        ) from error
    return fetched(name, settings.revision, tell)


def _params(params: Any, settings: GgufSettings, source: Path, window: int, key: str) -> Any:  # noqa: ANN401 - as above
    params.model.path = str(source)
    params.n_parallel = settings.max_batch
    params.n_ctx = settings.max_batch * window
    params.api_keys = [key]
    params.ui = False
    params.chat_template = "chatml"  # unused: prompts are rendered here, by templates that llama.cpp may not read
    params.cache_ram_mib = 0  # it would give one person's prefix to another
    params.slot_prompt_similarity = 0.0
    params.verbosity = -1
    if settings.threads is not None:
        params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings.threads
    if settings.gpu_layers is not None:
        params.n_gpu_layers = settings.gpu_layers
    return params


def _window(settings: GgufSettings, header: GgufHeader) -> int:
    trained = header.window or LARGEST_WINDOW
    return min(trained, settings.context_window or LARGEST_WINDOW)


plugin = BackendPlugin(settings_type=GgufSettings, open=open_backend, open_telling=open_telling)
