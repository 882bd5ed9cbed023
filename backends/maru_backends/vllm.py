"""vLLM: a server by its address, or one that Maru starts, watches and restarts; exact counts and the real window."""

import json
import logging
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Self, cast

from pydantic import Field, model_validator

from maru_backends.answer_room import guessed_wish, room_for_answer
from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    ChatMessage,
    ChatRequest,
    EngineLoad,
    Feature,
    Health,
    Limits,
    Opening,
    TextPart,
)
from maru_backends.control_tokens import neutralise
from maru_backends.engine_url import EngineUrl
from maru_backends.errors import BackendError, BackendSetupError, BackendUnavailableError, RequestRefusedError
from maru_backends.openai_chat import Json, chat_messages, chat_tools, estimated_tokens
from maru_backends.openai_http import OpenAIHttp
from maru_backends.openai_server import OpenAIServer, OpenAIServerSettings, endpoint
from maru_backends.pool import EnginePool, Member
from maru_backends.schema_bounds import check_schemas
from maru_backends.template_hash import template_hash
from maru_backends.vllm_adapter import Adapter, VllmAdapter, adapter_in
from maru_backends.vllm_launch import ArgValue, Launch, calls_tools, plain_args, plan
from maru_backends.vllm_process import Patience, VllmProcess, free_port

logger = logging.getLogger(__name__)

HEALTH_TIMEOUT_S = 3.0
_OF_ENGINES = frozenset(
    {"base_url", "source", "model", "api_key_env", "headers", "engine_args", "env", "python", "port"}
    | {"start_timeout_s", "stop_grace_s", "max_restarts", "log_file"}
)

_HELLO = ChatRequest((ChatMessage("user", (TextPart("Hello"),)),), max_tokens=1)
_BEGUN = ChatRequest((), max_tokens=1, raw="Hello")
_FIGURE = re.compile(r"^vllm:(\w+)(?:\{[^}]*\})? ([\d.eE+-]+)$", re.MULTILINE)


# Settings


class VllmSettings(OpenAIServerSettings):
    """Keys of `backend = "vllm"`: `base_url`, or `source` and how to start it, or `adapter` and whose engine has it."""

    base_url: EngineUrl | Annotated[tuple[EngineUrl, ...], Field(min_length=1)] | None = Field(
        default=None, description="A server that runs already, ending in /v1, or a list of several of one model."
    )
    source: str | None = Field(default=None, description='A folder, a hub name, or "house": Maru starts vLLM itself.')
    adapter: str | None = Field(default=None, description="A folder of LoRA weights for another model's engine.")
    adapter_of: str | None = Field(default=None, description="The id of the model on whose engine adapter is loaded.")
    features: frozenset[Feature] | None = Field(default=None, description="By default what the flags allow.")
    engine_args: dict[str, ArgValue] = Field(default_factory=dict, description="Flags of vLLM, without the dashes.")
    env: dict[str, str] = Field(default_factory=dict, repr=False, description="Added to the engine's environment.")
    python: Path | None = Field(default=None, description="The Python that has vLLM; by default .venv-vllm's, or ours.")
    port: int = Field(default=0, ge=0, le=65535, description="Port on the loopback; 0 takes a free one.")
    start_timeout_s: float = Field(default=900.0, gt=0, description="Longest time to load the model.")
    stop_grace_s: float = Field(default=10.0, ge=0, description="From SIGTERM to SIGKILL.")
    max_restarts: int = Field(default=5, ge=0, description="How often in a row a dying engine is started again.")
    log_file: Path | None = Field(default=None, description="Where the engine's output is kept, if anywhere.")

    @model_validator(mode="after")
    def _check_one_place(self) -> Self:
        if (self.adapter is None) != (self.adapter_of is None):
            raise ValueError("adapter (its folder) and adapter_of (the id of a model) go together")
        if self.adapter is not None and (others := sorted(self.model_fields_set & _OF_ENGINES)):
            raise ValueError(f"an adapter has no {others[0]}: that belongs to the model on whose engine it runs")
        if self.adapter is None and (self.base_url is None) == (self.source is None):
            raise ValueError("set either base_url (vLLM runs already) or source (Maru starts it)")
        return self

    @property
    def rides_on(self) -> str | None:
        """See `BackendSettings.rides_on`: the model whose weights the adapter changes."""
        return self.adapter_of


