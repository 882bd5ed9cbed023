"""Rules of `openai_features.py`: what is told, and what cannot be told from it."""

import pytest

from maru_backends.base import Feature
from maru_backends.openai_features import told_features

Entry = dict[str, object]

OPENROUTER: Entry = {
    "id": "a/b",
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "supported_parameters": ["tools", "tool_choice", "structured_outputs", "response_format", "max_tokens"],
}


TOLD: list[tuple[Entry, set[Feature]]] = [
    (OPENROUTER, {"tools", "images", "json"}),
    ({**OPENROUTER, "architecture": {"input_modalities": ["text"]}}, {"tools", "json"}),
    ({"supported_parameters": ["response_format", "top_p"]}, set()),
    ({"supported_parameters": ["logprobs", "top_logprobs", "reasoning_effort"]}, {"logprobs", "effort"}),
    ({"supported_parameters": ["logprobs"]}, set()),
    ({"capabilities": {"completion_chat": True, "function_calling": True, "vision": False}}, {"tools", "json"}),
    ({"capabilities": {"completion_chat": True, "function_calling": False, "vision": True}}, {"images", "json"}),
]
MARU: list[tuple[Entry, set[Feature]]] = [
    ({"maru:features": ["raw", "logprobs", "of the future"]}, {"raw", "logprobs"}),
    ({"maru:features": []}, set()),
]
UNTOLD: list[Entry] = [
    {},
    {"id": "m", "max_model_len": 4096},
    {"supported_parameters": None},
    {"supported_parameters": []},
    {"supported_parameters": [7, {}]},
    {"capabilities": ["completion"]},
    {"capabilities": {}},
    {"architecture": "text->text"},
    {"maru:features": "raw"},
]


@pytest.mark.parametrize(("entry", "features"), TOLD + MARU)
def test_what_a_list_tells_is_read(entry: Entry, features: set[Feature]) -> None:
    """OpenRouter's words and Mistral's; a JSON mode without schemas is less than what `json` promises."""
    assert told_features(entry) == frozenset(features)


@pytest.mark.parametrize("entry", UNTOLD)
def test_other_lists_tell_nothing(entry: Entry) -> None:
    """Nothing told is not the same as nothing there."""
    assert told_features(entry) is None
