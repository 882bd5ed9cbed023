"""The echo backend behind Claude's and Gemini's protocols: an honest provider on a real socket."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

from aiohttp import web

from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    Usage,
)
from maru_backends.echo import EchoBackend, EchoSettings, input_tokens
from maru_backends.errors import ContextTooLongError
from support import claude_peer, gemini_peer
from support.openai_peer import Json

WINDOW = 2048
_CLAUDES = {"stop": "end_turn", "length": "max_tokens"}
_GEMINIS = {"stop": "STOP", "length": "MAX_TOKENS"}
Spell = Callable[[web.StreamResponse, BackendEvent], Awaitable[None]]


def _message(role: Role, parts: list[dict[str, Any]]) -> ChatMessage:
    return ChatMessage(role, tuple(TextPart(part["text"]) for part in parts))


def _claudes_request(body: dict[str, Any]) -> ChatRequest:
    system = [_message("system", body["system"])] if "system" in body else []
    said = [_message(message["role"], message["content"]) for message in body["messages"]]
    sampling = Sampling(body.get("temperature"), stop=tuple(body.get("stop_sequences", ())))
    return ChatRequest((*system, *said), sampling, max_tokens=body.get("max_tokens"))


def _geminis_request(body: dict[str, Any]) -> ChatRequest:
    asked = body.get("generateContentRequest", body)
    system = [_message("system", asked["systemInstruction"]["parts"])] if "systemInstruction" in asked else []
    roles: dict[str, Role] = {"user": "user", "model": "assistant"}
    said = [_message(roles[content["role"]], content["parts"]) for content in asked["contents"]]
    config = asked.get("generationConfig", {})
    sampling = Sampling(config.get("temperature"), stop=tuple(config.get("stopSequences", ())))
    return ChatRequest((*system, *said), sampling, max_tokens=config.get("maxOutputTokens"))


def _claudes_start() -> bytes:
    begun = claude_peer.opened(0, type="text", text="")
    return claude_peer.sse(claude_peer.start(input_tokens=0, output_tokens=0), begun)


def _claudes_piece(event: BackendEvent) -> Iterator[Json]:
    match event:
        case TextDelta(text):
            yield claude_peer.more(0, type="text_delta", text=text)
        case Usage(read, written):
            figures = {"input_tokens": read, "output_tokens": written}
            yield claude_peer.closed(0)
            yield {"type": "message_delta", "delta": {}, "usage": figures}
        case Finished(reason):
            yield {"type": "message_delta", "delta": {"stop_reason": _CLAUDES[reason]}}
            yield claude_peer.STOP
        case _:
            raise AssertionError(f"echo says {event} only when asked to")


def _geminis_piece(event: BackendEvent) -> Iterator[Json]:
    match event:
        case TextDelta(text):
            yield gemini_peer.piece(gemini_peer.said(text))
        case Usage(read, written):
            yield {"usageMetadata": {"promptTokenCount": read, "candidatesTokenCount": written}}
        case Finished(reason):
            yield {"candidates": [{"index": 0, "finishReason": _GEMINIS[reason]}]}
        case _:
            raise AssertionError(f"echo says {event} only when asked to")


class HostedEcho:
    """One model under the names `claude-echo` and `gemini-echo`."""

    def __init__(self) -> None:
        """Serve nobody yet."""
        self.url = ""
        self._echo = EchoBackend(EchoSettings(context_window=WINDOW))

    async def claude(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/messages`."""
        too_long = claude_peer.failed("invalid_request_error", "prompt is too long: 9999 tokens > 2048 maximum")

        async def spell(response: web.StreamResponse, event: BackendEvent) -> None:
            await response.write(claude_peer.sse(*_claudes_piece(event)))

        asked = _claudes_request(json.loads(await request.text()))
        return await self._answer(request, asked, _claudes_start(), spell, too_long)

    async def gemini(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1beta/models/NAME:streamGenerateContent`."""
        words = "The input token count (9999) exceeds the maximum number of tokens allowed (2048)."
        too_long = gemini_peer.failed(400, "INVALID_ARGUMENT", words)

        async def spell(response: web.StreamResponse, event: BackendEvent) -> None:
            await response.write(gemini_peer.sse(*_geminis_piece(event)))

        asked = _geminis_request(json.loads(await request.text()))
        return await self._answer(request, asked, b"", spell, too_long)

    async def count_claude(self, request: web.Request) -> web.Response:
        """`POST /v1/messages/count_tokens`."""
        return web.json_response({"input_tokens": input_tokens(_claudes_request(json.loads(await request.text())))})

    async def count_gemini(self, request: web.Request) -> web.Response:
        """`POST /v1beta/models/NAME:countTokens`."""
        return web.json_response({"totalTokens": input_tokens(_geminis_request(json.loads(await request.text())))})

    async def claude_model(self, _request: web.Request) -> web.Response:
        """`GET /v1/models/NAME`, of a model that takes a temperature."""
        told = claude_peer.told(thinking=("disabled", "enabled"), efforts=())
        return web.json_response({**told, "max_input_tokens": WINDOW, "max_tokens": WINDOW})

    async def gemini_model(self, _request: web.Request) -> web.Response:
        """`GET /v1beta/models/NAME`."""
        limits = {"inputTokenLimit": WINDOW, "outputTokenLimit": WINDOW, "thinking": False}
        return web.json_response({**gemini_peer.TOLD, **limits})

    async def close(self) -> None:
        """End what it says."""
        await self._echo.close()

    async def _answer(
        self,
        request: web.Request,
        asked: ChatRequest,
        start: bytes,
        spell: Spell,
        too_long: Json,
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        async with aclosing(self._echo.stream(asked)) as events:
            try:
                first = await anext(events)
            except ContextTooLongError:
                return web.json_response(too_long, status=400)
            await response.prepare(request)
            await response.write(start)
            await spell(response, first)
            async for event in events:
                await spell(response, event)
        return response


@asynccontextmanager
async def hosted_echo() -> AsyncGenerator[str]:
    """The root address of a hosted echo."""
    echo = HostedEcho()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/messages", echo.claude)
    app.router.add_post("/v1/messages/count_tokens", echo.count_claude)
    app.router.add_get("/v1/models/{name}", echo.claude_model)
    app.router.add_post("/v1beta/models/gemini-echo:streamGenerateContent", echo.gemini)
    app.router.add_post("/v1beta/models/gemini-echo:countTokens", echo.count_gemini)
    app.router.add_get("/v1beta/models/{name}", echo.gemini_model)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
        await echo.close()
