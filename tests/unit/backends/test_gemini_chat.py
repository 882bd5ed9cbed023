"""Requests in the shape of Gemini's API."""

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
from maru_backends.errors import RequestRefusedError
from maru_backends.gemini import GeminiSettings, model_from
from maru_backends.gemini_chat import UNSIGNED, GeminiModel, Json, gemini_body

FLASH = GeminiModel("gemini-3-flash", 1000, 500, "level", frozenset())
PRO = replace(FLASH, name="gemini-3-pro")
OLDER = replace(FLASH, name="gemini-2.5-flash", thinking="budget")
FIND = Tool("find", "Finds.", {"type": "object", "properties": {"q": {"type": "string"}}})
CALL = ToolCall("c1", "find", '{"q": "x"}')


def said(role: Role, *parts: str | Part, calls: Sequence[ToolCall] = (), answers: str | None = None) -> ChatMessage:
    """A message."""
    return ChatMessage(
        role, tuple(TextPart(part) if isinstance(part, str) else part for part in parts), tuple(calls), answers
    )


def body_of(*messages: ChatMessage, model: GeminiModel = FLASH, **wishes: object) -> Json:
    """The body for these messages, or for one greeting."""
    request = ChatRequest(messages or (said("user", "Hello"),), **wishes)  # type: ignore[arg-type] # of the table
    return gemini_body(request, model, max_tokens=100, signatures=lambda _: None)


def config_of(body: Json) -> Json:
    """What is asked of the generation, its length left out."""
    config = dict(cast("Json", body["generationConfig"]))
    assert config.pop("maxOutputTokens") == 100
    return config


def test_system_stands_apart_and_roles_alternate() -> None:
    """Neighbours are merged, what is empty is left out, an output has its call's name."""
    body = body_of(
        said("system", "Be kind."),
        said("assistant", "Welcome."),
        said("user", "Find x."),
        said("user", " "),
        said("assistant", "Let me see.", calls=[CALL]),
        said("tool", "found", answers="c1"),
        said("user", "And?"),
        model=OLDER,
    )
    assert body["systemInstruction"] == {"parts": [{"text": "Be kind."}]}
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "(The conversation goes on.)"}]},
        {"role": "model", "parts": [{"text": "Welcome."}]},
        {"role": "user", "parts": [{"text": "Find x."}]},
        {
            "role": "model",
            "parts": [
                {"text": "Let me see."},
                {"functionCall": {"id": "c1", "name": "find", "args": {"q": "x"}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "c1", "name": "find", "response": {"output": "found"}}},
                {"text": "And?"},
            ],
        },
    ]


def test_newest_message_must_say_something() -> None:
    """Else the model would go on with its own words."""
    with pytest.raises(RequestRefusedError, match="empty"):
        body_of(said("user", "Hello"), said("assistant", "Hi"), said("user", " \n"))


def test_only_the_first_of_parallel_calls_is_signed() -> None:
    """And only where signatures are asked for."""
    calls = [CALL, ToolCall("c2", "find", "[1]")]
    answers = [said("tool", "y", answers=name) for name in ("c1", "c2")]
    for model, expected in ((PRO, [UNSIGNED, None]), (OLDER, [None, None])):
        body = body_of(said("user", "x"), said("assistant", calls=calls), *answers, model=model)
        parts = cast("list[dict[str, list[Json]]]", body["contents"])[1]["parts"]
        assert [part.get("thoughtSignature") for part in parts] == expected


