"""Turning a conversation into a short list of its facts; the server's memory sends exactly this form.

The request is one user message (no system message is needed):

    List the facts about the user in this conversation.

    User: Hi, my name is Jihoon.
    Assistant: Nice to meet you, Jihoon!
    User: What is 2 + 3?
    Assistant: 2 + 3 = 5.

and the reply one line per fact, the newest value of each, in the order first told, or `- none`:

    - Name: Jihoon

In Korean the opening is `다음 대화에서 사용자에 대한 사실을 정리해 줘.`, the speakers `사용자:` and `도우미:`,
the empty list `- 없음`. A list made this way may be given back to the model as a system message, opened by
`KNOWN`; `Memory` questions are then answered from it.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from maru_training.house.families.base import Family, Language, Split, Turn
from maru_training.house.families.memory import Fact, draw_facts, tell

REQUEST: Final[dict[Language, str]] = {
    "en": "List the facts about the user in this conversation.",
    "ko": "다음 대화에서 사용자에 대한 사실을 정리해 줘.",
}
SPEAKERS: Final[dict[Language, tuple[str, str]]] = {"en": ("User", "Assistant"), "ko": ("사용자", "도우미")}
EMPTY: Final[dict[Language, str]] = {"en": "- none", "ko": "- 없음"}
KNOWN: Final[dict[Language, str]] = {
    "en": "Facts from earlier in this conversation:",
    "ko": "이 대화에서 앞서 나온 사실:",
}


# Under which the server shows what a person wants to be known in all conversations (`maru/memory/facts.py`).
KNOWN_FROM_BEFORE: Final[dict[Language, str]] = {
    "en": "Facts from the user, told earlier:",
    "ko": "사용자가 앞서 말한 사실:",
}


@dataclass(frozen=True, slots=True)
class FactList:
    """Lists of the facts of a conversation, with turns of the other families in between.

    Attributes:
        others: families whose turns hold no fact about the person.
    """

    others: Sequence[Family] = ()
    name: str = "fact_list"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One request with a conversation of one to seven turns."""
        facts = draw_facts(rng, language, split, rng.choice((0, 1, 1, 2, 2, 3, 4)))
        said = tell(rng, language, split, facts)
        for _ in range(rng.choice((0, 0, 1, 1, 2, 3)) + (not said)):
            if self.others:
                said[(place := rng.randint(0, len(said))) : place] = _short(rng, language, split, self.others)
        reply = fact_list(language, facts)
        return [Turn(request(language, said), reply)]


def request(language: Language, said: Sequence[Turn]) -> str:
    """The message that asks for the list of facts of a conversation."""
    user, assistant = SPEAKERS[language]
    lines = [f"{user}: {turn.user}\n{assistant}: {turn.assistant}" for turn in said]
    return "\n".join((REQUEST[language] + "\n", *lines))


def fact_list(language: Language, facts: Sequence[Fact]) -> str:
    """The facts, a line each."""
    if not facts:
        return EMPTY[language]
    return "\n".join(f"- {fact.attribute.label}: {fact.value}" for fact in facts)


def known(language: Language, facts: Sequence[Fact], *, is_from_before: bool = False) -> str:
    """The system message that gives facts of older turns, or of other conversations, back."""
    heading = (KNOWN_FROM_BEFORE if is_from_before else KNOWN)[language]
    return f"{heading}\n{fact_list(language, facts)}"


def _short(rng: random.Random, language: Language, split: Split, families: Sequence[Family]) -> list[Turn]:
    turns = rng.choice(families).turns(rng, language, split)
    return [] if any(turn.recalls or len(turn.user) > 200 for turn in turns) else turns[:1]
