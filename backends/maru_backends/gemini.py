"""Gemini through Google's own SDK (the Gemini Developer API)."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial

from pydantic import Field

from maru_backends.base import Backend, BackendEvent, BackendPlugin, ChatRequest, Feature, Finished
from maru_backends.engine_url import EngineUrl
from maru_backends.foreign_json import count_of
from maru_backends.gemini_answer import GeminiReader
from maru_backends.gemini_chat import GeminiModel, Thinking, gemini_body, prompt_body
from maru_backends.gemini_http import GeminiHttp, open_http, prompt_key
from maru_backends.hosted_backend import HostedBackend
from maru_backends.hosted_settings import HostedSettings, api_key
from maru_backends.hosted_stream import Patience, heard, with_retries
from maru_backends.openai_chat import estimated_tokens
from maru_backends.openai_quirks import new_call_id

GEMINI_URL = "https://generativelanguage.googleapis.com/v1beta"
USUAL_ENV = "GEMINI_API_KEY"
GUESSED_CONTEXT_WINDOW = 1_048_576
GUESSED_OUTPUT_TOKENS = 65_536
LIKELY: frozenset[Feature] = frozenset({"tools", "images", "json"})
THINKS: frozenset[Feature] = frozenset({*LIKELY, "effort"})
_WITH_BUDGETS = re.compile(r"gemini-2\.")


# Settings


class GeminiSettings(HostedSettings):
    """Keys of `backend = "gemini"`."""

    base_url: EngineUrl = Field(default=GEMINI_URL, description="The server's address, ending in its version.")
    thinking: Thinking | None = Field(default=None, description="How thinking is asked for; by default by the name.")


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


class GeminiBackend(HostedBackend[GeminiModel]):
    """Drives one model; every call goes through one client of the SDK."""

    def __init__(self, settings: GeminiSettings, http: GeminiHttp) -> None:
        """Use `http`, which `close` closes; nothing is asked yet."""
        super().__init__(settings, http, read=partial(model_from, settings), home_url=GEMINI_URL)
        self._settings = settings
        self._http = http

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        model = await self._known_model()
        max_tokens = self._max_tokens(request, model)
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
        return await self._counted(prompt_key(model.name, body), lambda: self._http.count(model.name, body))

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
