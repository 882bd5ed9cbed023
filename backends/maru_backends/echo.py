"""A backend without a model, for tests and demos: it says the same to the same request, and plays an engine's faults.

A token is a word or a punctuation mark together with the space before it; `Usage` counts exactly those.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, assert_never, cast

from pydantic import Field

from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    BackendSettings,
    ChatRequest,
    Feature,
    Finished,
    FinishReason,
    Health,
    ImagePart,
    Limits,
    NamedTool,
    Opening,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    Tool,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import (
    BackendBusyError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
)
from maru_backends.logprobs import rival, token_logprob
from maru_backends.text_stream import StopScanner

Script = Literal["echo", "count", "tool", "reason", "refuse", "busy", "break", "stall"]
Sleep = Callable[[float], Awaitable[None]]

# Words of any writing stay whole, with their accents and joined emoji; each ASCII punctuation mark is a token.
_TOKEN = re.compile(r"\s*(?:[^\s!-/:-@\[-`{-~]+|[!-/:-@\[-`{-~])|\s+")
_LOADING_STEPS = 5
_MESSAGE_OVERHEAD = 1  # as a chat template has
_SAMPLES: dict[str, object] = {"integer": 0, "number": 0, "boolean": True, "null": None}
_REFUSAL = "I will not repeat that."
_THOUGHT = "The person said something, so I say it back."


class EchoSettings(BackendSettings):
    """Keys of a `[[models]]` table with `backend = "echo"`.

    `script` says what is played:
        echo: the last user message, or the tool's result, word by word; JSON where the request asks for it, and a call
            where a tool must be called.
        count: `tokens` numbered words, each `counted_word(last user message, i)`.
        tool: a call of the first (or named) tool with the last user message; echo once its result is there.
        reason: some thinking, then echo.
        refuse: a refusal, as engines mark one.
        busy: refused at once, by the engine.
        break: `tokens` tokens of echo, then the stream breaks off.
        stall: `tokens` tokens of echo, then silence until it is closed.
    """

    script: Script = "echo"
    tokens: int = Field(default=20, ge=0, description="of `count`, `break` and `stall`")
    delay_s: float = Field(default=0, ge=0, description="before the first token")
    pace_tokens_per_s: float = Field(default=0, ge=0, description="0 is as fast as they are read")
    context_window: int = Field(default=8192, ge=2)
    load_s: float = Field(default=0, ge=0, description="that loading takes")


# --------------------------------------------------------------------------------------------------- request out


def tokens_of(text: str) -> list[str]:
    """The text in tokens; joined they are the text."""
    return _TOKEN.findall(text)


def input_tokens(request: ChatRequest) -> int:
    """What the request costs, tools included; an image is a token."""
    tools = " ".join(f"{tool.name} {tool.description or ''} {json.dumps(tool.parameters)}" for tool in request.tools)
    messages = sum(_MESSAGE_OVERHEAD + len(tokens_of(message.text)) for message in request.messages)
    images = sum(isinstance(part, ImagePart) for message in request.messages for part in message.parts)
    return messages + images + len(tokens_of(tools))


def counted_word(prompt: str, index: int) -> str:
    """Token `index` of the answer to a prompt under `count`: every gap, repeat and swap shows."""
    digest = hashlib.blake2b(f"{index}\0{prompt}".encode(), digest_size=4).hexdigest()
    return f"{index}x{digest} "


def sample_of(schema: Mapping[str, object]) -> object:
    """A small value of the shape that a JSON schema names."""
    plain = cast("Mapping[str, Any]", schema)
    if plain.get("enum"):
        return plain["enum"][0]
    match plain.get("type"):
        case "object":
            return {name: sample_of(inner) for name, inner in plain.get("properties", {}).items()}
        case "array":
            return [sample_of(plain["items"])] if "items" in plain else []
        case kind:
            return _SAMPLES.get(str(kind), "echo")


# ------------------------------------------------------------------------------------------------------ event in


def script_of(request: ChatRequest, settings: EchoSettings) -> list[BackendEvent]:
    """Every delta of the answer before any bound cuts it, one token each."""
    said = _last_said(request)
    match settings.script:
        case "echo" if request.tool_choice == "required" or isinstance(request.tool_choice, NamedTool):
            tool = _tool_of(request)
            return _called(tool, said) if tool is not None else _spoken(_formatted(request, said))
        case "echo" | "busy":
            return _spoken(_formatted(request, said))
        case "count":
            return [TextDelta(counted_word(said, index)) for index in range(settings.tokens)]
        case "tool":
            tool = _tool_of(request)
            return _called(tool, said) if tool is not None else _spoken(said)
        case "reason":
            return [*(ReasoningDelta(token) for token in tokens_of(_THOUGHT)), *_spoken(said)]
        case "refuse":
            return [RefusalDelta(token) for token in tokens_of(_REFUSAL)]
        case "break" | "stall":
            return _spoken(said)[: settings.tokens]
        case _:
            assert_never(settings.script)


def cut(events: Sequence[BackendEvent], stops: Sequence[str], most: int) -> Iterator[BackendEvent | FinishReason]:
    """The events with stop strings and the bound on tokens applied, then the reason of the end."""
    scanner = StopScanner(stops)
    reason: FinishReason = "stop"
    for count, event in enumerate(events, start=1):
        if count > most:
            reason = "length"
            break
        if not isinstance(event, TextDelta):
            reason = "tool_calls" if isinstance(event, ToolCallDelta) else "stop"
            yield event
            continue
        text, stopped = scanner.feed(event.text)
        if text:
            yield TextDelta(text)
        if stopped:
            yield "stop"
            return
    if rest := scanner.flush():
        yield TextDelta(rest)
    yield reason


def _last_said(request: ChatRequest) -> str:
    return next((m.text for m in reversed(request.messages) if m.role in ("user", "tool")), "")


def _formatted(request: ChatRequest, said: str) -> str:
    if request.json_format is None:
        return said
    schema = request.json_format.schema
    return json.dumps({"echo": said} if schema is None else sample_of(schema), ensure_ascii=False)


def _spoken(text: str) -> list[BackendEvent]:
    return [TextDelta(token) for token in tokens_of(text)]


def _called(tool: Tool, said: str) -> list[BackendEvent]:
    arguments = json.dumps(sample_of(tool.parameters) if tool.parameters else {"text": said}, ensure_ascii=False)
    call_id = f"call_{hashlib.blake2b(said.encode(), digest_size=6).hexdigest()}"
    parts: list[BackendEvent] = [ToolCallDelta(0, arguments=token) for token in tokens_of(arguments)]
    return [ToolCallDelta(0, id=call_id, name=tool.name), *parts]


def _weighed(event: BackendEvent, rivals: int) -> BackendEvent:
    """The event with its logprob: an echo is certain, and nothing rivals what it says."""
    if not isinstance(event, TextDelta):
        return event
    said = event.text.encode()
    return TextDelta(event.text, (token_logprob(said, 0.0, (rival(said, 0.0),) if rivals else ()),))


def _tool_of(request: ChatRequest) -> Tool | None:
    """The tool to call, unless the request forbids it or its result is there already."""
    if not request.tools or request.tool_choice == "none" or request.messages[-1].role == "tool":
        return None
    if isinstance(request.tool_choice, NamedTool):
        name = request.tool_choice.name
        return next((tool for tool in request.tools if tool.name == name), None)
    return request.tools[0]


# --------------------------------------------------------------------------------------------------------- class


class EchoBackend:
    """Plays its script for every request."""

    def __init__(self, settings: EchoSettings, sleep: Sleep = asyncio.sleep) -> None:
        """Tests pass a `sleep` of their own."""
        self._settings = settings
        self._sleep = sleep
        self._closed = asyncio.Event()
        self._running = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        most = self._check(request)
        self._running += 1
        try:
            async for event in self._play(request, most):
                yield event
        finally:
            self._running -= 1

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return input_tokens(request)

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        features = frozenset[Feature](("tools", "images", "json", "logprobs"))
        return Limits(context_window=self._settings.context_window, features=features)

    async def health(self) -> Health:
        """See `Backend.health`."""
        if self._closed.is_set():
            return Health(is_ready=False, detail="The backend was closed.")
        return Health(is_ready=True, running_requests=self._running)

    async def close(self) -> None:
        """See `Backend.close`."""
        self._closed.set()

    def _check(self, request: ChatRequest) -> int:
        """Most tokens of the answer."""
        self._check_open()
        if self._settings.script == "busy":
            raise BackendBusyError("The engine is full.", retry_after_s=1)
        window, used = self._settings.context_window, input_tokens(request)
        if used >= window:
            raise ContextTooLongError(
                f"The prompt has {used} tokens; the window of {window} must hold it and an answer.", param="messages"
            )
        return window - used if request.max_tokens is None else min(request.max_tokens, window - used)

    def _check_open(self) -> None:
        if self._closed.is_set():
            raise BackendUnavailableError("The backend was closed.")

    async def _play(self, request: ChatRequest, most: int) -> AsyncGenerator[BackendEvent, None]:
        events = script_of(request, self._settings)
        pause_s = 1 / pace if (pace := self._settings.pace_tokens_per_s) else 0
        thought = 0
        await self._sleep(self._settings.delay_s)
        for said, event in enumerate(cut(events, request.sampling.stop, most)):
            self._check_open()
            if isinstance(event, str):
                await self._fail_as_scripted()
                yield Usage(input_tokens(request), said, reasoning_tokens=thought)
                yield Finished(event)
                return
            thought += isinstance(event, ReasoningDelta)
            await self._sleep(pause_s)
            yield event if request.top_logprobs is None else _weighed(event, request.top_logprobs)

    async def _fail_as_scripted(self) -> None:
        if self._settings.script == "break":
            raise BackendStreamBrokenError("The answer broke off without a finish reason.")
        if self._settings.script == "stall":
            await self._closed.wait()
            self._check_open()


async def open_backend(settings: EchoSettings) -> Backend:
    """Ready after `load_s`."""
    return await open_telling(settings, Opening(lambda _: None))


async def open_telling(settings: EchoSettings, opening: Opening) -> Backend:
    """The same, and say how far it is."""
    for step in range(_LOADING_STEPS if settings.load_s else 0):
        opening.tell(f"The echo is being loaded ({100 * step // _LOADING_STEPS}%).")
        await asyncio.sleep(settings.load_s / _LOADING_STEPS)
    return EchoBackend(settings)


plugin = BackendPlugin(settings_type=EchoSettings, open=open_backend, open_telling=open_telling)
