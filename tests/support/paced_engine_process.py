"""The engine process that `paced_engine.py` starts: OpenAI's chat completions at a pace, and faults as asked for.

It writes what it does into a file, line by line, so that a killed engine has left what it did.
"""

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web

from maru_backends.echo import counted_word
from support.paced_engine import play_of

Chunk = dict[str, object]


class _Engine:
    def __init__(self, log: TextIO) -> None:
        self._log = log
        self._calls = 0
        self._known: set[str] = set()
        self._adapters: dict[str, str] = {}

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        if body.get("model") not in {"paced", *self._adapters}:
            return _refused(404, f"The model `{body.get('model')}` does not exist.")
        prompt = str(body["messages"][-1]["content"])
        play, call = play_of(prompt), self._begin(prompt, request.headers.get("x-session-id", ""))
        is_first, said = prompt not in self._known, 0
        self._known.add(prompt)
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        try:
            await response.prepare(request)
            begin = time.monotonic()
            while said < play.words:
                if said == play.cut and is_first:
                    return response
                if said == play.die:
                    self._note(call, "ended", said)
                    os.kill(os.getpid(), signal.SIGKILL)
                await asyncio.sleep(begin + said / play.pace - time.monotonic())
                await response.write(_sse(_delta(counted_word(prompt, said))))
                said += 1
            usage: Chunk = {"choices": [], "usage": {"prompt_tokens": 8, "completion_tokens": said}}
            await response.write(_sse(_finish()) + _sse(usage) + b"data: [DONE]\n\n")
        finally:
            self._note(call, "ended", said)
        return response

    async def models(self, _: web.Request) -> web.Response:
        adapters = [{"id": name, "root": path, "parent": "paced"} for name, path in self._adapters.items()]
        return web.json_response({"data": [{"id": "paced", "max_model_len": 1_000_000}, *adapters]})

    async def load_adapter(self, request: web.Request) -> web.Response:
        body: dict[str, str] = await request.json()
        if body["lora_name"] in self._adapters:
            return _refused(400, f"The lora adapter '{body['lora_name']}' has already been loaded.")
        self._adapters[body["lora_name"]] = body["lora_path"]
        return web.Response(text="Success")

    async def unload_adapter(self, request: web.Request) -> web.Response:
        name = (await request.json())["lora_name"]
        if self._adapters.pop(name, None) is None:
            return _refused(404, f"The lora adapter '{name}' cannot be found.")
        return web.Response(text="Success")

    async def health(self, _: web.Request) -> web.Response:
        return web.Response()

    def _begin(self, prompt: str, session: str) -> int:
        self._calls += 1
        self._note(self._calls, "began", prompt, session)
        return self._calls

    def _note(self, call: int, *what: object) -> None:
        self._log.write(json.dumps([os.getpid(), call, time.monotonic(), *what]) + "\n")
        self._log.flush()


def _refused(status: int, message: str) -> web.Response:
    """As vLLM does."""
    return web.json_response({"error": {"message": message, "type": "Refused", "code": status}}, status=status)


def _delta(text: str) -> Chunk:
    return {"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]}


def _finish() -> Chunk:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}


def _sse(chunk: Chunk) -> bytes:
    return f"data: {json.dumps(chunk)}\n\n".encode()


def _main() -> None:
    port, file = int(sys.argv[1]), Path(sys.argv[2])
    with file.open("a", encoding="utf-8") as log:
        engine = _Engine(log)
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", engine.chat)
        app.router.add_get("/v1/models", engine.models)
        app.router.add_post("/v1/load_lora_adapter", engine.load_adapter)
        app.router.add_post("/v1/unload_lora_adapter", engine.unload_adapter)
        for path in ("/health", "/metrics"):  # as vLLM has them
            app.router.add_get(path, engine.health)
        web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None, handler_cancellation=True)


if __name__ == "__main__":
    _main()