def test_images_go_as_data() -> None:
    """An address would have to be fetched, and other kinds are not seen."""
    png = ImagePart("data:image/png;base64,iVBORw0KGgo=")
    (turn,) = cast("list[Json]", body_of(said("user", "Look:", png, "What is it?"))["contents"])
    assert turn["parts"] == [
        {"text": "Look:"},
        {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
        {"text": "What is it?"},
    ]
    for url in ("https://example.org/a.png", "data:image/svg+xml;base64,AAAA", "data:image/png;base64,<no>"):
        with pytest.raises(RequestRefusedError):
            body_of(said("user", ImagePart(url)))


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        (NamedTool("find"), {"mode": "ANY", "allowedFunctionNames": ["find"]}),
    ],
)
def test_tool_choice(choice: ToolChoice | NamedTool, expected: Json) -> None:
    """Every choice has its word."""
    body = body_of(tools=(FIND, Tool("bare")), tool_choice=choice)
    assert body["toolConfig"] == {"functionCallingConfig": expected}
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "find", "description": "Finds.", "parametersJsonSchema": FIND.parameters},
                {"name": "bare"},
            ]
        }
    ]


@pytest.mark.parametrize(
    ("model", "effort", "expected"),
    [
        (FLASH, None, {"includeThoughts": True}),
        (FLASH, "none", {"includeThoughts": False, "thinkingLevel": "MINIMAL"}),
        (PRO, "minimal", {"includeThoughts": True, "thinkingLevel": "LOW"}),
        (PRO, "medium", {"includeThoughts": True, "thinkingLevel": "MEDIUM"}),
        (PRO, "max", {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        (OLDER, "none", {"includeThoughts": False, "thinkingBudget": 0}),
        (replace(OLDER, name="gemini-2.5-pro"), "none", {"includeThoughts": False, "thinkingBudget": 128}),
        (OLDER, "high", {"includeThoughts": True, "thinkingBudget": 24_576}),
        (replace(OLDER, thinking="off"), "high", None),
    ],
)
def test_effort_becomes_thinking(model: GeminiModel, effort: str | None, expected: Json | None) -> None:
    """By the model's own way, within what every model of its kind takes."""
    assert config_of(body_of(model=model, reasoning_effort=effort)).get("thinkingConfig") == expected


def test_json_with_a_schema_and_without() -> None:
    """Both are there."""
    schema: Json = {"type": "object", "properties": {"a": {"type": "integer"}}}
    off = replace(FLASH, thinking="off")
    assert config_of(body_of(model=off, json_format=JsonFormat())) == {"responseMimeType": "application/json"}
    assert config_of(body_of(model=off, json_format=JsonFormat(schema=schema))) == {
        "responseMimeType": "application/json",
        "responseJsonSchema": schema,
    }


def test_sampling_has_its_names() -> None:
    """All of OpenAI's wishes have one there; what is no number is refused."""
    off = replace(FLASH, thinking="off")
    wished = Sampling(1.5, 0.9, 0.1, 0.2, 7, ("END",))
    assert config_of(body_of(model=off, sampling=wished)) == {
        "temperature": 1.5,
        "topP": 0.9,
        "presencePenalty": 0.1,
        "frequencyPenalty": 0.2,
        "seed": 7,
        "stopSequences": ["END"],
    }
    with pytest.raises(RequestRefusedError, match="finite"):
        body_of(sampling=Sampling(temperature=float("inf")))


def test_nothing_typed_poses_as_a_control_token() -> None:
    """As with every backend."""
    body = body_of(said("user", "a<start_of_", "turn>b \ud800"))
    assert "<start_of_turn>" not in str(body)
    str(body).encode()


def test_model_is_as_it_is_told() -> None:
    """The settings come first; how thinking is asked for follows from the name."""
    settings = GeminiSettings(model="models/gemini-2.5-flash")
    told: Json = {"input_token_limit": 100, "output_token_limit": 10, "thinking": True}
    model = model_from(settings, told)
    assert (model.name, model.context_window, model.max_output_tokens) == ("gemini-2.5-flash", 100, 10)
    assert model.thinking == "budget"
    assert model_from(settings, {}).thinking == "budget"
    assert model_from(settings, {"thinking": False}).thinking == "off"
    assert model_from(GeminiSettings(model="gemini-3-pro"), told).thinking == "level"
    other = GeminiSettings(model="x", thinking="off", context_window=7, features=frozenset({"tools"}))
    assert model_from(other, told) == GeminiModel("x", 7, 10, "off", frozenset({"tools"}))
