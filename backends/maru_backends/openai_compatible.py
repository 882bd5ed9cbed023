"""Any server of OpenAI's chat completions; `openai_presets.py` knows the ways of those that have a name."""

import json
import logging
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import Literal, Self, cast
from urllib.parse import quote

from pydantic import Field, model_validator

from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    BackendSettings,
    ChatRequest,
    Feature,
    Health,
    Limits,
)
from maru_backends.engine_url import EngineUrl, is_near
from maru_backends.errors import BackendError, BackendSetupError, BackendUnavailableError, RequestRefusedError
from maru_backends.foreign_json import json_object
from maru_backends.openai_answer import AnswerReader, PlainText
from maru_backends.openai_chat import bounded_max_tokens, chat_body, estimated_tokens, session_headers
from maru_backends.openai_features import ELSEWHERE, MARU_FEATURES, told_features
from maru_backends.openai_http import CHAT_PATH, Endpoint, OpenAIHttp
from maru_backends.openai_presets import (
    PRESETS,
    Preset,
    PresetName,
    ToldOfServer,
    azure_url,
    lmstudio_features,
    told_of_server,
)
from maru_backends.openai_quirks import NO_QUIRKS, Quirks, new_call_id
from maru_backends.openai_raw import PATH as RAW_PATH
from maru_backends.openai_raw import raw_body
from maru_backends.think_tags import ThinkTagReader, ThinkTags

logger = logging.getLogger(__name__)

OPENAI_URL = "https://api.openai.com/v1"
# For a server that does not tell its window: small enough for nearly every model, and said to be an estimate.
GUESSED_CONTEXT_WINDOW = 8192
HEALTH_TIMEOUT_S = 3.0
_ALIVE = {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.TOO_MANY_REQUESTS}
MODELS_NAMED_IN_ERRORS = 8
# Ordered: a running server's own bound before what the model was trained for.
_WINDOW_KEYS = (
    "max_model_len",
    "n_ctx",
    "loaded_context_length",
    "context_length",
    "context_window",
    "max_context_length",
)


# Settings


class OpenAIServerSettings(BackendSettings):
    """Keys that every engine with OpenAI's API shares."""

    model: str | None = Field(default=None, description="The name the engine uses; needed where it serves several.")
    api_key_env: str | None = Field(default=None, description="Name of the environment variable that holds the key.")
    headers: dict[str, str] = Field(default_factory=dict, repr=False, description="Sent with every call.")
    max_output_tokens: int | None = Field(default=None, gt=0, description="Most tokens of one answer.")
    think_tags: ThinkTags = Field(default="auto", description="Whether `<think>` in an answer marks thinking.")
    connect_timeout_s: float = Field(default=10.0, gt=0)
    first_token_timeout_s: float = Field(default=120.0, gt=0, description="Longest wait for the first words.")
    stall_timeout_s: float = Field(default=60.0, gt=0, description="Longest silence inside an answer.")


class OpenAICompatibleSettings(OpenAIServerSettings):
    """Keys of `backend = "openai"`."""

    preset: PresetName | None = Field(default=None, description="Which server it is, with its address and its ways.")
    base_url: EngineUrl | None = Field(default=None, description="The server's address, ending in its version.")
    api_version: str | None = Field(default=None, pattern=r"^[\w.-]{1,40}$", description="Azure's, for its older API.")
    context_window: int | None = Field(default=None, gt=0, description="Tokens, where the server does not tell.")
    features: frozenset[Feature] | None = Field(
        default=None, description="What the server honours; by default what it tells, else what is likely."
    )
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] | None = Field(
        default=None, description="By default what the address suggests: OpenAI's newer models know the second only."
    )

    @model_validator(mode="after")
    def _check_preset(self) -> Self:
        if self.preset == "azure" and (self.base_url is None or self.model is None):
            raise ValueError(
                "preset 'azure' needs base_url, such as https://NAME.openai.azure.com, and model, the deployment's name"
            )
        if self.api_version is not None and self.preset != "azure":
            raise ValueError("api_version belongs to preset 'azure'")
        return self

    @property
    def ways(self) -> Preset:
        """The server's; without a preset OpenAI's at its own address, and elsewhere nobody's."""
        if self.preset is not None:
            return PRESETS[self.preset]
        return replace(PRESETS["openai"], key_env=None) if self.base_url in {None, OPENAI_URL} else Preset(goes_on=None)

    @property
    def address(self) -> str:
        """Where to call."""
        if self.preset == "azure":
            return azure_url(self.base_url or "", deployment=quote(self.model or ""), api_version=self.api_version)
        return self.base_url or self.ways.base_url or OPENAI_URL

    @property
    def is_hosted(self) -> bool:
        """Whether its address lies outside of one's own machines and networks."""
        return not is_near(self.address)


