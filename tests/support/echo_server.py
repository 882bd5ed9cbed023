"""The echo backend behind OpenAI's chat API: an honest engine on a real socket, for clients that need one."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
from http import HTTPStatus
from typing import Any, cast

from aiohttp import web

from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    ReasoningDelta,
    RefusalDelta,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    ToolCallDelta,
    Usage,
)
from maru_backends.echo import EchoBackend, EchoSettings, input_tokens
from maru_backends.errors import ContextTooLongError
from support.openai_peer import Json, delta, finish, sse, usage

WINDOW = 2048


def _request(body: dict[str, Any], session_id: str | None) -> ChatRequest:
    messages = tuple(
        ChatMessage(cast("Role", message["role"]), (TextPart(str(message["content"])),)) for message in body["messages"]
    )
    sampling = Sampling(temperature=body.get("temperature"), stop=tuple(body.get("stop", ())))
    return ChatRequest(
        messages,
        sampling,
        max_tokens=body.get("max_tokens"),
        session_id=session_id,
        top_logprobs=body.get("top_logprobs", 0) if body.get("logprobs") else None,
    )


def _raw_request(body: dict[str, Any]) -> ChatRequest:
    """The text as if it were a chat: what comes of it depends on the text alone."""
    chat = {**body, "messages": [{"role": "user", "content": body["prompt"]}]}
    logprobs = {"logprobs": body.get("logprobs") is not None, "top_logprobs": body.get("logprobs")}
    return _request({**chat, **logprobs}, None)


def _raw_chunk(event: BackendEvent) -> Json:
    if isinstance(event, TextDelta):
        logprobs = {
            "tokens": [token.token for token in event.logprobs],
            "token_logprobs": [token.logprob for token in event.logprobs],
            "top_logprobs": [{other.token: other.logprob for other in t.top_logprobs} for t in event.logprobs],
        }
        return {"choices": [{"index": 0, "text": event.text, "logprobs": logprobs if event.logprobs else None}]}
    if isinstance(event, Finished):
        return {"choices": [{"index": 0, "text": "", "finish_reason": event.reason}]}
    return _chunk(event)


def _chunk(event: BackendEvent) -> Json:
    match event:
        case TextDelta(text, logprobs):
            said = delta(text)
            choices = cast("list[Json]", said["choices"])
            choices[0]["logprobs"] = {"content": [asdict(token) for token in logprobs]} if logprobs else None
            return said
        case ReasoningDelta(text):
            return delta(reasoning=text)
        case RefusalDelta(text):
            return delta(refusal=text)
        case ToolCallDelta(index, call_id, name, arguments):
            call = {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}
            return delta(tool_calls=[call])
        case Usage(prompt, completion):
            return usage(prompt, completion)
        case Finished(reason):
            return finish(reason)


class EchoEngine:
    """An engine that can be told to tell a wrong window, or not to count.

    Attributes:
        told_window: what its list of models says; None: the window that it has.
        count_status: of `POST /tokenize`; anything but 200 counts nothing.
        asked: how many messages each prompt that it was to answer had.
        sessions: the header on which routers hash, of each.
    """

    def __init__(self, window: int) -> None:
        """Serve one model of this window."""
        self.base_url = ""
        self.told_window: int | None = None
        self.count_status = 200
        self.asked: list[int] = []
        self.sessions: list[str | None] = []
        self._window = window
        self._echo = EchoBackend(EchoSettings(context_window=window))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/chat/completions`."""
        asked = _request(json.loads(await request.text()), request.headers.get("x-session-id"))
        self.asked.append(len(asked.messages))
        self.sessions.append(asked.session_id)
        return await self._streamed(request, asked, _chunk)

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """`POST /v1/completions`."""
        body = json.loads(await request.text())
        if "prompt" not in body:
            return web.json_response({"error": {"message": "Field required: prompt", "code": 400}}, status=400)
        return await self._streamed(request, _raw_request(body), _raw_chunk)

    async def _streamed(
        self, request: web.Request, asked: ChatRequest, spell: Callable[[BackendEvent], Json]
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        async with aclosing(self._echo.stream(asked)) as events:
            try:
                first = await anext(events)
            except ContextTooLongError:
                error = {"message": f"This model's maximum context length is {self._window} tokens.", "code": 400}
                return web.json_response({"error": error}, status=400)
            await response.prepare(request)
            await response.write(sse(spell(first)))
            async for event in events:
                await response.write(sse(spell(event)))
        await response.write(sse("[DONE]"))
        return response

    async def models(self, _request: web.Request) -> web.Response:
        """`GET /v1/models`."""
        return web.json_response({"data": [{"id": "echo", "context_length": self.told_window or self._window}]})

    async def tokenize(self, request: web.Request) -> web.Response:
        """`POST /tokenize`, as vLLM has it."""
        if self.count_status != HTTPStatus.OK:
            return web.json_response({"error": {"message": "no tokenizer"}}, status=self.count_status)
        count = input_tokens(_request(json.loads(await request.text()), None))
        return web.json_response({"count": count, "tokens": [0] * count})

    async def close(self) -> None:
        """End what it says."""
        await self._echo.close()


@asynccontextmanager
async def echo_engine(window: int = WINDOW) -> AsyncGenerator[EchoEngine]:
    """An echo engine on a free port."""
    engine = EchoEngine(window)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", engine.chat)
    app.router.add_post("/v1/completions", engine.complete)
    app.router.add_get("/v1/models", engine.models)
    app.router.add_post("/tokenize", engine.tokenize)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    engine.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield engine
    finally:
        await runner.cleanup()
        await engine.close()


@asynccontextmanager
async def echo_server() -> AsyncGenerator[str]:
    """The base address of an echo engine."""
    async with echo_engine() as engine:
        yield engine.base_url