# Request out


def tokenize_body(request: ChatRequest, *, model: str) -> Json:
    """The body of `POST /tokenize`: the same messages in the same template, or the same text; neutralised alike."""
    if request.raw is not None:
        return {"model": model, "prompt": neutralise(request.raw)}
    body: Json = {"model": model, "messages": chat_messages(request.messages), "add_generation_prompt": True}
    if request.tools:
        body["tools"] = chat_tools(held_to_schemas(request).tools)
    return body


def held_to_schemas(request: ChatRequest) -> ChatRequest:
    """With strict tools where vLLM must have them so; a tool that says that it is not strict stays as it is.

    Of other tools vLLM takes any arguments where one must be called, and no call beside a shape for the answer.
    """
    is_free = request.tool_choice == "auto" and request.json_format is None
    if is_free or request.tool_choice == "none":
        return request
    tools = (replace(tool, strict=True) if tool.strict is None else tool for tool in request.tools)
    return replace(request, tools=tuple(tools))


# Event in: openai_answer.py has the stream's; here are the other answers.


def told_count(body: str) -> int:
    """The count in an answer of `/tokenize`.

    Raises:
        BackendUnavailableError: there is none.
    """
    count = _tokenized(body).get("count")
    if not isinstance(count, int):
        raise BackendUnavailableError("The engine did not count the tokens.")
    return count


def told_tokens(body: str) -> tuple[int, ...]:
    """The tokens in an answer of `/tokenize`; none where there are none."""
    tokens = _tokenized(body).get("tokens")
    if not isinstance(tokens, list):
        return ()
    return tuple(token for token in cast("list[object]", tokens) if isinstance(token, int))


def _tokenized(body: str) -> dict[str, object]:
    try:
        answer: object = json.loads(body)
    except ValueError as error:
        raise BackendUnavailableError("The engine did not count the tokens.") from error
    return cast("dict[str, object]", answer) if isinstance(answer, dict) else {}


def told_load(metrics: str) -> EngineLoad:
    """What one `/metrics` page tells: sums over all engines behind it, of shares the largest."""
    figures: dict[str, list[float]] = {}
    for name, value in cast("list[tuple[str, str]]", _FIGURE.findall(metrics)):
        figures.setdefault(name, []).append(float(value))

    def total(name: str) -> int | None:
        return round(sum(figures[name])) if name in figures else None

    return EngineLoad(
        running=total("num_requests_running"),
        waiting=total("num_requests_waiting"),
        cache_used=max(figures["kv_cache_usage_perc"]) if "kv_cache_usage_perc" in figures else None,
        prefix_queries=total("prefix_cache_queries_total"),
        prefix_hits=total("prefix_cache_hits_total"),
    )


def served_features(settings: VllmSettings) -> frozenset[Feature]:
    """What may be asked: by address, everything (vLLM refuses the rest itself); started by us, what the flags allow."""
    if settings.features is not None:
        return settings.features
    if settings.base_url is not None:
        return frozenset({"tools", "images", "json", "logprobs", "raw"})
    args = plain_args(settings.engine_args)
    features: set[Feature] = {"json", "logprobs", "raw"}
    if calls_tools(args):
        features.add("tools")
    if "limit-mm-per-prompt" in args:
        features.add("images")
    return frozenset(features)


# Error translation: openai_errors.py for answers, vllm_log.py for starts.
# The class


