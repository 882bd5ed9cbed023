"""Rules of `maru/protocol/requests.py` and `normalise.py`."""

import contextlib
import itertools
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from maru.protocol.compact_request import CompactRequest
from maru.protocol.errors import ApiError
from maru.protocol.frames import FollowRequest
from maru.protocol.items import (
    Compaction,
    FunctionCall,
    FunctionCallOutput,
    InputText,
    Item,
    Message,
    OutputText,
    Reasoning,
    decode_item,
    encode_item,
)
from maru.protocol.normalise import check_answered, check_pairs, normalise_input, referenced_ids, without_trigger
from maru.protocol.requests import MOST_EVENTS, ROOT_PARENT, CreateRequest, parse


def _items_of(raw: Any, *known: Item) -> Any:
    numbers = itertools.count()
    referenced = {item.id: item for item in known}
    given = parse(CreateRequest, {"input": raw}).input
    return normalise_input(given, lambda prefix: f"{prefix}_{next(numbers)}", referenced)


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


@pytest.mark.parametrize(
    ("item", "copy_id"),
    [
        (Message(id="old", role="user", status="completed", content=(InputText(text="hi"),)), "msg_0"),
        (FunctionCall(id="old", call_id="call_1", name="f", arguments="{}", status="completed"), "fc_0"),
        (FunctionCallOutput(id="old", call_id="call_1", output="4", status="completed"), "fco_0"),
        (Reasoning(id="old", summary=()), "rs_0"),
        (Compaction(id="old", encrypted_content="x"), "cmp_0"),
    ],
)
def test_a_reference_becomes_a_copy_in_its_place(item: Item, copy_id: str) -> None:
    """The item may stand in the same history already, where its id is taken."""
    copied, said = _items_of([{"type": "item_reference", "id": "old"}, {"role": "user", "content": "go on"}], item)
    assert copied == msgspec.structs.replace(item, id=copy_id)
    assert said.id == "msg_1"


def test_two_references_to_one_item_are_two_copies() -> None:
    """Two items cannot have one id."""
    item = Message(id="old", role="user", status="completed", content=(InputText(text="hi"),))
    assert [copied.id for copied in _items_of([{"id": "old"}, {"id": "old"}], item)] == ["msg_0", "msg_1"]


def test_an_item_that_was_not_found_is_named_by_its_path() -> None:
    """A missing one, a stranger's, a deleted and an unstored one look the same."""
    with pytest.raises(ApiError, match="msg_gone") as caught:
        _items_of([{"role": "user", "content": "hi"}, {"type": "item_reference", "id": "msg_gone"}])
    assert (caught.value.status, caught.value.param, caught.value.code) == (404, "input[1].id", "item_not_found")


def test_what_is_referred_to_is_listed_in_order() -> None:
    """Each is looked up, until one is missing."""
    raw = parse(CreateRequest, {"input": [{"id": "b"}, {"role": "user", "content": "x"}, {"id": "a"}]})
    assert referenced_ids(raw.input) == ("b", "a")
    assert referenced_ids("text") == ()


def test_an_item_is_referred_to_once() -> None:
    """Every reference is a copy: a small request could fill the disk with them."""
    raw = parse(CreateRequest, {"input": [{"id": "a"}, {"id": "b"}, {"id": "a"}]})
    with pytest.raises(ApiError, match="'a' is referred to twice") as caught:
        referenced_ids(raw.input, field="items")
    assert (caught.value.status, caught.value.param) == (400, "items[2].id")


def test_an_output_needs_its_call() -> None:
    """Engines refuse a tool result that answers nothing."""
    call = FunctionCall(id="fc_1", call_id="call_1", name="f", arguments="{}", status="completed")
    (output,) = _items_of([{"type": "function_call_output", "call_id": "call_1", "output": "4"}])
    check_pairs([call], [output])
    with pytest.raises(ApiError, match="call_1"):
        check_pairs([], [output])


def test_a_call_needs_its_output() -> None:
    """Templates break on a call that nothing answers, and a model makes the answer up."""
    one, two = (
        FunctionCall(id=f"fc_{i}", call_id=f"call_{i}", name="f", arguments="{}", status="completed") for i in (1, 2)
    )
    (output,) = _items_of([{"type": "function_call_output", "call_id": "call_1", "output": "4"}])
    with pytest.raises(ApiError, match="call_2") as caught:
        check_answered([one, two], [output])
    assert caught.value.param == "input"
    with pytest.raises(ApiError) as caught:
        check_answered([], [one, output, two])
    assert caught.value.param == "input[2]"


