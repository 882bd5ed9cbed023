"""Rules of `maru/protocol/requests.py` and `normalise.py`."""

import contextlib
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.protocol.errors import ApiError
from maru.protocol.items import FunctionCall, InputText, Message, OutputText, decode_item, encode_item
from maru.protocol.normalise import check_pairs, normalise_input
from maru.protocol.requests import ROOT_PARENT, CreateRequest, parse


def _items_of(raw: Any) -> Any:
    numbers = itertools.count()
    return normalise_input(parse(CreateRequest, {"input": raw}).input, lambda prefix: f"{prefix}_{next(numbers)}")


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({"input": 3}, "input", "invalid_type"),
        ({"input": [{"role": "userx", "content": "hi"}]}, "input[0].role", "invalid_value"),
        ({"input": [{"type": "zz"}]}, "input[0]", "invalid_value"),
        (
            {"input": [{"type": "function_call_output", "output": "x"}]},
            "input[0].call_id",
            "missing_required_parameter",
        ),
        ({"temperature": 9}, "temperature", "invalid_value"),
        ({"metadata": {"a": 3}}, "metadata.a", "invalid_type"),
        ({"metadata": {str(i): "x" for i in range(17)}}, "metadata", "invalid_value"),
        ({"tools": [{"type": "function"}]}, "tools[0].name", "missing_required_parameter"),
        ({"max_output_tokens": 3}, "max_output_tokens", "invalid_value"),
        ({"stream_id": "a b"}, "stream_id", "invalid_value"),
        ({"top_logprobs": 21}, "top_logprobs", "invalid_value"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(body: dict[str, Any], param: str, code: str) -> None:
    """Whoever sent it must see what to change."""
    with pytest.raises(ApiError) as caught:
        parse(CreateRequest, body)
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, param, code)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)
    )
)
def test_no_body_breaks_the_parser(body: Any) -> None:
    """Every body is understood or refused as 400, never a crash."""
    for tried in (body, {"input": body, "metadata": body, "tools": body, "text": body}):
        with contextlib.suppress(ApiError):
            parse(CreateRequest, tried)


def test_null_means_absent() -> None:
    """SDKs send null for everything that was not set."""
    fields = dict.fromkeys(CreateRequest.model_fields)
    assert parse(CreateRequest, fields).truncation == "disabled"


def test_a_null_parent_is_a_new_root() -> None:
    """Editing the first message makes a sibling of it, which has no parent."""
    assert parse(CreateRequest, {"maru:parent": None}).parent == ROOT_PARENT
    assert parse(CreateRequest, {}).parent is None


def test_text_becomes_one_user_message() -> None:
    """The digest's normal form."""
    (message,) = _items_of("hi")
    assert message == Message(id="msg_0", role="user", status="completed", content=(InputText(text="hi"),))


def test_messages_without_a_type_are_accepted() -> None:
    """Real clients send them all the time."""
    first, second = _items_of(
        [{"role": "user", "content": "hi"}, {"role": "assistant", "content": [{"type": "output_text", "text": "yo"}]}]
    )
    assert first.content == (InputText(text="hi"),)
    assert second.content == (OutputText(text="yo", annotations=()),)


def test_replayed_ids_are_minted_anew() -> None:
    """The id belongs to the item that was stored first."""
    (message,) = _items_of([{"type": "message", "id": "msg_old", "role": "user", "content": "hi"}])
    assert message.id == "msg_0"


def test_an_output_needs_its_call() -> None:
    """Engines refuse a tool result that answers nothing."""
    call = FunctionCall(id="fc_1", call_id="call_1", name="f", arguments="{}", status="completed")
    (output,) = _items_of([{"type": "function_call_output", "call_id": "call_1", "output": "4"}])
    check_pairs([call], [output])
    with pytest.raises(ApiError, match="call_1"):
        check_pairs([], [output])


@given(st.text())
def test_items_come_back_from_their_json(text: str) -> None:
    """What is stored is what is read."""
    (item,) = _items_of([{"role": "user", "content": [{"type": "input_text", "text": text}]}])
    assert decode_item(encode_item(item)) == item
