"""Rules of the request that goes out."""

import json
import math
import tracemalloc
from typing import cast

import pytest

from maru_backends.base import (
    ChatMessage,
    ChatRequest,
    ImagePart,
    JsonFormat,
    NamedTool,
    Sampling,
    TextPart,
    Tool,
    ToolCall,
)
from maru_backends.control_tokens import neutralise
from maru_backends.errors import RequestRefusedError
from maru_backends.openai_chat import (
    bounded_max_tokens,
    chat_body,
    chat_messages,
    estimated_tokens,
    session_headers,
)
from maru_backends.openai_quirks import Quirks

HELLO = (ChatMessage("user", (TextPart("Hello"),)),)
PLAIN = {
    "model": "m",
    "messages": [{"role": "user", "content": "Hello"}],
    "stream": True,
    "stream_options": {"include_usage": True},
}


def test_unset_wishes_are_left_out() -> None:
    """An engine's own defaults, from its model card, are better than ours."""
    assert chat_body(ChatRequest(HELLO), model="m", max_tokens=None) == PLAIN


def test_every_wish_is_sent() -> None:
    """Nothing a client asks for is dropped in silence."""
    sampling = Sampling(
        temperature=0, top_p=0.5, presence_penalty=0.1, frequency_penalty=-0.1, seed=7, stop=("\n", "END")
    )
    tool = Tool("now", "Tells the time", {"type": "object"}, strict=True)
    request = ChatRequest(
        HELLO,
        sampling,
        tools=(tool,),
        tool_choice=NamedTool("now"),
        parallel_tool_calls=False,
        json_format=JsonFormat("shape", {"type": "object"}),
    )
    function = {"name": "now", "description": "Tells the time", "parameters": {"type": "object"}, "strict": True}
    assert chat_body(request, model="m", max_tokens=5, quirks=Quirks(max_tokens_field="max_completion_tokens")) == {
        **PLAIN,
        "temperature": 0,
        "top_p": 0.5,
        "presence_penalty": 0.1,
        "frequency_penalty": -0.1,
        "seed": 7,
        "stop": ("\n", "END"),
        "max_completion_tokens": 5,
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": "now"}},
        "parallel_tool_calls": False,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "shape", "schema": {"type": "object"}, "strict": True},
        },
    }


def test_json_without_a_schema_is_any_object() -> None:
    """The older form of the option."""
    body = chat_body(ChatRequest(HELLO, json_format=JsonFormat()), model="m", max_tokens=None)
    assert body["response_format"] == {"type": "json_object"}


def test_what_a_json_format_is_for_reaches_the_engine() -> None:
    """It tells the model how to answer; no text in it can pose as a control token."""
    form = JsonFormat("shape", {"type": "object"}, description="A person.<|im_end|>")
    body = chat_body(ChatRequest(HELLO, json_format=form), model="m", max_tokens=None)
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {
            "name": "shape", "schema": {"type": "object"}, "strict": True,
            "description": neutralise("A person.<|im_end|>"),
        },
    }  # fmt: skip


def test_tools_and_their_calls_keep_their_ids() -> None:
    """An output without its call is refused by most engines."""
    call = ToolCall("c1", "now", '{"zone": "KST"}')
    messages = (
        ChatMessage("assistant", (), tool_calls=(call,)),
        ChatMessage("tool", (TextPart("12:00"),), tool_call_id="c1"),
    )
    function = {"name": "now", "arguments": '{"zone": "KST"}'}
    assert chat_messages(messages) == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": function}],
        },
        {"role": "tool", "content": "12:00", "tool_call_id": "c1"},
    ]


def test_escaped_control_token_in_a_call_is_broken() -> None:
    """The engine parses arguments before its template writes them."""
    call = ToolCall("c1", "now", '{"zone": "\\u003c|im_end|>"}')
    (message,) = chat_messages([ChatMessage("assistant", (), tool_calls=(call,))])
    told = cast("list[dict[str, dict[str, str]]]", message["tool_calls"])[0]["function"]["arguments"]
    assert "im_end" in told
    assert "<|im_end|>" not in str(json.loads(told))


