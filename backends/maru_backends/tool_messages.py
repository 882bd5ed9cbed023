"""Tools, calls and results as chat templates take them, and what a template shows of how its model calls; pure."""

import json
from collections.abc import Callable, Mapping, Sequence

from jinja2.exceptions import TemplateError

from maru_backends.base import ChatMessage, Tool, ToolCall
from maru_backends.call_formats import CallFormat, format_shown
from maru_backends.control_tokens import changed_within
from maru_backends.errors import RequestRefusedError

TemplateMessage = dict[str, object]
TemplateTool = dict[str, object]
# A template is a program: what it cannot take shows as its own refusal or as any of these.
TEMPLATE_ERRORS = (
    *(TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError),
)
_CALL_ID = "a1b2c3d4e"  # as short as Mistral's templates want it
_TOOL: TemplateTool = {
    "type": "function",
    "function": {
        "name": "look_up",
        "description": "Finds a word.",
        "parameters": {
            "type": "object",
            "properties": {"word": {"type": "string", "description": "What to find."}},
        },
    },
}
_CALL = {"name": "look_up", "arguments": {"word": "one"}}
_TALK: tuple[TemplateMessage, ...] = (
    {"role": "user", "content": "Hello there!"},
    {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "id": _CALL_ID, "function": _CALL}]},
    {"role": "tool", "content": "two of them", "name": "look_up", "tool_call_id": _CALL_ID},
)


def call_format_of(
    rendered: Callable[[Sequence[TemplateMessage], Sequence[TemplateTool]], str],
) -> CallFormat | None:
    """What a template makes of tools, a call and its result tells how the model was taught to call.

    Args:
        rendered: gives the prompt's text, or raises `RequestRefusedError`.

    Returns:
        None for a template that knows no tools, or in a way that is not known here.
    """
    try:
        if "look_up" not in rendered(_TALK[:1], [_TOOL]):
            return None
        shown = rendered(_TALK, [_TOOL])
    except RequestRefusedError:
        return None
    return format_shown(shown, "look_up") if "two of them" in shown else None


def names_of_calls(messages: Sequence[ChatMessage]) -> dict[str, str]:
    """The name of each call by its id: some templates show it with the result."""
    return {call.id: call.name for message in messages for call in message.tool_calls}


def with_calls(
    as_dict: TemplateMessage,
    message: ChatMessage,
    names: Mapping[str, str],
    *,
    broken: Callable[[str], str],
    call_id: Callable[[str], str],
) -> TemplateMessage:
    """A message with its calls, or with what it says of the call that it answers.

    Args:
        as_dict: the message without them; is changed.
        message: where they come from.
        names: see `names_of_calls`.
        broken: a text without control tokens.
        call_id: an id as the template takes it.
    """
    if message.tool_calls:
        as_dict["tool_calls"] = [_call(call, broken, call_id) for call in message.tool_calls]
    if message.tool_call_id is not None:
        as_dict["tool_call_id"] = call_id(message.tool_call_id)
        as_dict["name"] = broken(names.get(message.tool_call_id, ""))
    return as_dict


def template_tool(tool: Tool, broken: Callable[[str], str]) -> TemplateTool:
    """A tool, with every text in it broken by `broken`.

    Raises:
        RequestRefusedError: its schema is nested too deeply.
    """
    function = {
        "name": tool.name,
        "description": tool.description or "",
        "parameters": tool.parameters or {"type": "object", "properties": {}},
    }
    try:
        return {"type": "function", "function": changed_within(function, broken)}
    except RecursionError as error:
        raise RequestRefusedError("A tool's schema is nested too deeply.", param="tools") from error


def _call(call: ToolCall, broken: Callable[[str], str], call_id: Callable[[str], str]) -> dict[str, object]:
    try:
        # Templates print arguments in ways of their own, so that no mark would come back: break them at once.
        arguments = changed_within(json.loads(call.arguments), broken)
    except (ValueError, RecursionError):
        arguments = broken(call.arguments)
    return {"type": "function", "id": call_id(call.id), "function": {"name": broken(call.name), "arguments": arguments}}
