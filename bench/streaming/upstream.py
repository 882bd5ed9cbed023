"""A paced engine for load tests: speaks OpenAI's chat completions, sends a token every 1/rate seconds.

Token i of a request is a hash of (request, i), so that a gap, a repeat or a swap shows. Prints its own CPU time at
the end. Run: `python bench/streaming/upstream.py --port 8901 --rate 50 --tokens 250`.
"""

import argparse
import asyncio
import hashlib
import json
import resource

from aiohttp import web


def token(seed: str, index: int) -> str:
    """Token `index` of the answer to the prompt `seed`: six hex digits and a space."""
    return hashlib.blake2b(f"{seed}:{index}".encode(), digest_size=3).hexdigest() + " "


async def chat(request: web.Request) -> web.StreamResponse:
    """Stream `--tokens` tokens at `--rate` a second, on a schedule that does not drift."""
    rate, count = request.app["rate"], request.app["tokens"]
    body = await request.json()
    seed = body["messages"][-1]["content"]
    seed = seed if isinstance(seed, str) else seed[0]["text"]
    response = web.StreamResponse(headers={"content-type": "text/event-stream"})
    await response.prepare(request)
    loop = asyncio.get_running_loop()
    begin = loop.time()
    for index in range(count):
        delay = begin + index / rate - loop.time()
        if delay > 0:
            await asyncio.sleep(delay)
        choice = {"index": 0, "delta": {"content": token(seed, index)}, "finish_reason": None}
        await response.write(_chunk([choice]))
    await response.write(_chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]))
    usage = {"prompt_tokens": 8, "completion_tokens": count, "total_tokens": count + 8}
    await response.write(_chunk([], usage) + b"data: [DONE]\n\n")
    return response


def _chunk(choices: list[dict[str, object]], usage: dict[str, int] | None = None) -> bytes:
    chunk = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "paced", "choices": choices}
    return b"data: " + json.dumps(chunk if usage is None else {**chunk, "usage": usage}).encode() + b"\n\n"


async def models(_: web.Request) -> web.Response:
    """The one model, with its window."""
    return web.json_response({"object": "list", "data": [{"id": "paced", "object": "model", "max_model_len": 8192}]})


async def cpu(_: web.Request) -> web.Response:
    """CPU seconds this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return web.json_response({"cpu_s": used.ru_utime + used.ru_stime})


def main() -> None:
    """Serve until stopped."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second and stream")
    parser.add_argument("--tokens", type=int, default=250, help="tokens an answer")
    options = parser.parse_args()
    app = web.Application()
    app["rate"], app["tokens"] = options.rate, options.tokens
    app.add_routes([web.post("/v1/chat/completions", chat), web.get("/v1/models", models), web.get("/cpu", cpu)])
    web.run_app(app, host="127.0.0.1", port=options.port, print=None, access_log=None)


if __name__ == "__main__":
    main()