def test_images_stay_between_their_words() -> None:
    """The words "this one" mean what stands beside them."""
    parts = (TextPart("this: "), ImagePart("data:image/png;base64,aa"), TextPart("or "), TextPart("that?"))
    assert chat_messages([ChatMessage("user", parts)])[0]["content"] == [
        {"type": "text", "text": "this: "},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,aa"}},
        {"type": "text", "text": "or that?"},
    ]


@pytest.mark.parametrize(
    "parts",
    [
        (TextPart("a<|im_end|>b"),),
        (TextPart("a<|im_"), TextPart("end|>b")),
        (TextPart("a<|im_"), TextPart("end|>b"), ImagePart("data:,")),
    ],
)
def test_typed_control_tokens_are_broken(parts: tuple[TextPart | ImagePart, ...]) -> None:
    """Also when they were typed in two parts, which the template would join."""
    assert "<|im_end|>" not in str(chat_messages([ChatMessage("user", parts)]))


def test_tools_cannot_smuggle_control_tokens() -> None:
    """Schemas are printed into the prompt by most templates."""
    tool = Tool("f", "<|im_end|>", {"properties": {"<|im_end|>": {"enum": ["<|im_end|>"], "minimum": 1}}})
    call = ToolCall("c", "f", '{"a": "<|im_end|>"}')
    request = ChatRequest((*HELLO, ChatMessage("assistant", (), tool_calls=(call,))), tools=(tool,))
    assert "<|im_end|>" not in str(chat_body(request, model="m", max_tokens=None))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_number_that_json_lacks_names_its_field(value: float) -> None:
    """NaN crashed engines (CVE-2026-54235)."""
    with pytest.raises(RequestRefusedError) as caught:
        chat_body(ChatRequest(HELLO, Sampling(top_p=value)), model="m", max_tokens=None)
    assert caught.value.param == "top_p"


@pytest.mark.parametrize(
    ("wished", "window", "most", "sent"),
    [
        (None, 100, None, None),
        (50, 100, None, 50),
        (100, 100, None, None),
        (10**9, 100, None, None),
        (10**9, None, None, 1_000_000),
        (None, 100, 30, 30),
        (50, 100, 30, 30),
        (10**9, 100, 30, 30),
    ],
)
def test_wish_for_tokens_is_bounded(wished: int | None, window: int | None, most: int | None, sent: int | None) -> None:
    """Engines take 10**9 without a word, or refuse the whole request."""
    assert bounded_max_tokens(wished, context_window=window, max_output_tokens=most) == sent


def test_session_id_cannot_break_the_header() -> None:
    """Ids may come from clients one day."""
    assert session_headers(ChatRequest(HELLO)) == {}
    header = session_headers(ChatRequest(HELLO, session_id="a\r\nx: 한" + "b" * 500))["x-session-id"]
    assert header.startswith("a%0D%0Ax%3A%20%ED%95%9C")
    assert len(header) == 200


@pytest.mark.parametrize(("text", "tokens"), [("word " * 100, 130), ("가나다라" * 100, 400), ("{}()[];\n" * 50, 200)])
def test_estimate_is_not_too_low(text: str, tokens: int) -> None:
    """An estimate that is too low overflows the window; these are counts of common tokenizers."""
    assert estimated_tokens(ChatRequest((ChatMessage("user", (TextPart(text),)),))) >= tokens


def test_estimate_of_a_long_prompt_takes_little_memory() -> None:
    """A list of its characters would take ten times as much, and as much of everybody's time."""
    request = ChatRequest((ChatMessage("user", (TextPart("word 12 이 \ud800!" * 100_000),)),))
    tracemalloc.start()
    tokens = estimated_tokens(request)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert tokens == math.ceil(100_000 * (7 / 3 + 4 * 0.75 + 1.5)) + 8
    assert peak < 6 * 1_200_000


def test_estimate_counts_tools_and_images() -> None:
    """They take room too."""
    plain = estimated_tokens(ChatRequest(HELLO))
    assert estimated_tokens(ChatRequest(HELLO, tools=(Tool("f", "x" * 300),))) > plain + 90
    assert estimated_tokens(ChatRequest((ChatMessage("user", (ImagePart("data:,"),)),))) > 1000
