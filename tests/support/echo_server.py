"""The echo backend behind OpenAI's chat API: an honest engine on a real socket, for clients that need one."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import asdict
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
from maru_backends.echo import EchoBackend, EchoSettings
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


class _EchoServer:
    def __init__(self) -> None:
        self.echo = EchoBackend(EchoSettings(context_window=WINDOW))

    async def chat(self, request: web.Request) -> web.StreamResponse:
        asked = _request(json.loads(await request.text()), request.headers.get("x-session-id"))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        async with aclosing(self.echo.stream(asked)) as events:
            try:
                first = await anext(events)
            except ContextTooLongError:
                error = {"message": f"This model's maximum context length is {WINDOW} tokens.", "code": 400}
                return web.json_response({"error": error}, status=400)
            await response.prepare(request)
            await response.write(sse(_chunk(first)))
            async for event in events:
                await response.write(sse(_chunk(event)))
        await response.write(sse("[DONE]"))
        return response

    async def models(self, _request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "echo", "context_length": WINDOW}]})


@asynccontextmanager
async def echo_server() -> AsyncGenerator[str]:
    """The base address of an echo engine on a free port."""
    server = _EchoServer()
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.models)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()
        await server.echo.close()
