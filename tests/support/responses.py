"""Responses and items for tests, every field given a plain value."""

from typing import Any

from maru.protocol.items import ContentPart, InputText, Message, MessageRole, OutputText
from maru.protocol.response import Response


def tools(*names: str) -> tuple[dict[str, Any], ...]:
    """Functions without parameters, as a response echoes them."""
    return tuple(
        {"type": "function", "name": n, "description": None, "parameters": None, "strict": None} for n in names
    )


def a_response(**changes: Any) -> Response:
    """A response that has just begun; `changes` replace fields."""
    fields: dict[str, Any] = {
        "id": "resp_1",
        "created_at": 1,
        "status": "in_progress",
        "model": "house",
        "previous_response_id": None,
        "instructions": None,
        "tools": (),
        "tool_choice": "auto",
        "truncation": "disabled",
        "parallel_tool_calls": True,
        "text": {"format": {"type": "text"}},
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.0,
        "temperature": 1.0,
        "top_logprobs": 0,
        "reasoning": None,
        "max_output_tokens": None,
        "max_tool_calls": None,
        "store": True,
        "background": False,
        "service_tier": "default",
        "metadata": {},
        "safety_identifier": None,
        "prompt_cache_key": None,
    }
    return Response(**{**fields, **changes})


def a_message(text: str, role: MessageRole = "user", id_: str = "msg_1") -> Message:
    """A finished message of one text part."""
    part: ContentPart = OutputText(text=text, annotations=()) if role == "assistant" else InputText(text=text)
    return Message(id=id_, role=role, status="completed", content=(part,))
