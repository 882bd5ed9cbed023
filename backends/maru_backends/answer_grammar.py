"""The grammar that an answer is held to, in llguidance's form of Lark: JSON, tool calls, or either; pure."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from maru_backends.base import ChatRequest, JsonFormat, NamedTool, Tool
from maru_backends.call_formats import CallFormat, calls_rules
from maru_backends.errors import RequestRefusedError

MOST_CALLS = 16
"""Calls of one answer that has to call."""
FEW_BLANKS: Mapping[str, object] = {"whitespace_pattern": r"( |\n {0,16})?"}
"""Nothing, a space, or a line with its indent: a model that is free to write blanks may write them for ever."""
ONE_LINE: Mapping[str, object] = {"whitespace_flexible": False, "item_separator": ", ", "key_separator": ": "}
"""As Python writes JSON: for an older llguidance, as in llama.cpp, which cannot bound blanks in another way."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What an answer is held to; `param` is the field of the request that asks for it."""

    text: str
    param: str


def offered(request: ChatRequest) -> tuple[Tool, ...]:
    """The tools that the model is told of."""
    return () if request.tool_choice == "none" else request.tools


def most_calls(request: ChatRequest) -> int:
    """Calls that one answer may hold."""
    return MOST_CALLS if request.parallel_tool_calls and not isinstance(request.tool_choice, NamedTool) else 1


def grammar_of(
    request: ChatRequest,
    form: CallFormat | None,
    spelt: Callable[[str], str],
    *,
    blanks: Mapping[str, object] = FEW_BLANKS,
) -> Grammar | None:
    """The grammar of a request's answer; None: it is free.

    Args:
        request: tools that it may call do not hold its answer to anything, unless it must be JSON otherwise.
        form: how the model writes calls; None: it cannot.
        spelt: a text as a grammar's string, or as its token where it is one.
        blanks: those that may stand in JSON.

    Raises:
        RequestRefusedError: a schema is nested too deeply.
    """

    def of_arguments(tool: Tool) -> str:
        schema = {"type": "object", **(tool.parameters or {})}
        return schema_text(schema, is_strict=tool.strict is True, param="tools", blanks=blanks)

    tools = _callable(request)
    must_call = bool(tools) and request.tool_choice != "auto"
    if form is None or not tools:
        calls = None
    else:
        calls = calls_rules(form, tools, spelt=spelt, schema=of_arguments, most=most_calls(request))
    if calls is not None and must_call:
        return Grammar(f"start: calls\n{calls}", "tools")
    if request.json_format is None:
        return None
    answer = f"answer: {_json_rule(request.json_format, blanks)}"
    text = f"start: answer\n{answer}" if calls is None else f"start: answer | calls\n{answer}\n{calls}"
    return Grammar(text, "json_format")


def schema_text(
    schema: Mapping[str, object], *, is_strict: bool, param: str, blanks: Mapping[str, object] = FEW_BLANKS
) -> str:
    """A schema as a grammar takes it; where it is not `is_strict`, words that cannot be held to are left out.

    Raises:
        RequestRefusedError: it is nested too deeply.
    """
    options = {"coerce_one_of": True, "lenient": not is_strict, **blanks}
    try:
        return json.dumps({**schema, "x-guidance": options}, ensure_ascii=False)
    except RecursionError as error:
        raise RequestRefusedError("The schema is nested too deeply for this engine.", param=param) from error


def _callable(request: ChatRequest) -> Sequence[Tool]:
    choice = request.tool_choice
    if isinstance(choice, NamedTool):
        return [tool for tool in request.tools if tool.name == choice.name]
    return offered(request)


def _json_rule(wanted: JsonFormat, blanks: Mapping[str, object]) -> str:
    schema = {"type": "object"} if wanted.schema is None else wanted.schema
    return f"%json {schema_text(schema, is_strict=wanted.strict, param='json_format', blanks=blanks)}"
