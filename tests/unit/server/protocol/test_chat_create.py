"""Rules of `maru/protocol/chat_create.py`."""

from typing import Any

import pytest

from maru.protocol.chat_create import create_of, with_wishes
from maru.protocol.chat_requests import parse_chat
from maru.protocol.errors import ApiError
from maru.protocol.parts import ImageIn, RefusalIn, TextIn
from maru.protocol.requests import CallIn, CallOutputIn, CreateRequest, ItemIn, MessageIn, NamedChoiceIn
from maru_backends.base import ChatRequest, Sampling

HELLO = {"role": "user", "content": "hi"}
CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}}
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA==", "detail": "low"}}


def _create(**fields: Any) -> CreateRequest:
    return create_of(parse_chat({"messages": [HELLO], **fields}))


def _items(*messages: dict[str, Any]) -> tuple[ItemIn, ...]:
    items = _create(messages=messages).input
    assert not isinstance(items, str)
    return items


def test_every_role_is_kept() -> None:
    """A developer's word weighs more than a user's."""
    items = _items(
        {"role": "system", "content": "be kind"},
        {"role": "developer", "content": "be short"},
        HELLO,
        {"role": "assistant", "content": "yo"},
        {"role": "user", "content": [{"type": "text", "text": "and "}, {"type": "text", "text": "now?"}]},
    )
    assert items == (
        MessageIn(role="system", content=(TextIn(text="be kind"),)),
        MessageIn(role="developer", content=(TextIn(text="be short"),)),
        MessageIn(role="user", content=(TextIn(text="hi"),)),
        MessageIn(role="assistant", content=(TextIn(text="yo"),)),
        MessageIn(role="user", content=(TextIn(text="and "), TextIn(text="now?"))),
    )


def test_an_image_is_an_image() -> None:
    """Inline or by URL; the URL alone is what some programs send."""
    short = {"type": "image_url", "image_url": "https://example.org/a.png"}
    images = (
        ImageIn(type="input_image", image_url="data:image/png;base64,AA==", detail="low"),
        ImageIn(type="input_image", image_url="https://example.org/a.png", detail="auto"),
    )
    assert _items({"role": "user", "content": [PICTURE, short]}) == (MessageIn(role="user", content=images),)


@pytest.mark.parametrize("content", [None, "", []])
def test_calls_and_their_outputs_become_items(content: Any) -> None:
    """An answer of calls alone is no message, whatever stands for its missing text."""
    items = _items(
        {"role": "assistant", "content": content, "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "4"}], "name": "f"},
    )
    assert items == (
        CallIn(type="function_call", call_id="call_1", name="f", arguments='{"a":1}'),
        CallOutputIn(type="function_call_output", call_id="call_1", output="4"),
    )


def test_words_beside_calls_come_before_them() -> None:
    """The model said them first."""
    said, call, *_ = _items({"role": "assistant", "content": "let me see", "tool_calls": [CALL]}, HELLO)
    assert said == MessageIn(role="assistant", content=(TextIn(text="let me see"),))
    assert isinstance(call, CallIn)


def test_a_picture_from_a_tool_stays_one() -> None:
    """Only text may be joined."""
    seen = [{"type": "text", "text": "see"}, PICTURE]
    (output,) = _items({"role": "tool", "tool_call_id": "call_1", "content": seen})
    image = ImageIn(type="input_image", image_url="data:image/png;base64,AA==", detail="low")
    assert output == CallOutputIn(type="function_call_output", call_id="call_1", output=(TextIn(text="see"), image))


def test_a_refusal_in_the_history_is_kept() -> None:
    """The model should know that it refused; SDKs replay it beside the content or as a part."""
    beside = {"role": "assistant", "content": None, "refusal": "no"}
    part = {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}
    refused = MessageIn(role="assistant", content=(RefusalIn(type="refusal", refusal="no"),))
    assert _items(beside, part, HELLO)[:2] == (refused, refused)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content[0].image_url"),
        ({"messages": [{"role": "tool", "content": "4"}]}, "messages[0].tool_call_id"),
        ({"messages": [HELLO, {"role": "assistant"}, HELLO]}, "messages[1].content"),
        ({"messages": [HELLO, {"role": "assistant", "content": "I am"}]}, "messages"),
        ({"messages": [{"role": "system", "content": [PICTURE]}, HELLO]}, "messages[0].content[0]"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.function"),
    ],
)
def test_what_does_not_go_together_is_named(fields: dict[str, Any], param: str) -> None:
    """The rules that no single field shows."""
    with pytest.raises(ApiError) as caught:
        _create(**fields)
    assert (caught.value.status, caught.value.param) == (400, param)


def test_tools_and_their_choice() -> None:
    """The same tools as everywhere, without the wrapping."""
    schema: dict[str, object] = {"type": "object", "properties": {}}
    function = {"name": "f", "description": "does f", "parameters": schema, "strict": True}
    create = _create(
        tools=[{"type": "function", "function": function}],
        tool_choice={"type": "function", "function": {"name": "f"}},
        parallel_tool_calls=False,
    )
    (tool,) = create.tools
    assert (tool.name, tool.description, tool.parameters, tool.strict) == ("f", "does f", schema, True)
    assert create.tool_choice == NamedChoiceIn(type="function", name="f")
    assert create.parallel_tool_calls is False


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "text"}, {"type": "text"}),
        ({"type": "json_object"}, {"type": "json_object"}),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "array"}}},
            {"type": "json_schema", "name": "n", "schema": {"type": "array"}, "strict": False},
        ),
    ],
)
def test_the_form_of_the_answer(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """As in a Response, but a schema is strict only when that is asked for."""
    form = _create(response_format=given).text.format.model_dump(by_alias=True)
    assert {**form, **expected} == form


def test_nothing_is_stored() -> None:
    """This API has no word for what came before, so nobody could continue it."""
    assert _create(store=True).store is False


def test_the_engine_is_told_what_a_create_has_no_word_for() -> None:
    """Also a bound under 16 tokens, which a create would refuse: classifiers ask for one token."""
    chat = parse_chat({"messages": [HELLO], "seed": 7, "stop": "END", "max_tokens": 300, "max_completion_tokens": 1})
    asked = with_wishes(ChatRequest((), Sampling(temperature=0.5)), chat)
    assert asked == ChatRequest((), Sampling(temperature=0.5, seed=7, stop=("END",)), max_tokens=1)
