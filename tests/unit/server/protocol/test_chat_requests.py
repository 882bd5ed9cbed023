"""Rules of `maru/protocol/chat_requests.py`."""

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.protocol.chat_create import create_of
from maru.protocol.chat_requests import ChatCompletionRequest, parse_chat
from maru.protocol.errors import ApiError

HELLO = [{"role": "user", "content": "hi"}]


@pytest.mark.parametrize(
    ("body", "param", "code"),
    [
        ({}, "messages", "missing_required_parameter"),
        ({"messages": []}, "messages", "invalid_value"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "messages[0].role", "invalid_value"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content", "invalid_type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]},
            "messages[0].content[0].type",
            "invalid_value",
        ),
        ({"messages": HELLO, "tools": [{"type": "custom", "function": {"name": "f"}}]}, "tools[0].type", None),
        ({"messages": HELLO, "tool_choice": "sometimes"}, "tool_choice.type", "invalid_value"),
        ({"messages": HELLO, "response_format": {"type": "yaml"}}, "response_format.type", "invalid_value"),
        ({"messages": HELLO, "temperature": 9}, "temperature", "invalid_value"),
        ({"messages": HELLO, "max_tokens": 0}, "max_tokens", "invalid_value"),
        ({"messages": HELLO, "stop": [""]}, "stop[0]", "invalid_value"),
        ({"messages": HELLO, "seed": 2**63}, "seed", "invalid_value"),
    ],
)
def test_a_wrong_field_is_named_by_its_path(body: dict[str, Any], param: str, code: str | None) -> None:
    """Whoever sent it must see what to change, in the words of the call they made."""
    with pytest.raises(ApiError) as caught:
        parse_chat(body)
    assert (caught.value.status, caught.value.param) == (400, param)
    assert code in {caught.value.code, None}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2),
        ("logit_bias", {"50256": -100}),
        ("modalities", ["text", "audio"]),
        ("audio", {"voice": "alloy", "format": "wav"}),
        ("functions", [{"name": "f"}]),
        ("web_search_options", {}),
        ("top_k", 40),
        ("guided_regex", "a+"),
    ],
)
def test_what_would_change_the_answer_is_refused_by_its_name(name: str, value: Any) -> None:
    """A program that asked for three answers must not get one without a word."""
    with pytest.raises(ApiError, match=name) as caught:
        parse_chat({"messages": HELLO, name: value})
    assert (caught.value.status, caught.value.param, caught.value.code) == (400, name, "unsupported_parameter")


@pytest.mark.parametrize(
    "harmless",
    [
        {"n": 1},
        {"logit_bias": {}, "logprobs": False, "top_logprobs": 0, "modalities": ["text"]},
        {"top_k": -1, "min_p": 0.0, "repetition_penalty": 1.0},
        {"user": "u", "store": True, "service_tier": "auto", "metadata": {"a": "b"}},
        {"something_new": 1},
    ],
)
def test_what_changes_nothing_is_taken(harmless: dict[str, Any]) -> None:
    """Many programs send every parameter, most of them at its default."""
    parse_chat({"messages": HELLO, **harmless})


def test_null_means_absent() -> None:
    """SDKs send null for everything that was not set."""
    fields = dict.fromkeys((*ChatCompletionRequest.model_fields, "n", "logit_bias", "functions"))
    assert parse_chat({**fields, "messages": HELLO}) == parse_chat({"messages": HELLO})


def test_rivals_need_logprobs() -> None:
    """OpenAI's own rule."""
    assert parse_chat({"messages": HELLO, "logprobs": True, "top_logprobs": 3}).top_logprobs == 3
    with pytest.raises(ApiError, match="top_logprobs"):
        parse_chat({"messages": HELLO, "top_logprobs": 3})


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda t: st.lists(t) | st.dictionaries(st.text(), t)
)
_MESSAGE = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool"])},
    optional={"content": _JSON, "tool_calls": _JSON, "tool_call_id": st.text(), "refusal": st.text()},
)


@given(_JSON, st.lists(_MESSAGE))
def test_no_body_breaks_the_parser(body: Any, messages: Any) -> None:
    """Every body is understood or refused as 400, never a crash."""
    for tried in (body, {"messages": body}, {"messages": messages}, {"messages": HELLO, "tools": body, "stop": body}):
        with contextlib.suppress(ApiError):
            create_of(parse_chat(tried))
