"""The AsyncAPI document of the WebSocket: every frame that a client or the server sends, made from their types."""

from collections.abc import Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any, Literal

import msgspec
from pydantic import BaseModel

from maru.protocol.errors import ErrorType
from maru.protocol.frames import FollowRequest, StopRequest
from maru.protocol.requests import CreateRequest
from maru.protocol.schemas import Schema, components, event_types, reference


class FrameError(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong, and what to change; unlike over HTTP, `code` is never null."""

    message: str
    type: ErrorType
    param: str | None
    code: str


class ErrorFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A create or a follow was refused; it is the one last frame of that turn."""

    type: Literal["error"] = "error"
    status: int
    error: FrameError
    stream_id: str | msgspec.UnsetType = msgspec.UNSET


CLIENT_FRAMES: Mapping[str, type[BaseModel] | None] = MappingProxyType(
    {
        "response.create": CreateRequest,
        "response.cancel": StopRequest,
        "response.steer": None,
        "maru:response.follow": FollowRequest,
    }
)
_CLIENT_SUMMARIES: Mapping[str, str] = MappingProxyType(
    {
        "response.create": "Answer; the fields stand beside `type`, or under `response`.",
        "response.cancel": "Stop a response, or without an id the one that runs on this socket.",
        "response.steer": "Not supported: answered with `response.steer.failed`.",
        "maru:response.follow": "The events of a response after a number, then the live ones.",
    }
)
_LANE: Schema = {"type": "string", "description": "The lane of the create or follow that this belongs to."}


def socket_document() -> dict[str, Any]:
    """AsyncAPI 3.0, as data."""
    taken = {name: _taken(name, model) for name, model in CLIENT_FRAMES.items()}
    sent = {str(event.__struct_config__.tag): _sent(event) for event in event_types()}
    sent["error"] = _message("error", reference(ErrorFrame), ErrorFrame.__doc__ or "")
    models = [model for model in CLIENT_FRAMES.values() if model is not None]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "The WebSocket of Maru",
            "version": version("maru"),
            "description": "Open Responses over a WebSocket. Each frame is one JSON text; see docs/protocol.md.",
        },
        "channels": {
            "responses": {
                "address": "/v1/responses",
                "messages": {_key(name): message for name, message in {**taken, **sent}.items()},
            }
        },
        "operations": {
            "ask": _operation("receive", taken, "What a client may send."),
            "answer": _operation("send", sent, "What the server sends."),
        },
        "components": {"schemas": components([ErrorFrame], models)},
    }


def _taken(name: str, model: type[BaseModel] | None) -> dict[str, Any]:
    kind: Schema = {"type": "object", "required": ["type"], "properties": {"type": {"const": name}}}
    payload = kind if model is None else {"allOf": [kind, reference(model)]}
    return _message(name, payload, _CLIENT_SUMMARIES[name])


def _sent(event: type[msgspec.Struct]) -> dict[str, Any]:
    payload = {"allOf": [reference(event), {"type": "object", "properties": {"stream_id": _LANE}}]}
    return _message(str(event.__struct_config__.tag), payload, (event.__doc__ or "").partition("\n")[0])


def _message(name: str, payload: Schema, summary: str) -> dict[str, Any]:
    return {"name": name, "summary": summary, "contentType": "application/json", "payload": payload}


def _operation(action: str, messages: Mapping[str, Any], summary: str) -> dict[str, Any]:
    channel = "#/channels/responses"
    frames = [{"$ref": f"{channel}/messages/{_key(name)}"} for name in messages]
    return {"action": action, "summary": summary, "channel": {"$ref": channel}, "messages": frames}


def _key(name: str) -> str:
    """A frame's name where a key must be a word."""
    return name.replace(".", "_").replace(":", "_")
