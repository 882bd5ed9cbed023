"""Rules of `chat_features.py`: what the settings of a backend for chats may promise."""

from collections.abc import Callable

import pytest
from pydantic import ValidationError

from maru_backends.base import BackendSettings
from maru_backends.claude import ClaudeSettings
from maru_backends.gemini import GeminiSettings

TAKES: list[Callable[[list[str]], BackendSettings]] = [
    lambda features: ClaudeSettings.model_validate({"model": "m", "features": features}),
    lambda features: GeminiSettings.model_validate({"model": "m", "features": features}),
]


@pytest.mark.parametrize("settings", TAKES, ids=["claude", "gemini"])
def test_a_chat_promises_no_text_to_go_on_with(settings: Callable[[list[str]], BackendSettings]) -> None:
    """The text would be dropped without a word, and an empty chat be asked."""
    with pytest.raises(ValidationError, match="goes on with no text"):
        settings(["tools", "raw"])
    assert settings(["tools", "json"])
