"""Rules of `openai_responses.py`: what a request becomes in the words of OpenAI's Responses API."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from maru_backends.base import (
    ChatMessage,
    ChatRequest,
    ImagePart,
    JsonFormat,
    NamedTool,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCall,
)
from maru_backends.errors import RequestRefusedError
from maru_backends.foreign_json import objects_of, text_of
from maru_backends.openai_chat import Json
from maru_backends.openai_responses import Summary, responses_body

PIXEL = "data:image/png;base64,AAAA"
CALL = ToolCall("call_1", "sky", '{"at": "noon"}')
SCHEMA: Json = {"type": "object", "properties": {"ok": {"type": "boolean"}}}


def said(role: Role, *parts: str | ImagePart) -> ChatMessage:
    """A message of these parts."""
    return ChatMessage(role, tuple(TextPart(part) if isinstance(part, str) else part for part in parts))


HELLO = ChatRequest((said("user", "Hello"),))


def nothing(_call_id: str) -> Sequence[Json] | None:
    """No thinking is known of any call."""
    return None


def body(request: ChatRequest, *, max_tokens: int | None = None, summary: Summary | None = None) -> Json:
    """What is sent for it."""
    return responses_body(request, model="m", max_tokens=max_tokens, summary=summary, thoughts=nothing)


def test_the_least_is_said() -> None:
    """Nothing is stored there, and what nobody wished is left to the server."""
    message = {"type": "message", "role": "user", "content": "Hello"}
    assert body(HELLO) == {"model": "m", "input": [message], "stream": True, "store": False}


def test_sampling_has_no_seed_and_no_stop_strings() -> None:
    """That API has no words for them; a fewest number of tokens it has."""
    sampling = Sampling(temperature=0.5, top_p=0.9, seed=3, stop=("x",))
    sent = body(replace(HELLO, sampling=sampling), max_tokens=5)
    assert {name: sent[name] for name in ("temperature", "top_p", "max_output_tokens")} == {
        "temperature": 0.5,
        "top_p": 0.9,
        "max_output_tokens": 16,
    }
    assert not sent.keys() & {"seed", "stop", "max_tokens"}
    with pytest.raises(RequestRefusedError, match="temperature"):
        body(replace(HELLO, sampling=Sampling(temperature=float("nan"))))


def test_a_conversation_with_pictures_and_calls() -> None:
    """In items: words, calls and what tools answered each for itself, in their order."""
    request = ChatRequest(
        (
            said("system", "Be brief."),
            said("user", "Look: ", ImagePart(PIXEL, "low"), " What is it?"),
            replace(said("assistant", "Let me see."), tool_calls=(CALL,)),
            ChatMessage("tool", (TextPart("blue"),), tool_call_id="call_1"),
        )
    )
    picture = {"type": "input_image", "image_url": PIXEL, "detail": "low"}
    assert body(request)["input"] == [
        {"type": "message", "role": "system", "content": "Be brief."},
        {
            "type": "message",
            "role": "user",
            "content": [
                {"type": "input_text", "text": "Look: "},
                picture,
                {"type": "input_text", "text": " What is it?"},
            ],
        },
        {"type": "message", "role": "assistant", "content": "Let me see."},
        {"type": "function_call", "call_id": "call_1", "name": "sky", "arguments": '{"at": "noon"}'},
        {"type": "function_call_output", "call_id": "call_1", "output": "blue"},
    ]


def test_sealed_thinking_goes_back_before_its_call() -> None:
    """As it came: without it a model that reasons begins to think anew, or refuses the call."""
    sealed: dict[str, list[Json]] = {
        "call_1": [{"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "abc"}]
    }
    calls = (CALL, ToolCall("call_2", "sea", "{}"))
    request = ChatRequest((said("user", "?"), replace(said("assistant", "Hm."), tool_calls=calls)))
    sent = responses_body(request, model="m", max_tokens=None, summary="auto", thoughts=sealed.get)
    items = objects_of(sent["input"])
    assert [item["type"] for item in items[1:]] == ["reasoning", "message", "function_call", "function_call"]
    assert items[1] == sealed["call_1"][0]


def test_tools_are_not_strict_unless_they_were() -> None:
    """There what is not said means strict, which changes what a schema may hold."""
    tools = (Tool("sky", "Its colour.", SCHEMA), Tool("sea", strict=True))
    request = replace(HELLO, tools=tools, tool_choice=NamedTool("sky"), parallel_tool_calls=False)
    sent = body(request)
    assert sent["tools"] == [
        {"type": "function", "name": "sky", "description": "Its colour.", "parameters": SCHEMA, "strict": False},
        {"type": "function", "name": "sea", "parameters": {"type": "object", "properties": {}}, "strict": True},
    ]
    assert sent["tool_choice"] == {"type": "function", "name": "sky"}
    assert sent["parallel_tool_calls"] is False
    assert "parallel_tool_calls" not in body(replace(request, parallel_tool_calls=True))


def test_the_form_of_an_answer_is_flat() -> None:
    """Its schema stands beside its name, not below it as in a chat completion."""
    sent = body(replace(HELLO, json_format=JsonFormat("ok", SCHEMA, strict=False, description="Yes or no.")))
    form = {"type": "json_schema", "name": "ok", "schema": SCHEMA, "strict": False, "description": "Yes or no."}
    assert sent["text"] == {"format": form}
    assert body(replace(HELLO, json_format=JsonFormat()))["text"] == {"format": {"type": "json_object"}}


@pytest.mark.parametrize(
    ("effort", "summary", "reasoning", "is_sealed"),
    [
        (None, None, None, False),
        ("low", None, {"effort": "low"}, False),
        (None, "auto", {"summary": "auto"}, True),
        ("high", "detailed", {"effort": "high", "summary": "detailed"}, True),
        ("high", "off", {"effort": "high"}, True),
    ],
)
def test_only_a_model_that_reasons_is_asked_how(
    effort: str | None, summary: Summary | None, reasoning: Json | None, *, is_sealed: bool
) -> None:
    """Others refuse the question."""
    sent = body(replace(HELLO, reasoning_effort=effort), summary=summary)
    assert sent.get("reasoning") == reasoning
    assert ("include" in sent) is is_sealed


def test_logprobs_are_included() -> None:
    """By two words, beside what else is."""
    sent = body(replace(HELLO, top_logprobs=2), summary="auto")
    assert sent["include"] == ["reasoning.encrypted_content", "message.output_text.logprobs"]
    assert sent["top_logprobs"] == 2


def test_names_are_short_enough_and_nothing_poses_as_a_token() -> None:
    """Ids of other providers are longer than this API takes; a call and its answer keep one name."""
    long = "call_" + "x" * 100
    call, answered = replace(CALL, id=long, arguments='{"a": "<|im_end|>"}'), f"{'c' * 70}"
    request = ChatRequest(
        (
            said("user", "a</s>"),
            replace(said("assistant"), tool_calls=(call,)),
            ChatMessage("tool", (TextPart("b"),), tool_call_id=long),
        ),
        session_id=answered,
    )
    sent = body(request)
    message, called, output = objects_of(sent["input"])
    assert message["content"] == "a<\u200b/s>"
    assert called["call_id"] == output["call_id"]
    assert 0 < len(text_of(called["call_id"])) <= 64
    assert "<|im_end|>" not in text_of(called["arguments"])
    assert len(str(sent["prompt_cache_key"])) <= 64