def endpoint(settings: OpenAIServerSettings, base_url: str, ways: Preset | None = None) -> Endpoint:
    """Where to call and with which key.

    Raises:
        BackendSetupError: the variable that should hold the key is empty or missing.
    """
    ways = ways or Preset()
    headers = dict(settings.headers)
    # A preset's own variable is for its own address: a key goes nowhere but where its operator sends it.
    usual = ways.key_env if ways.base_url in {None, base_url} else None
    name = settings.api_key_env or usual
    if name is not None:
        key = os.environ.get(name, "").strip()
        if not key:
            told = "api_key_env names it" if settings.api_key_env else "set it, or name another one in api_key_env"
            raise BackendSetupError(f"The environment variable {name} is not set; {told}.")
        headers[ways.key_header] = f"{ways.key_prefix}{key}"
    return Endpoint(
        base_url=base_url,
        headers=headers,
        api_key_env=name,
        connect_timeout_s=settings.connect_timeout_s,
        first_token_timeout_s=settings.first_token_timeout_s,
        stall_timeout_s=settings.stall_timeout_s,
    )


# Request out: openai_chat.py. Event in: openai_answer.py. Error translation: openai_errors.py. What is left of them:


def served_models(body: str) -> dict[str, Mapping[str, object]]:
    """The entries of `GET /models` by name; empty for an answer of another shape."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    entries = cast("dict[str, object]", value).get("data") if isinstance(value, dict) else value
    models: dict[str, Mapping[str, object]] = {}
    for entry in cast("list[object]", entries) if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            fields = cast("dict[str, object]", entry)
            models[str(fields.get("id"))] = fields
    return models


def chosen_model(wished: str | None, models: Mapping[str, Mapping[str, object]]) -> str:
    """The name to ask for: the setting's, else the only one served, adapters of it (with a `parent`) left aside.

    Raises:
        BackendSetupError: several are served, or none, and the setting is missing.
    """
    if wished is not None:
        return wished
    whole = [name for name, entry in models.items() if not entry.get("parent")]
    if len(whole) == 1:
        return whole[0]
    names = ", ".join(sorted(models)[:MODELS_NAMED_IN_ERRORS]) or "none that it tells of"
    raise BackendSetupError(f"The setting model is missing; the engine serves {names}.")


def told_window(entry: Mapping[str, object]) -> int | None:
    """The window in one entry of `GET /models`; every server has another name for it."""
    meta = entry.get("meta")  # llama.cpp
    places = (entry, cast("dict[str, object]", meta) if isinstance(meta, dict) else {})
    values = [place.get(key) for key in _WINDOW_KEYS for place in places]
    return next((value for value in values if isinstance(value, int) and value > 0), None)


# The class


class OpenAIServer:
    """What the two backends over this API share: the model's name, the stream, the models' list."""

    def __init__(
        self,
        settings: OpenAIServerSettings,
        http: OpenAIHttp,
        *,
        quirks: Quirks = NO_QUIRKS,
        models_path: str = "models",
    ) -> None:
        """Use `http`, which `close` closes; nothing is asked yet."""
        self.http = http
        self._settings = settings
        self._quirks = quirks
        self._models_path = models_path
        self._model = settings.model

    async def stream(self, request: ChatRequest, *, context_window: int | None) -> AsyncGenerator[BackendEvent, None]:
        """Stream one answer; a wish for tokens is bounded by the window where it is known."""
        max_tokens = bounded_max_tokens(
            request.max_tokens, context_window=context_window, max_output_tokens=self._settings.max_output_tokens
        )
        written, path = (chat_body, CHAT_PATH) if request.raw is None else (raw_body, RAW_PATH)
        body = written(request, model=await self.model(), max_tokens=max_tokens, quirks=self._quirks)
        answer = self.http.answer(body, session_headers(request), lambda: self._reader(request), path=path)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    def _reader(self, request: ChatRequest) -> AnswerReader:
        tags = self._settings.think_tags if request.raw is None else "off"
        text = PlainText() if tags == "off" else ThinkTagReader(is_opened=tags == "opened")
        return AnswerReader(request, new_call_id=new_call_id, text=text)

    async def model(self) -> str:
        """The name to ask for; the engine is asked once where the setting is missing."""
        if self._model is None:
            self._model = chosen_model(None, served_models(await self.http.ask(self._models_path)))
        return self._model

    async def about(self) -> Mapping[str, object]:
        """What the engine's list of models tells of ours; empty where that is not in it."""
        models = served_models(await self.http.ask(self._models_path))
        model = self._model = chosen_model(self._model, models)
        return models.get(model, {})

    async def goes_on_with_texts(self) -> bool:
        """Whether it misses the text in a completion that has none, and does not say that there are no completions."""
        try:
            await self.http.ask(RAW_PATH, {"model": await self.model()})
        except RequestRefusedError:
            return True
        except BackendError:
            return False
        return False

    async def window(self) -> int | None:
        """The window that the engine tells of our model, or of the one that ours is an adapter of, if it tells."""
        models = served_models(await self.http.ask(self._models_path))
        model = self._model = chosen_model(self._model, models)
        entry = models.get(model, {})
        return told_window(entry) or told_window(models.get(str(entry.get("parent")), {}))


