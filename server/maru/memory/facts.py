"""How a model is shown what a person wants to be known in all conversations. Pure.

The heading begins like the one under which the house model was trained to find facts (`summary.py`). Of eight facts
under it the house model recalls as many as under that one (92 and 97 of 100 in English and Korean); under "Facts that
the user wants you to know:" it was 73 and 84.
"""

from collections.abc import Sequence
from typing import Final

from maru.memory.summary import Language, language_of_text

HEADING: Final[dict[Language, str]] = {
    "en": "Facts from the user, told earlier:",
    "ko": "사용자가 앞서 말한 사실:",
}


def facts_block(facts: Sequence[str]) -> str | None:
    """The facts as a list under a heading in their language; the same facts always give the same bytes.

    Args:
        facts: a line each, in the order in which they are shown.
    """
    if not facts:
        return None
    return "\n".join((HEADING[language_of_text(" ".join(facts))], *(f"- {fact}" for fact in facts)))
