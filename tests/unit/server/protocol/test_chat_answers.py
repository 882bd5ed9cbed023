"""Rules of `maru/protocol/chat_answers.py`."""

import json
from typing import Any

import msgspec
import pytest

from maru.protocol.chat_answers import completion, finish_reason_of, in_chat_words
from maru.protocol.errors import ApiError
from maru.protocol.items import FunctionCall, Message, Reasoning, ReasoningText, Refusal
from maru.protocol.response import (
    IncompleteDetails,
    InputTokensDetails,
    OutputTokensDetails,
    Response,
    ResponseUsage,
)
from support.responses import a_message, a_response

CALL = FunctionCall(id="fc_1", call_id="call_1", name="f", arguments="{}", status="completed")
THOUGHT = Reasoning(id="rs_1", summary=(), content=(ReasoningText(text="hm"),))
USAGE = ResponseUsage(
    input_tokens=5,
    input_tokens_details=InputTokensDetails(cached_tokens=3),
    output_tokens=7,
    output_tokens_details=OutputTokensDetails(reasoning_tokens=2),
    total_tokens=12,
)


def _told(response: Response) -> Any:
    return json.loads(msgspec.json.encode(completion("chatcmpl_1", response, "stop")))


def test_a_completion_has_every_key_that_the_specification_demands() -> None:
    """Strict clients check for keys, null or not."""
    told = _told(a_response(status="completed", output=(a_message("yo", "assistant"),), usage=USAGE))
    assert told == {
        "id": "chatcmpl_1",
        "object": "chat.completion",
        "created": 1,
        "model": "house",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": "yo", "refusal": None},
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": {
            "prompt_tokens": 5,
            "completion_tokens": 7,
            "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 3},
            "completion_tokens_details": {"reasoning_tokens": 2},
        },
    }


def test_calls_alone_have_no_text() -> None:
    """Programs tell an answer from a call by it."""
    message = _told(a_response(status="completed", output=(THOUGHT, CALL)))["choices"][0]["message"]
    assert message == {
        "role": "assistant",
        "content": None,
        "refusal": None,
        "reasoning_content": "hm",
        "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
    }


def test_a_refusal_is_no_content() -> None:
    """Where the engine marks it, programs look for it in its own field."""
    refused = Message(id="msg_1", role="assistant", status="completed", content=(Refusal(refusal="no"),))
    message = _told(a_response(status="completed", output=(refused,)))["choices"][0]["message"]
    assert (message["content"], message["refusal"]) == (None, "no")


def test_an_engine_that_did_not_count_gives_no_numbers() -> None:
    """Zero would be a lie that somebody adds up."""
    assert _told(a_response(status="completed"))["usage"] is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": "completed"}, "stop"),
        ({"status": "completed", "output": (CALL,)}, "tool_calls"),
        ({"status": "incomplete", "incomplete_details": IncompleteDetails(reason="max_output_tokens")}, "length"),
        ({"status": "incomplete", "incomplete_details": IncompleteDetails(reason="content_filter")}, "content_filter"),
        ({"status": "incomplete", "incomplete_details": IncompleteDetails(reason="maru:interrupted")}, None),
        ({"status": "cancelled"}, None),
        ({"status": "failed"}, None),
    ],
)
def test_only_an_end_that_the_engine_gave_is_a_finish_reason(changes: dict[str, Any], reason: str | None) -> None:
    """A program that reads "stop" takes what it has for the whole answer."""
    assert finish_reason_of(a_response(**changes)) == reason


@pytest.mark.parametrize(
    ("param", "told"),
    [
        ("input[3].call_id", "messages"),
        ("input", "messages"),
        ("text.format", "response_format"),
        ("tools", "tools"),
        (None, None),
    ],
)
def test_errors_name_what_was_sent(param: str | None, told: str | None) -> None:
    """The client never wrote a create."""
    error = in_chat_words(ApiError(400, "no", code="c", param=param))
    assert (error.status, error.message, error.code, error.param) == (400, "no", "c", told)


def test_an_unknown_model_is_not_found() -> None:
    """As on OpenAI's chat endpoint: gateways fall back to another model on 404."""
    assert in_chat_words(ApiError(400, "no", code="model_not_found", param="model")).status == 404
