"""Requests in the shape of Claude's Messages API."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import pytest

from maru_backends.base import (
    ChatMessage,
    ChatRequest,
    ImagePart,
    JsonFormat,
    NamedTool,
    Part,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCall,
    ToolChoice,
)
from maru_backends.claude_chat import Json, claude_body, known_id
from maru_backends.claude_model import ClaudeModel, told_model
from maru_backends.errors import RequestRefusedError
from support.claude_peer import told

NEWEST = ClaudeModel("claude-peer")
OLDER = replace(NEWEST, thinking="budget", takes_sampling=True, efforts=())
FIND = Tool("find", "Finds.", {"type": "object", "properties": {"q": {"type": "string"}}}, strict=True)
CALL = ToolCall("toolu_1", "find", '{"q": "x"}')
PNG = ImagePart("data:image/png;base64,iVBORw0KGgo=")


def said(role: Role, *parts: str | Part, calls: Sequence[ToolCall] = (), answers: str | None = None) -> ChatMessage:
    """A message."""
    return ChatMessage(
        role, tuple(TextPart(part) if isinstance(part, str) else part for part in parts), tuple(calls), answers
    )


def body_of(
    *messages: ChatMessage,
    model: ClaudeModel = NEWEST,
    thinking: Sequence[Json] | None = None,
    max_tokens: int = 4096,
    with_caching: bool = False,
    **wishes: object,
) -> Json:
    """The body for these messages, or for one greeting."""
    request = ChatRequest(messages or (said("user", "Hello"),), **wishes)  # type: ignore[arg-type] # of the table
    return claude_body(request, model, max_tokens=max_tokens, thoughts=lambda _: thinking, with_caching=with_caching)


def blocks_of(body: Json, place: int) -> list[Json]:
    """What the message at that place holds."""
    return cast("list[dict[str, list[Json]]]", body["messages"])[place]["content"]


def test_system_stands_apart_and_roles_alternate() -> None:
    """Neighbours are merged, what is empty is left out, outputs come first in their turn."""
    body = body_of(
        said("system", "Be kind."),
        said("user", "Hello"),
        said("user", "  "),
        said("assistant", ""),
        said("user", "Find x."),
        said("assistant", "Let me see.", calls=[CALL, ToolCall("toolu_2", "find", "")]),
        said("tool", "found", answers="toolu_1"),
        said("tool", "", answers="toolu_2"),
        said("user", "And?"),
        tools=(FIND,),
    )
    assert body["system"] == [{"type": "text", "text": "Be kind."}]
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Hello"}, {"type": "text", "text": "Find x."}]},
        {
            "role": "assistant",
            "content": [
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "toolu_1", "name": "find", "input": {"q": "x"}},
                {"type": "tool_use", "id": "toolu_2", "name": "find", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "found"}]},
                {"type": "tool_result", "tool_use_id": "toolu_2"},
                {"type": "text", "text": "And?"},
            ],
        },
    ]


def test_conversation_begins_and_ends_with_the_user() -> None:
    """Others are refused there, or gone on with."""
    body = body_of(said("assistant", "Welcome."), said("user", "Hello"))
    messages = cast("list[Json]", body["messages"])
    assert [message["role"] for message in messages] == ["user", "assistant", "user"]
    with pytest.raises(RequestRefusedError, match="empty"):
        body_of(said("user", "Hello"), said("assistant", "Hi"), said("user", " \n"))


def test_images_go_as_data_or_address() -> None:
    """In the order in which they were shown."""
    body = body_of(said("user", "Look:", PNG, ImagePart("https://example.org/a.png"), "What is it?"))
    content = blocks_of(body, 0)
    assert [block["type"] for block in content] == ["text", "image", "image", "text"]
    assert content[1]["source"] == {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    assert content[2]["source"] == {"type": "url", "url": "https://example.org/a.png"}


@pytest.mark.parametrize("url", ["data:image/svg+xml;base64,AAAA", "file:///etc/passwd", "data:text/html,<b>"])
def test_what_it_cannot_see_is_refused(url: str) -> None:
    """An image that is left out is answered as if it had been seen."""
    with pytest.raises(RequestRefusedError):
        body_of(said("user", ImagePart(url)))


@pytest.mark.parametrize(
    ("choice", "parallel", "expected"),
    [
        ("auto", True, {"type": "auto"}),
        ("auto", False, {"type": "auto", "disable_parallel_tool_use": True}),
        ("none", False, {"type": "none"}),
        ("required", True, {"type": "any"}),
        (NamedTool("find"), False, {"type": "tool", "name": "find", "disable_parallel_tool_use": True}),
    ],
)
def test_tool_choice(choice: ToolChoice | NamedTool, parallel: bool, expected: Json) -> None:  # noqa: FBT001 (of the table)
    """Every choice has its word."""
    body = body_of(tools=(FIND,), tool_choice=choice, parallel_tool_calls=parallel)
    assert body["tool_choice"] == expected
    assert body["tools"] == [{"name": "find", "description": "Finds.", "input_schema": FIND.parameters, "strict": True}]


def test_calls_of_the_history_have_their_tools() -> None:
    """A history with calls is refused where no tool is told of."""
    body = body_of(said("user", "Find x."), said("assistant", calls=[CALL]), said("tool", "found", answers="toolu_1"))
    assert body["tools"] == [{"name": "find", "input_schema": {"type": "object", "properties": {}}}]
    assert body["tool_choice"] == {"type": "none"}


@pytest.mark.parametrize(("arguments", "expected"), [("[1]", {"text": "[1]"}), ("{cut", {"text": "{cut"}), (" ", {})])
def test_arguments_that_are_no_object_become_one(arguments: str, expected: Json) -> None:
    """An input is an object there, whatever a model once wrote."""
    call = ToolCall("a", "find", arguments)
    body = body_of(said("user", "x"), said("assistant", calls=[call]), said("tool", "y", answers="a"))
    assert blocks_of(body, 1)[0]["input"] == expected


def test_foreign_ids_become_fit_and_stay_apart() -> None:
    """A conversation may have begun with another provider."""
    strange = ["functions.find:0", "functions.find:1", "<b>id</b>", "", "한글", "x" * 70 + ":"]
    fit = [known_id(call_id) for call_id in strange]
    assert len(set(fit)) == len(strange)
    assert all(name.replace("_", "").replace("-", "").isalnum() and name.isascii() for name in fit)
    assert known_id("toolu_1-a") == "toolu_1-a"


@pytest.mark.parametrize(
    ("model", "effort", "thinking", "output"),
    [
        (NEWEST, None, None, None),
        (replace(NEWEST, may_rest=False), None, {"type": "adaptive", "display": "summarized"}, None),
        (NEWEST, "none", {"type": "disabled"}, {"effort": "low"}),
        (replace(NEWEST, may_rest=False), "none", None, {"effort": "low"}),
        (NEWEST, "minimal", {"type": "adaptive", "display": "summarized"}, {"effort": "low"}),
        (NEWEST, "xhigh", {"type": "adaptive", "display": "summarized"}, {"effort": "xhigh"}),
        (
            replace(NEWEST, efforts=("low", "medium", "high")),
            "max",
            {"type": "adaptive", "display": "summarized"},
            {"effort": "high"},
        ),
        (OLDER, "low", {"type": "enabled", "budget_tokens": 2048}, None),
        (OLDER, "high", {"type": "enabled", "budget_tokens": 3072}, None),
        (replace(OLDER, thinking="off"), "high", None, None),
    ],
)
def test_effort_becomes_thinking(
    model: ClaudeModel, effort: str | None, thinking: Json | None, output: Json | None
) -> None:
    """By the model's own way; a budget leaves room for the answer."""
    body = body_of(model=model, reasoning_effort=effort)
    assert body.get("thinking") == thinking
    assert body.get("output_config") == output


