"""Chunks of chat completions as engines send them, and what is read out of them."""

import json
from collections.abc import Mapping

from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, TextPart
from maru_backends.openai_answer import AnswerReader
from maru_backends.think_tags import ThinkTagReader

REQUEST = ChatRequest((ChatMessage("user", (TextPart("Hello"),)),))
Delta = Mapping[str, object]


def read(*chunks: str, request: ChatRequest = REQUEST) -> list[BackendEvent]:
    """All events of a stream of these data."""
    reader = AnswerReader(request, new_call_id=lambda: "made_up")
    return [event for chunk in chunks for event in reader.read(chunk)] + reader.end()


def read_with_tags(*chunks: str, is_opened: bool = False, request: ChatRequest = REQUEST) -> list[BackendEvent]:
    """The same for a model that marks its thinking by tags."""
    reader = AnswerReader(request, new_call_id=lambda: "made_up", text=ThinkTagReader(is_opened=is_opened))
    return [event for chunk in chunks for event in reader.read(chunk)] + reader.end()


def chunk(delta: Delta, reason: str | None = None, **fields: object) -> str:
    """One chunk."""
    return json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": reason}], **fields})


def call(arguments: object = "", name: str | None = None, **fields: object) -> Delta:
    """One piece of a tool call."""
    function = {"arguments": arguments} if name is None else {"name": name, "arguments": arguments}
    return {**fields, "type": "function", "function": function}
