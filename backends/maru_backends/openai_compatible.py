"""Any server of OpenAI's API: chat completions or responses; `openai_presets.py` knows those that have a name."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import replace
from http import HTTPStatus
from typing import Literal, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from maru_backends.answer_room import guessed_wish
from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    ChatRequest,
    Feature,
    Health,
    Limits,
)
from maru_backends.engine_url import EngineUrl, is_near
from maru_backends.errors import BackendError, BackendUnavailableError
from maru_backends.foreign_json import json_object
from maru_backends.openai_chat import estimated_tokens
from maru_backends.openai_features import ELSEWHERE, MARU_FEATURES, told_features
from maru_backends.openai_http import OpenAIHttp
from maru_backends.openai_presets import (
    PRESETS,
    Preset,
    PresetName,
    ToldOfServer,
    azure_url,
    lmstudio_features,
    told_of_server,
)
from maru_backends.openai_responses import Summary
from maru_backends.openai_server import Api, OpenAIServer, OpenAIServerSettings, endpoint, told_window
from maru_backends.schema_bounds import check_schemas

logger = logging.getLogger(__name__)

OPENAI_URL = "https://api.openai.com/v1"
# For a server that does not tell its window: small enough for nearly every model, and said to be an estimate.
GUESSED_CONTEXT_WINDOW = 8192
HEALTH_TIMEOUT_S = 3.0
_ALIVE = {HTTPStatus.OK, HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.TOO_MANY_REQUESTS}


# Settings


class OpenAICompatibleSettings(OpenAIServerSettings):
    """Keys of `backend = "openai"`."""

    preset: PresetName | None = Field(default=None, description="Which server it is, with its address and its ways.")
    base_url: EngineUrl | None = Field(default=None, description="The server's address, ending in its version.")
    api: Api = Field(default="chat", description="Which of the server's APIs is asked: chat completions, or responses.")
    reasoning_summary: Summary | None = Field(
        default=None, description="How a model that reasons tells of it by responses; auto where it honours effort."
    )
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
        if self.api == "responses" and self.api_version is not None:
            raise ValueError("api 'responses' belongs to the API that has no versions: leave api_version out")
        if self.reasoning_summary is not None and self.api != "responses":
            raise ValueError("reasoning_summary belongs to api 'responses'")
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


# Request out, event in, error translation: openai_server.py says where.


# The class


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
            api=settings.api,
        )
        self._window = settings.context_window
        self._limits: Limits | None = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        check_schemas(request)
        if request.raw is not None and (self._window is not None or request.max_tokens is None):
            window = self._window or GUESSED_CONTEXT_WINDOW
            request = replace(request, max_tokens=guessed_wish(estimated_tokens(request), request.max_tokens, window))
        answer = self._server.stream(request, context_window=self._window, summary=self._summary())
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    def _summary(self) -> Summary | None:
        features = self._settings.features if self._limits is None else self._limits.features
        return self._settings.reasoning_summary or ("auto" if "effort" in (features or ()) else None)

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
