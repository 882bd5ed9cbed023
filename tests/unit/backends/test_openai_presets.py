"""Servers by name: their addresses, and what is said to them in their own way."""

import json

import pytest
from pydantic import ValidationError

from maru_backends.base import ChatMessage, ChatRequest, Sampling, TextPart, ToolCall
from maru_backends.openai_answer import AnswerReader
from maru_backends.openai_chat import chat_body
from maru_backends.openai_compatible import OpenAICompatibleSettings
from maru_backends.openai_presets import PRESETS, PresetName, azure_url, lmstudio_features, told_of_server
from maru_backends.openai_quirks import short_id
from support.openai_peer import delta, finish
from support.pages import page

HELLO = ChatRequest(
    (ChatMessage("user", (TextPart("Hello"),)),), Sampling(seed=7), max_tokens=5, reasoning_effort="low"
)


@pytest.mark.parametrize("name", sorted(PRESETS))
def test_every_preset_stands_on_the_page(name: PresetName) -> None:
    """With its address and its key's variable, as they are here."""
    section = page("docs/operations.md").partition("### `openai`")[2].partition("\n##")[0]
    row = next(line for line in section.splitlines() if line.startswith(f"| `{name}` |"))
    assert (PRESETS[name].base_url or "") in row
    assert (PRESETS[name].key_env or "") in row


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("openai", {"stream_options": {"include_usage": True}, "seed": 7, "max_completion_tokens": 5}),
        ("groq", {"stream_options": {"include_usage": True}, "seed": 7, "max_completion_tokens": 5}),
        ("mistral", {"random_seed": 7, "max_tokens": 5}),
        ("ollama", {"stream_options": {"include_usage": True}, "seed": 7, "max_tokens": 5}),
    ],
)
def test_fields_have_the_servers_names(name: PresetName, expected: dict[str, object]) -> None:
    """Some refuse a request for one field that they do not know."""
    body = chat_body(HELLO, model="m", max_tokens=5, quirks=PRESETS[name].quirks)
    rest = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hello"}], "reasoning_effort": "low"}
    assert body == {**rest, **expected}


def test_openrouter_nests_the_effort() -> None:
    """It knows no other way for every model behind it."""
    body = chat_body(HELLO, model="m", max_tokens=5, quirks=PRESETS["openrouter"].quirks)
    assert body["reasoning"] == {"effort": "low"}
    assert "reasoning_effort" not in body


def test_mistral_takes_ids_of_nine_signs() -> None:
    """A conversation that another model began goes on; call and output keep belonging together."""
    messages = (
        *HELLO.messages,
        ChatMessage("assistant", (), (ToolCall("call_4f1c", "find", "{}"), ToolCall("Abc123def", "find", "{}"))),
        ChatMessage("tool", (TextPart("x"),), tool_call_id="call_4f1c"),
    )
    body = chat_body(ChatRequest(messages), model="m", max_tokens=None, quirks=PRESETS["mistral"].quirks)
    fit = short_id("call_4f1c")
    assert len(fit) == 9
    assert fit.isalnum()
    assert f"'id': '{fit}'" in str(body)
    assert f"'tool_call_id': '{fit}'" in str(body)
    assert "Abc123def" in str(body)


def test_mistral_thinks_in_parts_of_the_content() -> None:
    """Its reasoning models send lists where others send a string."""
    reader = AnswerReader(HELLO, new_call_id=lambda: "c")
    parts = [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "Hi"}]
    choice = delta()
    choice["choices"] = [{"index": 0, "delta": {"content": parts}}]
    events = [*reader.read(json.dumps(choice)), *reader.read(json.dumps(finish())), *reader.end()]
    assert [getattr(event, "text", None) for event in events] == ["Hm.", "Hi", None]


@pytest.mark.parametrize(
    ("base_url", "api_version", "expected"),
    [
        ("https://a.openai.azure.com", None, "https://a.openai.azure.com/openai/v1"),
        ("https://a.openai.azure.com/openai/v1", None, "https://a.openai.azure.com/openai/v1"),
        ("https://a.openai.azure.com", "2024-10-21", "https://a.openai.azure.com/openai/deployments/gpt"),
        ("https://a.openai.azure.com/openai", "2024-10-21", "https://a.openai.azure.com/openai/deployments/gpt"),
    ],
)
def test_azure_has_two_apis(base_url: str, api_version: str | None, expected: str) -> None:
    """The older one names the deployment in the path."""
    assert azure_url(base_url, deployment="gpt", api_version=api_version) == expected


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"preset": "azure"}, "needs base_url"),
        ({"preset": "azure", "base_url": "https://a.openai.azure.com"}, "deployment's name"),
        ({"api_version": "2024-10-21"}, "belongs to preset 'azure'"),
        ({"preset": "nobody"}, "preset"),
    ],
)
def test_wrong_settings_are_told_in_words(keys: dict[str, str], expected: str) -> None:
    """At the start, not with the first message."""
    with pytest.raises(ValidationError, match=expected):
        OpenAICompatibleSettings.model_validate(keys)


def test_addresses_are_the_presets_unless_given() -> None:
    """A server may run elsewhere."""
    assert OpenAICompatibleSettings().address == "https://api.openai.com/v1"
    assert OpenAICompatibleSettings(preset="ollama").address == "http://127.0.0.1:11434/v1"
    assert OpenAICompatibleSettings(preset="ollama", base_url="http://other/v1").address == "http://other/v1"


def test_pages_of_servers_are_read_and_nonsense_passed_over() -> None:
    """TGI and llama.cpp tell their window beside the list of models."""
    assert told_of_server({"max_total_tokens": 4096}).context_window == 4096
    props = told_of_server({"default_generation_settings": {"n_ctx": 8000}, "modalities": {"vision": True}})
    assert (props.context_window, set(props.features)) == (8000, {"images"})
    assert told_of_server({"max_total_tokens": "many", "modalities": 3}).context_window is None
    assert lmstudio_features({"type": "vlm"}) == frozenset({"tools", "json", "images"})
    assert lmstudio_features({"type": "llm"}) == frozenset({"tools", "json"})
    assert lmstudio_features({"object": "model"}) is None
