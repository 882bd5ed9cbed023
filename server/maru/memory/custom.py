"""How a model is told the custom instructions of a person. Pure.

They come before the instructions of the request, and both before facts: what holds for every chat changes least, and
the same words are the same bytes in every turn, so that the engine's prefix cache goes on serving the conversation.
"""

from typing import Final

from maru.memory.summary import Language, language_of_text
from maru.memory.view import joined

ABOUT: Final[dict[Language, str]] = {"en": "About the user:", "ko": "사용자에 대해:"}
STYLE: Final[dict[Language, str]] = {"en": "How to answer:", "ko": "답하는 방법:"}


def with_custom(instructions: str | None, *, about: str, style: str) -> str | None:
    """The instructions of a request below what a person tells all models, each part under a heading in its language."""
    return joined(_part(ABOUT, about), _part(STYLE, style), instructions)


def _part(headings: dict[Language, str], text: str) -> str | None:
    return f"{headings[language_of_text(text)]}\n{text}" if text else None
