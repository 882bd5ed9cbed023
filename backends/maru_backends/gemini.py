"""Gemini through Google's own SDK (the Gemini Developer API)."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from http import HTTPStatus
from typing import Literal

from pydantic import Field

from maru_backends.base import Backend, BackendEvent, BackendPlugin, ChatRequest, Feature, Finished, Health, Limits
from maru_backends.engine_url import EngineUrl
from maru_backends.errors import BackendBusyError, BackendError, BackendUnavailableError
from maru_backends.foreign_json import count_of
from maru_backends.gemini_answer import GeminiReader
from maru_backends.gemini_chat import GeminiModel, Thinking, gemini_body, prompt_body
from maru_backends.gemini_http import GeminiHttp, open_http, prompt_key, status_of
from maru_backends.hosted_counts import KnownCounts
from maru_backends.hosted_settings import HostedSettings, api_key
from maru_backends.hosted_stream import Patience, heard, with_retries
from maru_backends.kept_thinking import KeptThinking
from maru_backends.openai_chat import bounded_max_tokens, estimated_tokens
from maru_backends.openai_quirks import new_call_id

GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta"
USUAL_ENV = "GEMINI_API_KEY"
HEALTH_TIMEOUT_S = 3.0
GUESSED_CONTEXT_WINDOW = 1_048_576
GUESSED_OUTPUT_TOKENS = 65_536
LIKELY: frozenset[Feature] = frozenset({"tools", "images", "json"})
THINKS: frozenset[Feature] = frozenset({*LIKELY, "effort"})
_ALIVE = {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED}
_WITH_BUDGETS = re.compile(r"gemini-2\.")


# Settings


class GeminiSettings(HostedSettings):
    """Keys of `backend = "gemini"`."""

    base_url: EngineUrl = Field(default=GEMINI_URL, description="The server's address, ending in its version.")
    thinking: Thinking | None = Field(default=None, description="How thinking is asked for; by default by the name.")
    counting: Literal["exact", "estimate"] = Field(
        default="exact", description="Whether the provider is asked how many tokens a prompt has."
    )


# Request out: gemini_chat.py. Event in: gemini_answer.py. Error translation: gemini_errors.py. What is left of them:


def model_from(settings: GeminiSettings, entry: Mapping[str, object]) -> GeminiModel:
    """The model as `GET models/NAME` tells of it, with what the settings say in its place."""
    name = settings.model.removeprefix("models/")
    thinking: Thinking = "budget" if _WITH_BUDGETS.match(name) else "level"
    if entry and entry.get("thinking") is not True:
        thinking = "off"
    thinking = settings.thinking or thinking
    likely = LIKELY if thinking == "off" else THINKS
    told_output = count_of(entry.get("output_token_limit"))
    return GeminiModel(
        name=name,
        context_window=settings.context_window or count_of(entry.get("input_token_limit")) or GUESSED_CONTEXT_WINDOW,
        max_output_tokens=settings.max_output_tokens or told_output or GUESSED_OUTPUT_TOKENS,
        thinking=thinking,
        features=likely if settings.features is None else settings.features,
    )


# The class


class GeminiBackend:
    """Drives one model; every call goes through one client of the SDK."""

    def __init__(self, settings: GeminiSettings, http: GeminiHttp) -> None:
        """Use `http`, which `close` closes; nothing is asked yet."""
        self._settings = settings
        self._http = http
        self._model: GeminiModel | None = None
        self._kept = KeptThinking()
        self._counts = KnownCounts()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        model = await self._known_model()
        wished = bounded_max_tokens(
            request.max_tokens, context_window=model.context_window, max_output_tokens=model.max_output_tokens
        )
        max_tokens = wished or model.max_output_tokens
        body = gemini_body(request, model, max_tokens=max_tokens, signatures=self._kept.of)
        answer = with_retries(
            lambda: self._attempt(request, model, body),
            retries=self._settings.retries,
            is_closed=lambda: self._http.is_closed,
        )
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    async def count_tokens(self, request: ChatRequest) -> int:
        """Asked from the provider, and kept; or a cautious estimate, where the settings wish it."""
        if self._settings.counting == "estimate":
            return estimated_tokens(request)
        model = await self._known_model()
        body = prompt_body(request, model, signatures=self._kept.of)
        key = prompt_key(model.name, body)
        count = self._counts.get(key)
        if count is None:
            found = await self._http.count(model.name, body)
            if found is None:
                raise BackendUnavailableError("The engine does not count tokens; set counting to 'estimate'.")
            count = self._counts.keep(key, found)
        return count

    async def limits(self) -> Limits:
        """As the provider tells of the model, with what the settings say in its place."""
        model = await self._known_model()
        return Limits(
            context_window=model.context_window,
            max_output_tokens=model.max_output_tokens,
            counts_exactly=self._settings.counting == "exact",
            features=model.features,
        )

    async def health(self) -> Health:
        """Ready when the provider tells of the model, says that it tells of none, or that it is asked too often."""
        try:
            await self._http.model(self._settings.model, timeout_s=HEALTH_TIMEOUT_S)
        except BackendBusyError:
            return Health(is_ready=True)
        except BackendError as error:
            if status_of(error) not in _ALIVE:
                return Health(is_ready=False, detail=str(error))
        return Health(is_ready=True)

    async def close(self) -> None:
        """Cut all connections."""
        await self._http.close()

    async def _known_model(self) -> GeminiModel:
        if self._model is None:
            self._model = model_from(self._settings, await self._told())
        return self._model

    async def _told(self) -> Mapping[str, object]:
        try:
            return await self._http.model(self._settings.model)
        except BackendUnavailableError:
            raise
        except BackendError:
            if self._settings.base_url == GEMINI_URL:
                raise
            return {}  # another server of this API may tell of no models

    async def _attempt(
        self, request: ChatRequest, model: GeminiModel, body: Mapping[str, object]
    ) -> AsyncGenerator[BackendEvent, None]:
        patience = Patience(first_s=self._settings.first_token_timeout_s, stall_s=self._settings.stall_timeout_s)
        reader = GeminiReader(request, new_call_id=new_call_id)
        pieces = self._http.answer(model.name, body)
        async with aclosing(heard(pieces, reader, patience, is_closed=lambda: self._http.is_closed)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    self._kept.keep(reader.signatures)
                yield event


async def open_backend(settings: GeminiSettings) -> Backend:
    """Load the SDK and find the key; the provider itself is asked when it is needed.

    Raises:
        BackendSetupError: the SDK is not installed, or the key is missing.
    """
    key = api_key(settings, usual_env=USUAL_ENV if settings.base_url == GEMINI_URL else None)
    return GeminiBackend(
        settings,
        await open_http(
            base_url=settings.base_url,
            key=key,
            headers=settings.headers,
            connect_timeout_s=settings.connect_timeout_s,
            retries=settings.retries,
        ),
    )


plugin = BackendPlugin(settings_type=GeminiSettings, open=open_backend)
