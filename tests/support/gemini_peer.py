"""Gemini's REST protocol as recorded from its documentation, and the backend on a peer that replays it."""

import json

from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, TextPart
from maru_backends.errors import BackendError
from maru_backends.gemini import GeminiBackend, GeminiSettings, open_backend
from support.openai_peer import Json
from support.scripted_peer import ScriptedPeer

HELLO = ChatRequest((ChatMessage("user", (TextPart("Hello"),)),))
TOLD: Json = {
    "name": "models/gemini-peer",
    "displayName": "Peer",
    "inputTokenLimit": 1_048_576,
    "outputTokenLimit": 65_536,
    "supportedGenerationMethods": ["generateContent", "countTokens"],
    "thinking": True,
    "maxTemperature": 2,
}


def sse(*pieces: Json | str) -> bytes:
    """Pieces as a stream of events; a string is sent as it is."""
    return b"".join(
        f"data: {piece if isinstance(piece, str) else json.dumps(piece)}\r\n\r\n".encode() for piece in pieces
    )


def piece(*parts: Json, reason: str | None = None, **usage: int) -> Json:
    """A response with these parts; usage comes with each one, as there."""
    candidate: Json = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if reason is not None:
        candidate["finishReason"] = reason
    counted = usage or {"promptTokenCount": 4, "candidatesTokenCount": 2, "totalTokenCount": 6}
    return {
        "candidates": [candidate],
        "usageMetadata": counted,
        "modelVersion": "gemini-peer",
        "responseId": "r1",
    }


def said(text: str, **fields: object) -> Json:
    """A part of text."""
    return {"text": text, **fields}


def call(name: str, args: Json | None = None, **fields: object) -> Json:
    """A part with a call; `id` stands within the call, a signature beside it."""
    signature = {"thoughtSignature": fields.pop("signature")} if "signature" in fields else {}
    return {"functionCall": {"name": name, "args": args or {}, **fields}, **signature}


def failed(code: int, status: str, message: str, *details: Json) -> Json:
    """An error, inside a stream or as the body of one outside."""
    return {"error": {"code": code, "message": message, "status": status, "details": list(details)}}


def wait(delay: str) -> Json:
    """The detail that says how long a limit lasts."""
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


async def gemini_on(peer: ScriptedPeer, **settings: object) -> GeminiBackend:
    """The backend with these settings on top of impatient ones."""
    keys = {
        "base_url": f"{peer.base_url}/v1beta",
        "model": "gemini-peer",
        "first_token_timeout_s": 2.0,
        "stall_timeout_s": 0.4,
        **settings,
    }
    backend = await open_backend(GeminiSettings.model_validate(keys))
    assert isinstance(backend, GeminiBackend)
    return backend


async def events_of(backend: GeminiBackend, request: ChatRequest = HELLO) -> list[BackendEvent]:
    """The whole answer."""
    return [event async for event in backend.stream(request)]


async def failure_of(backend: GeminiBackend, request: ChatRequest = HELLO) -> tuple[list[BackendEvent], BackendError]:
    """The events before the error, and the error."""
    events: list[BackendEvent] = []
    try:
        async for event in backend.stream(request):
            events.append(event)  # noqa: PERF401 (what came before the error is wanted too)
    except BackendError as error:
        return events, error
    raise AssertionError(f"no error, but {events}")
