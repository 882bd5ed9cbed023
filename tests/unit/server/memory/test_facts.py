"""The list of facts that a model is shown."""

import pytest

from maru.memory.facts import HEADING, facts_block
from maru.memory.summary import Language


def test_no_facts_are_no_list() -> None:
    """A heading over nothing would be a riddle."""
    assert facts_block([]) is None


def test_a_fact_is_a_line() -> None:
    """In the order in which they are given."""
    facts = ["Name: Mina", "City: Busan", "- likes dashes"]
    assert facts_block(facts) == ("Facts from the user, told earlier:\n- Name: Mina\n- City: Busan\n- - likes dashes")


@pytest.mark.parametrize(
    ("facts", "language"),
    [
        (["이름: 지훈"], "ko"),
        (["이름: 지훈", "City: Busan, by the sea"], "en"),
        (["이름: 지훈", "좋아하는 음식은 김치찌개", "Uses vLLM"], "ko"),
        (["名前: 美奈"], "en"),
        (["42"], "en"),
    ],
)
def test_the_heading_speaks_the_language_of_the_facts(facts: list[str], language: Language) -> None:
    """A small model answers in the language that it reads."""
    assert (facts_block(facts) or "").splitlines()[0] == HEADING[language]
