"""Claude's protocol as recorded from its documentation, and the backend on a peer that replays it."""

import json

from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, TextPart
from maru_backends.claude import ClaudeBackend, ClaudeSettings, open_backend
from maru_backends.errors import BackendError
from support.openai_peer import Json
from support.scripted_peer import ScriptedPeer

HELLO = ChatRequest((ChatMessage("user", (TextPart("Hello"),)),), session_id="conv_1")
YES: Json = {"supported": True}
NO: Json = {"supported": False}


def told(*, thinking: tuple[str, ...] = ("adaptive", "disabled"), efforts: tuple[str, ...] = ("low", "high")) -> Json:
    """An answer of `GET /v1/models/NAME`."""
    types = {name: {"supported": name in thinking} for name in ("adaptive", "enabled", "disabled", "between_tools")}
    levels = {name: {"supported": name in efforts} for name in ("low", "medium", "high", "xhigh", "max")}
    return {
        "type": "model",
        "id": "claude-peer",
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
        "capabilities": {
            "image_input": YES,
            "structured_outputs": YES,
            "effort": {"supported": bool(efforts), **levels},
            "thinking": {"supported": bool(thinking), "types": types},
        },
    }


def sse(*events: Json | str) -> bytes:
    """Events with their names; a string is sent as it is."""
    return b"".join(
        event.encode() if isinstance(event, str) else f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()
        for event in events
    )


def start(**usage: object) -> Json:
    """The first event."""
    counted = usage or {"input_tokens": 25, "output_tokens": 1}
    message: Json = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [],
        "model": "claude-peer",
        "stop_reason": None,
        "stop_sequence": None,
        "usage": counted,
    }
    return {"type": "message_start", "message": message}


PING: Json = {"type": "ping"}
STOP: Json = {"type": "message_stop"}


def opened(index: int, **block: object) -> Json:
    """A block begins."""
    return {"type": "content_block_start", "index": index, "content_block": block}


def more(index: int, **delta: object) -> Json:
    """More of a block."""
    return {"type": "content_block_delta", "index": index, "delta": delta}


def closed(index: int) -> Json:
    """A block ends."""
    return {"type": "content_block_stop", "index": index}


def text(index: int, *words: str) -> list[Json]:
    """A block of text."""
    said = [more(index, type="text_delta", text=word) for word in words]
    return [opened(index, type="text", text=""), *said, closed(index)]


def thinking(index: int, words: str, signature: str) -> list[Json]:
    """A block of thinking, signed."""
    return [
        opened(index, type="thinking", thinking="", signature=""),
        more(index, type="thinking_delta", thinking=words),
        more(index, type="signature_delta", signature=signature),
        closed(index),
    ]


def call(index: int, call_id: str, name: str, *pieces: str) -> list[Json]:
    """A block of one tool call."""
    said = [more(index, type="input_json_delta", partial_json=piece) for piece in ("", *pieces)]
    return [opened(index, type="tool_use", id=call_id, name=name, input={}), *said, closed(index)]


def ended(reason: str | None = "end_turn", **usage: object) -> list[Json]:
    """The last two events."""
    counted = usage or {"output_tokens": 15}
    delta: Json = {"stop_reason": reason, "stop_sequence": None}
    return [{"type": "message_delta", "delta": delta, "usage": counted}, STOP]


def failed(kind: str, message: str) -> Json:
    """An error inside a stream, or the body of one outside."""
    return {"type": "error", "error": {"type": kind, "message": message}}


async def claude_on(peer: ScriptedPeer, **settings: object) -> ClaudeBackend:
    """The backend with these settings on top of impatient ones."""
    keys = {
        "base_url": peer.base_url,
        "model": "claude-peer",
        "first_token_timeout_s": 2.0,
        "stall_timeout_s": 0.4,
        **settings,
    }
    backend = await open_backend(ClaudeSettings.model_validate(keys))
    assert isinstance(backend, ClaudeBackend)
    return backend


async def events_of(backend: ClaudeBackend, request: ChatRequest = HELLO) -> list[BackendEvent]:
    """The whole answer."""
    return [event async for event in backend.stream(request)]


async def failure_of(backend: ClaudeBackend, request: ChatRequest = HELLO) -> tuple[list[BackendEvent], BackendError]:
    """The events before the error, and the error."""
    events: list[BackendEvent] = []
    try:
        async for event in backend.stream(request):
            events.append(event)  # noqa: PERF401 (what came before the error is wanted too)
    except BackendError as error:
        return events, error
    raise AssertionError(f"no error, but {events}")
