"""How a model is shown what a person wants to be known in all conversations. Pure."""

from collections.abc import Sequence
from typing import Final

from maru.memory.summary import Language, language_of_text

HEADING: Final[dict[Language, str]] = {
    "en": "Facts that the user wants you to know:",
    "ko": "사용자가 알아 두기를 바라는 사실:",
}


def facts_block(facts: Sequence[str]) -> str | None:
    """The facts as a list under a heading in their language; the same facts always give the same bytes.

    Args:
        facts: a line each, in the order in which they are shown.
    """
    if not facts:
        return None
    return "\n".join((HEADING[language_of_text(" ".join(facts))], *(f"- {fact}" for fact in facts)))
