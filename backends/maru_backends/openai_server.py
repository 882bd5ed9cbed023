"""What the backends over OpenAI's API share: common settings, the address and its key, the model's name, the stream."""

import json
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Literal, cast

from pydantic import Field

from maru_backends.base import BackendEvent, BackendSettings, ChatRequest
from maru_backends.errors import BackendError, BackendSetupError, RequestRefusedError
from maru_backends.kept_thinking import KeptThinking
from maru_backends.openai_answer import AnswerReader, PlainText
from maru_backends.openai_chat import bounded_max_tokens, chat_body, session_headers
from maru_backends.openai_http import CHAT_PATH, Endpoint, OpenAIHttp, StreamReader
from maru_backends.openai_presets import Preset
from maru_backends.openai_quirks import NO_QUIRKS, Quirks, new_call_id
from maru_backends.openai_raw import PATH as RAW_PATH
from maru_backends.openai_raw import raw_body
from maru_backends.openai_responses import PATH as RESPONSES_PATH
from maru_backends.openai_responses import Summary, responses_body
from maru_backends.openai_responses_answer import ResponsesReader
from maru_backends.think_tags import ThinkTagReader, ThinkTags

Api = Literal["chat", "responses"]

MODELS_NAMED_IN_ERRORS = 8
# Ordered: a running server's own bound before what the model was trained for.
_WINDOW_KEYS = (
    "max_model_len",
    "n_ctx",
    "loaded_context_length",
    "context_length",
    "context_window",
    "max_context_length",
    "maru:context_window",
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


# Request out: openai_chat.py, openai_responses.py, openai_raw.py. Event in: openai_answer.py,
# openai_responses_answer.py. Error translation: openai_errors.py. What is left of them:


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
        api: Api = "chat",
    ) -> None:
        """Use `http`, which `close` closes; nothing is asked yet."""
        self._api = api
        self._kept = KeptThinking()
        self.http = http
        self._settings = settings
        self._quirks = quirks
        self._models_path = models_path
        self._model = settings.model

    async def stream(
        self, request: ChatRequest, *, context_window: int | None, summary: Summary | None = None
    ) -> AsyncGenerator[BackendEvent, None]:
        """Stream one answer; a wish for tokens is bounded by the window where it is known.

        `summary` is for responses: how a model that reasons tells of it; None where it does not reason.
        """
        max_tokens = bounded_max_tokens(
            request.max_tokens, context_window=context_window, max_output_tokens=self._settings.max_output_tokens
        )
        path, body = self._written(request, await self.model(), max_tokens, summary)
        answer = self.http.answer(body, session_headers(request), lambda: self._reader(request), path=path)
        async with aclosing(answer) as events:
            async for event in events:
                yield event

    def _written(
        self, request: ChatRequest, model: str, max_tokens: int | None, summary: Summary | None
    ) -> tuple[str, Mapping[str, object]]:
        if request.raw is not None:
            return RAW_PATH, raw_body(request, model=model, max_tokens=max_tokens, quirks=self._quirks)
        if self._api == "chat":
            return CHAT_PATH, chat_body(request, model=model, max_tokens=max_tokens, quirks=self._quirks)
        thoughts = self._kept.of
        return RESPONSES_PATH, responses_body(
            request, model=model, max_tokens=max_tokens, summary=summary, thoughts=thoughts
        )

    def _reader(self, request: ChatRequest) -> StreamReader:
        tags = self._settings.think_tags if request.raw is None else "off"
        text = PlainText() if tags == "off" else ThinkTagReader(is_opened=tags == "opened")
        answer = AnswerReader(request, new_call_id=new_call_id, text=text)
        if self._api == "chat" or request.raw is not None:
            return answer
        return ResponsesReader(request, answer, self._kept)

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