class VllmBackend:
    """Drives one vLLM server; `process` is None where it is not ours."""

    def __init__(self, settings: VllmSettings, http: OpenAIHttp, process: VllmProcess | None = None) -> None:
        """Use `http`, which `close` closes; see `open_backend`."""
        self.process = process
        self.http = http
        self._settings = settings
        self._server = OpenAIServer(settings, http)
        self._limits: Limits | None = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        self._check_ready()
        check_schemas(request)
        window = (await self.limits()).context_window if request.max_tokens is not None else None
        if request.raw is not None:
            request = await self._bounded(request)
        held = held_to_schemas(request)
        async with aclosing(self._server.stream(held, context_window=window)) as events:
            async for event in events:
                yield event

    async def _bounded(self, request: ChatRequest) -> ChatRequest:
        """With a wish that fits: of completions vLLM refuses more, and gives 16 tokens where nothing is wished."""
        limits, count = await self.limits(), await self.count_tokens(request)
        room = room_for_answer if limits.counts_exactly else guessed_wish
        return replace(request, max_tokens=room(count, request.max_tokens, limits.context_window))

    async def count_tokens(self, request: ChatRequest) -> int:
        """Exact: the serving tokenizer and template; an estimate where a gateway keeps us from asking."""
        self._check_ready()
        if not (await self.limits()).counts_exactly:
            return estimated_tokens(request)
        return told_count(await self._tokenized(request))

    async def limits(self) -> Limits:
        """The window that the running engine was given."""
        if self._limits is None:
            self._check_ready()
            window = await self._server.window()
            if window is None:
                raise BackendSetupError(
                    "The engine does not tell its window; is it vLLM? If not, use backend = openai."
                )
            self._limits = Limits(
                context_window=window,
                max_output_tokens=self._settings.max_output_tokens,
                counts_exactly=await self._tells_counts(),
                features=served_features(self._settings),
                template=await template_hash(self._rendered),
            )
        return self._limits

    async def _rendered(self, request: ChatRequest) -> tuple[int, ...]:
        return told_tokens(await self._tokenized(request))

    async def _tokenized(self, request: ChatRequest) -> str:
        body = tokenize_body(request, model=await self._server.model())
        return await self._server.http.ask("/tokenize", body)

    async def _tells_counts(self) -> bool:
        """False where a gateway in front of the engine does not pass the call on; one that fails now may not later."""
        try:
            await self._tokenized(_HELLO)
        except BackendSetupError:
            logger.warning("the engine cannot be asked to count tokens (`POST /tokenize`); they are estimated")
            return False
        except BackendError:
            return True
        return True

    async def health(self) -> Health:
        """Ready as the engine and our supervisor say, with the number of requests it works on."""
        if self.process is not None and not self.process.is_ready:
            return Health(is_ready=False, detail=self.process.detail)
        try:
            await self._server.http.ask("/health", timeout_s=HEALTH_TIMEOUT_S)
            metrics = await self._server.http.ask("/metrics", timeout_s=HEALTH_TIMEOUT_S)
        except BackendError as error:
            return Health(is_ready=False, detail=str(error))
        load = told_load(metrics)
        return Health(is_ready=True, running_requests=load.running, load=load)

    def with_adapter(self, adapter: Adapter, settings: VllmSettings) -> "VllmAdapter":
        """The same engine as the model that this adapter makes of ours; what its settings leave open is as here."""
        chosen = {key: getattr(settings, key) for key in settings.model_fields_set}
        features = settings.features or served_features(self._settings)
        own = self._settings.model_copy(update={**chosen, "model": adapter.name, "features": features})
        http = OpenAIHttp(self.http.endpoint)
        return VllmAdapter(VllmBackend(own, http, self.process), http, adapter)

    async def close(self) -> None:
        """Cut all connections, then stop the server if it is ours."""
        await self._server.http.close()
        if self.process is not None:
            await self.process.stop()

    def _check_ready(self) -> None:
        if self.process is not None:
            self.process.check_ready()


