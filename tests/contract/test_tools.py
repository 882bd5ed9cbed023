"""Tools, asked of each backend that says it can."""

import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import cast

import pytest

from maru_backends.base import (
    Backend,
    ChatMessage,
    ChatRequest,
    Finished,
    NamedTool,
    Sampling,
    TextDelta,
    TextPart,
    Tool,
    ToolCall,
    ToolCallDelta,
    Usage,
)
from support.backend_cases import BackendCase

CITIES = ("Seoul", "서울", 'New "York"')
WEATHER = Tool(
    "get_weather",
    "The weather of a city.",
    {
        "type": "object",
        "properties": {"city": {"$ref": "#/$defs/city"}},
        "required": ["city"],
        "additionalProperties": False,
        "$defs": {"city": {"type": "string", "enum": list(CITIES)}},
    },
)
CLOCK = Tool("clock", parameters={"type": "object", "properties": {}, "additionalProperties": False})


@dataclass
class Answer:
    """What came back."""

    text: str = ""
    reason: str = ""
    usage: Usage | None = None
    calls: dict[int, ToolCall] = field(default_factory=dict[int, ToolCall])


@pytest.fixture(autouse=True)
async def _calls_tools(backend: Backend, case: BackendCase) -> None:
    if "tools" not in (await backend.limits()).features or not case.knows_tools:
        pytest.skip("it promises no tools, or for another model than this")


def asked(*more: ChatMessage, tools: Sequence[Tool] = (WEATHER, CLOCK)) -> ChatRequest:
    """A question for the weather, which must be asked of a tool."""
    question = ChatMessage("user", (TextPart("What is the weather in Seoul?"),))
    return ChatRequest(
        (question, *more),
        Sampling(temperature=0),
        max_tokens=200,
        tools=tuple(tools),
        tool_choice="required",
        parallel_tool_calls=False,
    )


async def heard(backend: Backend, request: ChatRequest) -> Answer:
    """The whole answer."""
    found = Answer()
    async with aclosing(backend.stream(request)) as events:
        async for event in events:
            match event:
                case TextDelta(text):
                    found.text += text
                case ToolCallDelta(index):
                    old = found.calls.get(index, ToolCall("", "", ""))
                    found.calls[index] = ToolCall(
                        old.id or event.id or "", old.name or event.name or "", old.arguments + event.arguments
                    )
                case Usage():
                    found.usage = event
                case Finished(reason):
                    found.reason = reason
                case _:
                    pass
    return found


def arguments_of(call: ToolCall) -> dict[str, object]:
    """As an object."""
    return cast("dict[str, object]", json.loads(call.arguments))


async def test_named_tool_is_called(backend: Backend, case: BackendCase) -> None:
    """Once, with arguments that fit its schema, and nothing is said beside it."""
    for tool in (WEATHER, CLOCK):
        found = await heard(backend, replace(asked(), tool_choice=NamedTool(tool.name)))
        (call,) = found.calls.values()
        assert call.id
        if case.pads_json and found.reason == "length":
            assert (call.name, found.text, call.arguments.strip()) == (tool.name, "", "{")
            continue
        assert (call.name, found.text, found.reason) == (tool.name, "", "tool_calls")
        assert arguments_of(call).keys() == ({"city"} if tool is WEATHER else set())


async def test_some_tool_is_called_where_one_is_required(backend: Backend) -> None:
    """Whichever."""
    found = await heard(backend, asked())
    (call,) = found.calls.values()
    assert call.name in {WEATHER.name, CLOCK.name}
    assert found.reason == "tool_calls"


async def test_calls_of_one_answer_are_told_apart(backend: Backend) -> None:
    """Each has an id of its own, and all that came before the last is whole; what is cut says so."""
    found = await heard(backend, replace(asked(tools=(WEATHER,)), parallel_tool_calls=True))
    *before, last = (found.calls[index] for index in sorted(found.calls))
    assert sorted(found.calls) == list(range(len(found.calls)))
    assert len({call.id for call in found.calls.values()}) == len(found.calls)
    for call in before if found.reason == "length" else (*before, last):
        assert (call.name, set(arguments_of(call))) == (WEATHER.name, {"city"})
    assert found.reason in {"tool_calls", "length"}


async def test_no_tool_is_called_where_none_may_be(backend: Backend) -> None:
    """The text is all."""
    found = await heard(backend, replace(asked(), tool_choice="none", max_tokens=20))
    assert not found.calls
    assert found.reason != "tool_calls"


async def test_tools_cost_tokens_that_are_counted(backend: Backend) -> None:
    """The window is planned with the count."""
    request = asked()
    counted = await backend.count_tokens(request)
    assert counted > await backend.count_tokens(replace(request, tools=(), tool_choice="auto"))
    found = await heard(backend, request)
    assert found.usage is not None
    if (await backend.limits()).counts_exactly:
        assert found.usage.input_tokens == counted


async def test_result_of_a_call_is_taken(backend: Backend) -> None:
    """With the id that the call had, or one of another model's making."""
    (call,) = (await heard(backend, replace(asked(), tool_choice=NamedTool(WEATHER.name)))).calls.values()
    for call_id in (call.id, "call_of_another_model_0123456789"):
        turn = (
            ChatMessage("assistant", (), (replace(call, id=call_id),)),
            ChatMessage("tool", (TextPart('{"celsius": 21}'),), tool_call_id=call_id),
        )
        found = await heard(backend, replace(asked(*turn), tool_choice="auto", max_tokens=20))
        assert found.reason in {"stop", "length", "tool_calls"}