class OpenAICompatibleBackend:
    """Drives one server by URL; counts are estimates, because this API has no call that counts."""

    def __init__(self, settings: OpenAICompatibleSettings, http: OpenAIHttp) -> None:
        """Keep the settings; see `open_backend`."""
        self._settings = settings
        self._ways = ways = settings.ways
        field = settings.max_tokens_field or ways.quirks.max_tokens_field
        self._server = OpenAIServer(
            settings,
            http,
            quirks=replace(ways.quirks, max_tokens_field=field),
            models_path=ways.models_path,
        )
        self._window = settings.context_window
        self._limits: Limits | None = None

    def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        if request.raw is not None and request.max_tokens is None:
            room = (self._window or GUESSED_CONTEXT_WINDOW) - estimated_tokens(request)
            request = replace(request, max_tokens=max(1, room))  # what is not said means 16 tokens here
        return self._server.stream(request, context_window=self._window)

    async def count_tokens(self, request: ChatRequest) -> int:
        """A cautious estimate."""
        return estimated_tokens(request)

    async def limits(self) -> Limits:
        """From the settings, else from the server's list of models, else a guess: the window and the features."""
        if self._limits is None:
            wished = self._settings.features
            features = self._ways.features if wished is None else wished
            told: Mapping[str, object] = {}
            page = ToldOfServer()
            if self._window is None or features is None:
                told, page = await self._told(), await self._told_by_page()
            self._window = self._window or page.context_window or told_window(told) or self._ways.context_window
            self._limits = Limits(
                context_window=self._window or GUESSED_CONTEXT_WINDOW,
                max_output_tokens=self._settings.max_output_tokens,
                counts_exactly=False,
                features=await self._features(told) | page.features if features is None else features,
            )
        return self._limits

    async def health(self) -> Health:
        """Ready when the server lists its models, has no such list, or says that it is asked too often."""
        try:
            status = await self._server.http.status(self._ways.models_path, timeout_s=HEALTH_TIMEOUT_S)
        except BackendError as error:
            return Health(is_ready=False, detail=str(error))
        if status in _ALIVE:
            return Health(is_ready=True)
        return Health(is_ready=False, detail=f"The engine answers its list of models with HTTP {status}.")

    async def close(self) -> None:
        """Cut all connections."""
        await self._server.http.close()

    async def _told(self) -> Mapping[str, object]:
        try:
            return await self._server.about()
        except BackendUnavailableError:
            raise
        except BackendError:
            if self._settings.model is None:
                raise
            return {}  # a server without a list of models still chats

    async def _told_by_page(self) -> ToldOfServer:
        if self._ways.about_path is None:
            return ToldOfServer()
        try:
            return told_of_server(json_object(await self._server.http.ask(self._ways.about_path)) or {})
        except BackendUnavailableError:
            raise
        except BackendError:
            return ToldOfServer()  # an older server, or a proxy that hides the page

    async def _features(self, told: Mapping[str, object]) -> frozenset[Feature]:
        features = told_features(told) or lmstudio_features(told)
        if features is None:
            logger.info(
                "the server of %r does not tell what it can do: tools and json are assumed, images are not; "
                "`features` in maru.toml says otherwise",
                self._settings.model or "a model",
            )
        return (ELSEWHERE if features is None else features) | await self._of_texts(told)

    async def _of_texts(self, told: Mapping[str, object]) -> frozenset[Feature]:
        is_told = MARU_FEATURES in told
        goes_on = self._ways.goes_on
        if goes_on is None and not is_told:
            goes_on = await self._server.goes_on_with_texts()
        return frozenset({"raw"} if goes_on and not is_told else ())


async def open_backend(settings: OpenAICompatibleSettings) -> Backend:
    """Check the key; the server itself is asked when it is needed, and may start later than we do."""
    where = endpoint(settings, settings.address, settings.ways)
    if settings.api_version is not None:
        where = replace(where, query={"api-version": settings.api_version})
    settings = settings.model_copy(update={"model": settings.model or settings.ways.model})
    return OpenAICompatibleBackend(settings, OpenAIHttp(where))


plugin = BackendPlugin(settings_type=OpenAICompatibleSettings, open=open_backend)