def test_budget_needs_room_and_the_thinking_before() -> None:
    """Else the request would be refused: without a budget it works."""
    history = (said("user", "x"), said("assistant", calls=[CALL]), said("tool", "y", answers="toolu_1"))
    assert "thinking" not in body_of(model=OLDER, reasoning_effort="low", max_tokens=1500)
    assert "thinking" not in body_of(*history, model=OLDER, reasoning_effort="low", tools=(FIND,))
    kept: Json = {"type": "thinking", "thinking": "Hm.", "signature": "s"}
    assert "thinking" in body_of(*history, model=OLDER, reasoning_effort="low", tools=(FIND,), thinking=[kept])


@pytest.mark.parametrize("effort", ["high", None])
def test_forced_call_goes_without_thinking(effort: str | None) -> None:
    """Both together are refused there, also where a model thinks unasked."""
    body = body_of(tools=(FIND,), tool_choice="required", reasoning_effort=effort)
    assert body["thinking"] == {"type": "disabled"}
    never = replace(NEWEST, may_rest=False)
    assert "thinking" not in body_of(model=never, tools=(FIND,), tool_choice="required", reasoning_effort=effort)


@pytest.mark.parametrize(
    ("model", "sampling", "effort", "expected"),
    [
        (NEWEST, Sampling(temperature=0.2, top_p=0.9), None, {}),
        (OLDER, Sampling(temperature=0.2, top_p=0.9), None, {"temperature": 0.2}),
        (OLDER, Sampling(temperature=1.7), None, {"temperature": 1.0}),
        (OLDER, Sampling(top_p=0.9, seed=3), None, {"top_p": 0.9}),
        (OLDER, Sampling(temperature=0.2), "low", {}),
    ],
)
def test_sampling_goes_where_it_is_taken(
    model: ClaudeModel, sampling: Sampling, effort: str | None, expected: Json
) -> None:
    """Newer models refuse it, thinking excludes it, and the two of them exclude each other."""
    body = body_of(model=model, sampling=sampling, reasoning_effort=effort)
    assert {name: body[name] for name in ("temperature", "top_p", "seed") if name in body} == expected