@pytest.mark.parametrize(
    ("name", "value"), [("prompt", {"id": "p"}), ("seed", 3), ("stop", ["x"]), ("top_k", 40), ("n", 2)]
)
def test_words_that_nothing_honours_are_refused_by_name(name: str, value: Any) -> None:
    """A program that sends them counts on them."""
    with pytest.raises(ApiError, match=name) as caught:
        parse(CreateRequest, {"input": "hi", name: value})
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, name, "unsupported_parameter")
    assert parse(CreateRequest, {"input": "hi", name: None}).input == "hi"


@pytest.mark.parametrize("name", ["user", "moderation", "prompt_cache_options", "prompt_cache_retention"])
def test_words_that_change_no_answer_are_taken(name: str) -> None:
    """OpenAI's own clients send them."""
    parse(CreateRequest, {"input": "hi", name: "x"})


def test_logprobs_are_wanted_by_either_word() -> None:
    """`include` asks for those of the answer, `top_logprobs` for the rivals' too; unknown words ask for nothing."""
    assert parse(CreateRequest, {"include": ["message.output_text.logprobs"]}).wants_logprobs
    assert parse(CreateRequest, {"top_logprobs": 2}).wants_logprobs
    assert not parse(CreateRequest, {"include": ["reasoning.encrypted_content", "new"]}).wants_logprobs


@pytest.mark.parametrize(
    "body", [{"input": "x" * 10_485_761}, {"input": [{"role": "user", "content": "x" * 10_485_761}]}]
)
def test_text_is_bounded(body: dict[str, Any]) -> None:
    """As the specification says, wherever the text stands."""
    with pytest.raises(ApiError) as caught:
        parse(CreateRequest, body)
    assert len(caught.value.message) < 300


@given(st.text())
def test_items_come_back_from_their_json(text: str) -> None:
    """What is stored is what is read."""
    (item,) = _items_of([{"role": "user", "content": [{"type": "input_text", "text": text}]}])
    assert decode_item(encode_item(item)) == item


def test_a_compaction_item_is_taken_as_it_was_given() -> None:
    """Its id is replaced like every other, its content is not touched."""
    sent = {"type": "compaction", "id": "cmp_x", "encrypted_content": "abc", "created_by": "x"}
    assert _items_of([sent]) == (Compaction(id="cmp_0", encrypted_content="abc"),)


@pytest.mark.parametrize(
    ("model", "body", "param"),
    [
        (CompactRequest, {"input": "hi"}, "model"),
        (CompactRequest, {"model": None, "input": "hi"}, "model"),
        (CompactRequest, {"model": "", "input": "hi"}, "model"),
        (CompactRequest, {"model": "m", "prompt_cache_key": "k" * 65}, "prompt_cache_key"),
        (CompactRequest, {"model": "m", "conversation": "conv_1"}, "conversation"),
        (CompactRequest, {"model": "m", "input": "hi", "stream": True}, "stream"),
        (CreateRequest, {"input": [{"type": "compaction"}]}, "input[0].encrypted_content"),
        (
            CreateRequest,
            {"input": [{"type": "compaction", "encrypted_content": "A" * 10_485_761}]},
            "input[0].encrypted_content",
        ),
        (
            CreateRequest,
            {"context_management": [{"type": "compaction", "compact_threshold": 999}]},
            "context_management[0].compact_threshold",
        ),
        (CreateRequest, {"context_management": [{"type": "other"}]}, "context_management[0].type"),
    ],
)
def test_what_is_wrong_with_a_compaction_is_named(model: type[BaseModel], body: dict[str, Any], param: str) -> None:
    """Never a 500, and never a guess."""
    with pytest.raises(ApiError) as refused:
        parse(model, body)
    assert (refused.value.status, refused.value.param) == (400, param)


def test_a_compact_request_becomes_the_create_that_would_go_on() -> None:
    """Both resolve what they are given in the same way."""
    request = parse(CompactRequest, {"model": "m", "input": "hi", "instructions": "be brief", "prompt_cache_key": "k"})
    create = request.as_create()
    assert (create.model, create.instructions, create.store) == ("m", "be brief", False)
    said, is_trigger = without_trigger(create.input)
    assert (said, is_trigger) == (parse(CreateRequest, {"input": [{"role": "user", "content": "hi"}]}).input, True)


@pytest.mark.parametrize("number", [-2, MOST_EVENTS, 2**63, 10**30])
def test_a_number_that_no_event_can_have_is_refused(number: int) -> None:
    """A database would choke on it."""
    with pytest.raises(ApiError) as caught:
        parse(FollowRequest, {"response_id": "resp_1", "starting_after": number})
    assert caught.value.param == "starting_after"
