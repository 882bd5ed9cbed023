"""What an answer is held to, and when."""

import json
from dataclasses import replace

import pytest

from maru_backends.answer_grammar import grammar_of, offered, schema_text
from maru_backends.base import ChatMessage, ChatRequest, JsonFormat, NamedTool, TextPart, Tool
from maru_backends.call_formats import HERMES, LLAMA_3, MISTRAL, MISTRAL_NAMED, CallFormat
from maru_backends.errors import RequestRefusedError

SKY = Tool("sky", parameters={"properties": {"city": {"type": "string"}}}, strict=True)
TIME = Tool("time")
PLAIN = ChatRequest((ChatMessage("user", (TextPart("hi"),)),))
WITH_TOOLS = replace(PLAIN, tools=(SKY, TIME))


def rules(request: ChatRequest, form: CallFormat | None = HERMES) -> dict[str, str]:
    """The grammar's rules by name."""
    grammar = grammar_of(request, form, json.dumps)
    assert grammar is not None
    return dict(line.split(": ", 1) for line in grammar.text.splitlines())


def test_free_answers_are_held_to_nothing() -> None:
    """Tools that may be called leave the choice to the model."""
    for request in (PLAIN, WITH_TOOLS, replace(WITH_TOOLS, tool_choice="none")):
        assert grammar_of(request, HERMES, json.dumps) is None
    assert offered(WITH_TOOLS) == (SKY, TIME)
    assert offered(replace(WITH_TOOLS, tool_choice="none")) == ()


@pytest.mark.parametrize("form", [HERMES, LLAMA_3, MISTRAL, MISTRAL_NAMED], ids=lambda form: form.name)
def test_named_tool_is_the_only_one(form: CallFormat) -> None:
    """And is called once."""
    found = rules(replace(WITH_TOOLS, tool_choice=NamedTool("time")), form)
    assert found["start"] == "calls"
    assert "{0," not in found["calls"]
    assert found["call"] == "call_0"
    assert "time" in found["call_0"]
    assert json.loads(found["arguments_0"].removeprefix("%json "))["type"] == "object"


def test_required_calls_may_be_several() -> None:
    """Unless they may not be parallel, or the family knows one at a time."""
    required = replace(WITH_TOOLS, tool_choice="required")
    assert rules(required)["calls"] == ' call ("\\n" call){0,15} '
    assert rules(required)["call"] == "call_0 | call_1"
    assert "{0," not in rules(replace(required, parallel_tool_calls=False))["calls"]
    assert "{0," not in rules(required, LLAMA_3)["calls"]


def test_json_or_a_call() -> None:
    """An answer that must be JSON may still be calls, where tools may be called; where they must, it is calls."""
    both = replace(WITH_TOOLS, json_format=JsonFormat(schema={"type": "array"}))
    assert rules(both)["start"] == "answer | calls"
    assert rules(replace(both, tool_choice="none"))["start"] == "answer"
    assert rules(replace(both, tool_choice="required"))["start"] == "calls"
    assert rules(replace(PLAIN, json_format=JsonFormat()), None)["start"] == "answer"


def test_schema_is_lenient_where_it_is_not_strict() -> None:
    """Whatever the schema itself orders."""
    found = rules(replace(WITH_TOOLS, tool_choice="required"))
    options = [json.loads(found[f"arguments_{place}"].removeprefix("%json "))["x-guidance"] for place in (0, 1)]
    assert [one["lenient"] for one in options] == [False, True]
    ordered = schema_text({"x-guidance": {"lenient": True}}, is_strict=True, param="tools")
    assert json.loads(ordered)["x-guidance"]["lenient"] is False


def test_schema_without_end_is_refused() -> None:
    """With its field."""
    schema: dict[str, object] = {}
    for _ in range(5_000):
        schema = {"items": schema}
    with pytest.raises(RequestRefusedError) as raised:
        grammar_of(replace(PLAIN, json_format=JsonFormat(schema=schema)), None, json.dumps)
    assert raised.value.param == "json_format"
