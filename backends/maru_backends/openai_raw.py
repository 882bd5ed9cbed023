"""OpenAI's older completions as data: a text that the engine goes on with, out; its logprobs, in.

Pure. The rest of what comes back is read by `openai_answer.py`: a chunk's `text` stands where a chat has its delta.
"""

import re
from collections.abc import Iterator
from typing import cast

from maru_backends.base import ChatRequest, TokenLogprob
from maru_backends.control_tokens import neutralise
from maru_backends.foreign_json import mended, object_of, text_of
from maru_backends.logprobs import bounded, rival, token_logprob
from maru_backends.openai_chat import Json, sampling_body
from maru_backends.openai_quirks import NO_QUIRKS, Quirks

PATH = "completions"

_HALF_CHARACTER = re.compile(r"bytes:((?:\\x[0-9a-f]{2})+)")


def raw_body(request: ChatRequest, *, model: str, max_tokens: int | None, quirks: Quirks = NO_QUIRKS) -> Json:
    """The body of a streaming completion of `request.raw`.

    Args:
        request: what the server asks; control tokens in its text are broken, so that they stay text.
        model: the name the engine uses.
        max_tokens: as many tokens are sent at most; None leaves it to the engine, for which it mostly means 16.
        quirks: what this server wants in its own way.

    Raises:
        RequestRefusedError: a number that JSON cannot carry.
    """
    body: Json = {
        "model": model,
        "prompt": neutralise(request.raw or ""),
        "stream": True,
        **sampling_body(request.sampling),
    }
    if quirks.asks_for_usage:
        body["stream_options"] = {"include_usage": True}
    if "seed" in body:
        body[quirks.seed_field] = body.pop("seed")
    if max_tokens is not None:
        body["max_tokens"] = max_tokens
    if request.top_logprobs is not None:
        body["logprobs"] = request.top_logprobs
    return body


def raw_logprobs(told: dict[str, object]) -> Iterator[TokenLogprob]:
    """The tokens of a chunk's `logprobs`, which stand in lists beside each other."""
    tokens, own, others = (_listed(told.get(name)) for name in ("tokens", "token_logprobs", "top_logprobs"))
    for place, token in enumerate(tokens):
        rivals = object_of(others[place]) if place < len(others) else {}
        ranked = sorted(((_number(value), name) for name, value in rivals.items()), reverse=True)
        logprob = _number(own[place] if place < len(own) else None)
        yield token_logprob(_spelling(token), logprob, [rival(_spelling(name), value) for value, name in ranked])


def _spelling(token: object) -> bytes:
    r"""The token's text as UTF-8; half a character comes as `bytes:\xe2\x80`."""
    text = text_of(token)
    found = _HALF_CHARACTER.fullmatch(text)
    return bytes.fromhex(found.group(1).replace("\\x", "")) if found else mended(text).encode()


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _number(value: object) -> float:
    return bounded(float(value)) if isinstance(value, int | float) else bounded(float("-inf"))
