"""Claude through Anthropic's own SDK, or any server of its Messages API."""

import logging
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import partial

from pydantic import Field

from maru_backends.base import Backend, BackendEvent, BackendPlugin, ChatRequest, Finished
from maru_backends.claude_answer import ClaudeReader
from maru_backends.claude_chat import Thoughts, claude_body, prompt_body
from maru_backends.claude_errors import is_about_thinking
from maru_backends.claude_http import ClaudeHttp, open_http, prompt_key
from maru_backends.claude_model import ClaudeModel, Thinking, told_model
from maru_backends.engine_url import EngineUrl
from maru_backends.errors import (
    BackendSetupError,
    RequestRefusedError,
)
from maru_backends.hosted_backend import HostedBackend
from maru_backends.hosted_settings import HostedSettings, api_key
from maru_backends.hosted_stream import Patience, heard, with_retries
from maru_backends.openai_chat import estimated_tokens, session_headers
from maru_backends.openai_quirks import new_call_id

logger = logging.getLogger(__name__)

ANTHROPIC_URL = "https://api.anthropic.com"
USUAL_ENV = "ANTHROPIC_API_KEY"
SDK_HEADERS_ENV = "ANTHROPIC_CUSTOM_HEADERS"  # read by the SDK itself, whatever the address


# Settings


class ClaudeSettings(HostedSettings):
    """Keys of `backend = "claude"`."""

    base_url: EngineUrl = Field(default=ANTHROPIC_URL, description="The server's address, without a version.")
    thinking: Thinking | None = Field(default=None, description="How thinking is asked for, where it is not told.")
    sampling: bool | None = Field(default=None, description="Whether the model takes a temperature and `top_p`.")
    prompt_caching: bool = Field(default=True, description="Whether places are marked for the provider's cache.")


# Request out: claude_chat.py. Event in: claude_answer.py. Error translation: claude_errors.py. What is left of them:


def model_from(settings: ClaudeSettings, entry: Mapping[str, object]) -> ClaudeModel:
    """The model as it is told, with what the settings say in its place."""
    told = told_model(settings.model, entry)
    return ClaudeModel(
        name=told.name,
        context_window=settings.context_window or told.context_window,
        max_output_tokens=settings.max_output_tokens or told.max_output_tokens,
        thinking=settings.thinking or told.thinking,
        may_rest=told.may_rest,
        efforts=told.efforts,
        takes_sampling=told.takes_sampling if settings.sampling is None else settings.sampling,
        features=told.features if settings.features is None else settings.features,
    )


# The class


class ClaudeBackend(HostedBackend[ClaudeModel]):
    """Drives one model; every call goes through one client of the SDK, which retries nothing by itself."""

    def __init__(self, settings: ClaudeSettings, http: ClaudeHttp) -> None:
        """Use `http`, which `close` closes; nothing is asked yet."""
        super().__init__(settings, http, read=partial(model_from, settings), home_url=ANTHROPIC_URL)
        self._settings = settings
        self._http = http

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        model = await self._known_model()
        body = self._body(request, model)
        was_told = False
        try:
            async with aclosing(self._answer(request, body)) as events:
                async for event in events:
                    was_told = True
                    yield event
        except RequestRefusedError as error:
            bare = self._body(request, model, thoughts=lambda _: None)
            if was_told or not is_about_thinking(error) or bare == body:
                raise
            # A signature holds for one model and one history, and the window may have been cut since.
            logger.info("thinking that was sent back was refused; asking without it")
            async with aclosing(self._answer(request, bare)) as events:
                async for event in events:
                    yield event

    async def count_tokens(self, request: ChatRequest) -> int:
        """Asked from the provider, and kept; or a cautious estimate, where the settings wish it."""
        if self._settings.counting == "estimate":
            return estimated_tokens(request)
        model = await self._known_model()
        body = self._prompt(request, model)
        return await self._counted(prompt_key(body), lambda: self._http.count(body))

    def _prompt(self, request: ChatRequest, model: ClaudeModel) -> dict[str, object]:
        return prompt_body(
            request,
            model,
            max_tokens=self._max_tokens(request, model),
            thoughts=self._kept.of,
            with_caching=self._settings.prompt_caching,
        )

    def _body(self, request: ChatRequest, model: ClaudeModel, *, thoughts: Thoughts | None = None) -> dict[str, object]:
        # Where the count is known, the answer is given the room that is left: some models refuse a wish for more.
        counted = self._counts.get(prompt_key(self._prompt(request, model))) or model.context_window
        room = max(0, model.context_window - counted) or model.context_window
        return claude_body(
            request,
            model,
            max_tokens=min(self._max_tokens(request, model), room),
            thoughts=thoughts or self._kept.of,
            with_caching=self._settings.prompt_caching,
        )

    def _answer(self, request: ChatRequest, body: Mapping[str, object]) -> AsyncGenerator[BackendEvent, None]:
        return with_retries(
            lambda: self._attempt(request, body),
            retries=self._settings.retries,
            is_closed=lambda: self._http.is_closed,
        )

    async def _attempt(self, request: ChatRequest, body: Mapping[str, object]) -> AsyncGenerator[BackendEvent, None]:
        patience = Patience(first_s=self._settings.first_token_timeout_s, stall_s=self._settings.stall_timeout_s)
        reader = ClaudeReader(request, new_call_id=new_call_id)
        # Routers hash on the conversation; the provider itself has no use for it.
        headers = session_headers(request) if self._settings.base_url != ANTHROPIC_URL else {}
        answer = heard(self._http.answer(body, headers), reader, patience, is_closed=lambda: self._http.is_closed)
        async with aclosing(answer) as events:
            async for event in events:
                if isinstance(event, Finished):
                    self._kept.keep(reader.thinking)
                yield event


async def open_backend(settings: ClaudeSettings) -> Backend:
    """Load the SDK and find the key; the provider itself is asked when it is needed.

    Raises:
        BackendSetupError: the SDK is not installed, the key is missing, or headers would go to a foreign address.
    """
    is_home = settings.base_url == ANTHROPIC_URL
    if not is_home and os.environ.get(SDK_HEADERS_ENV, "").strip():
        raise BackendSetupError(
            f"The environment variable {SDK_HEADERS_ENV} is set, and the SDK would send its headers to base_url, which"
            " is not Anthropic's; unset it, and name what this server needs in the setting headers."
        )
    key = api_key(settings, usual_env=USUAL_ENV if is_home else None)
    return ClaudeBackend(
        settings,
        await open_http(
            base_url=settings.base_url,
            key=key,
            headers=settings.headers,
            connect_timeout_s=settings.connect_timeout_s,
            retries=settings.retries,
        ),
    )


plugin = BackendPlugin(settings_type=ClaudeSettings, open=open_backend)