async def open_backend(settings: VllmSettings) -> Backend:
    """Connect to a server, or start one and wait until its model is loaded."""
    return await open_telling(settings, Opening(_untold))


async def open_telling(settings: VllmSettings, opening: Opening) -> Backend:
    """The same, and say how far it is; or load an adapter into the engine that is open for another model.

    Raises:
        BackendSetupError: as the seam has it; or there is no such engine, or no adapter in its folder.
    """
    if settings.adapter is not None:
        return await _open_adapter(settings, settings.adapter, opening.host)
    if isinstance(settings.base_url, tuple):
        return EnginePool([Member(url, _by_url(settings, url)) for url in dict.fromkeys(settings.base_url)])
    if settings.base_url is not None:
        return _by_url(settings, settings.base_url)
    launch = plan(
        source=settings.source or "",
        model=settings.model,
        python=settings.python,
        engine_args=settings.engine_args,
        env=settings.env,
    )
    return await _open_own(settings, launch, opening.tell)


async def _open_adapter(settings: VllmSettings, source: str, host: object) -> Backend:
    """What it does not load yet, its first look does: at the start, and after each restart of the engine."""
    if isinstance(host, VllmBackend):
        return host.with_adapter(await adapter_in(source, is_near=host.process is not None), settings)
    if isinstance(host, EnginePool):
        adapter = await adapter_in(source, is_near=False)
        return host.same_with(
            lambda engine: engine.with_adapter(adapter, settings) if isinstance(engine, VllmBackend) else engine
        )
    raise BackendSetupError(f"The adapter runs on the engine of {settings.adapter_of!r}, which is none of vLLM's.")


def _untold(_: str) -> None:
    """Nobody asks how far it is."""


def _by_url(settings: VllmSettings, url: str) -> VllmBackend:
    return VllmBackend(settings, OpenAIHttp(endpoint(settings, url)))


async def _open_own(settings: VllmSettings, launch: Launch, tell: Callable[[str], None]) -> Backend:
    patience = Patience(
        start_timeout_s=settings.start_timeout_s,
        stop_grace_s=settings.stop_grace_s,
        max_restarts=settings.max_restarts,
    )
    process = VllmProcess(launch, settings.port or free_port(), patience, log_file=settings.log_file, tell=tell)
    key = launch.environment({})["VLLM_API_KEY"]
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    keyed = settings.model_copy(update={"headers": {**settings.headers, **headers}})
    http = OpenAIHttp(endpoint(keyed, process.base_url))
    backend = VllmBackend(keyed, http, process)
    try:
        await process.start(lambda: _health_status(http))
        tell("vLLM is trying out the model.")
        await _try_out(backend, process)
    except BaseException:  # cancelled too: an engine that nobody knows must not stay
        await backend.close()
        raise
    return backend


async def _try_out(backend: VllmBackend, process: VllmProcess) -> None:
    """Ask for one token: a model with heads of a size that vLLM lacks loads and looks healthy.

    One without a chat template starts all the same: it goes on with texts.

    Raises:
        BackendSetupError: no token came.
    """
    try:
        try:
            await _heard(backend, _HELLO)
        except RequestRefusedError as error:
            logger.warning("the model cannot chat, and only goes on with texts: %s", error)
            await _heard(backend, _BEGUN)
    except BackendError as error:
        raise BackendSetupError(process.why_it_failed()) from error


async def _heard(backend: VllmBackend, request: ChatRequest) -> None:
    async with aclosing(backend.stream(request)) as events:
        async for _ in events:
            pass


async def _health_status(http: OpenAIHttp) -> int | None:
    try:
        return await http.status("/health", timeout_s=HEALTH_TIMEOUT_S)
    except BackendError:
        return None


plugin = BackendPlugin(settings_type=VllmSettings, open=open_backend, open_telling=open_telling)