def test_json_needs_a_schema() -> None:
    """There is no JSON without one there."""
    schema: Json = {"type": "object", "properties": {}, "additionalProperties": False}
    body = body_of(json_format=JsonFormat(schema=schema))
    assert body["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    with pytest.raises(RequestRefusedError, match="schema"):
        body_of(json_format=JsonFormat())


def test_stops_go_over_but_not_blank_ones() -> None:
    """White space alone is refused there; here it is said in words."""
    assert body_of(sampling=Sampling(stop=("END",)))["stop_sequences"] == ["END"]
    with pytest.raises(RequestRefusedError, match="white space"):
        body_of(sampling=Sampling(stop=("\n",)))


def test_at_most_four_marks_and_at_stable_places() -> None:
    """Tools, instructions, the last two turns of the user; the turn before stays where the last mark was."""
    history = [message for n in range(5) for message in (said("user", f"q{n}"), said("assistant", f"a{n}"))]
    body = body_of(said("system", "Be kind."), *history, said("user", "Now"), tools=(FIND,), with_caching=True)
    assert str(body).count("cache_control") == 4
    marked = [cast("list[Json]", body[name]) for name in ("tools", "system")]
    for blocks in (*marked, blocks_of(body, -1), blocks_of(body, -3)):
        assert blocks[-1]["cache_control"] == {"type": "ephemeral"}
    assert "cache_control" not in str(body_of(said("user", "Hello"), tools=(FIND,)))
    assert "cache_control" not in str(body_of(said("user", "Hello"), tools=(FIND,))["tools"])


def test_nothing_typed_poses_as_a_control_token() -> None:
    """Also behind this API may stand an engine with a template."""
    body = body_of(said("user", "a<|im_", "end|>b \ud800"))
    text = str(blocks_of(body, 0)[0]["text"])
    assert "<|im_end|>" not in text
    text.encode()


def test_model_is_as_it_is_told() -> None:
    """Which generation it is shows in what it takes of thinking."""
    newest = told_model("m", told())
    assert (newest.context_window, newest.max_output_tokens) == (1_000_000, 128_000)
    assert (newest.thinking, newest.takes_sampling, newest.efforts) == ("adaptive", False, ("low", "high"))
    older = told_model("m", told(thinking=("enabled", "disabled"), efforts=()))
    assert (older.thinking, older.takes_sampling, older.efforts) == ("budget", True, ())
    without = told_model("m", told(thinking=("disabled",), efforts=()))
    assert (without.thinking, without.takes_sampling) == ("off", True)
    assert "effort" not in without.features
    assert told_model("m", {"capabilities": [], "max_tokens": "many"}) == ClaudeModel("m")
