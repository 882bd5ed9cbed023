"""Lists of the facts of a conversation."""

import random

from maru.memory.facts import HEADING
from maru_training.house.families import fact_list as fact_list_module
from maru_training.house.families.base import Turn
from maru_training.house.families.fact_list import FactList, fact_list, known, request
from maru_training.house.families.memory import Fact
from maru_training.house.families.memory_attributes import own


def test_the_request_has_the_documented_form() -> None:
    """The server sends exactly this; another form is another task."""
    said = [Turn("Hi, my name is Jihoon.", "Nice to meet you, Jihoon!")]
    assert request("en", said) == (
        "List the facts about the user in this conversation.\n\n"
        "User: Hi, my name is Jihoon.\nAssistant: Nice to meet you, Jihoon!"
    )


def test_no_facts_make_an_empty_list() -> None:
    """The summariser must be able to say that there is nothing to keep."""
    assert fact_list("en", []) == "- none"
    assert fact_list("ko", []) == "- 없음"


def test_a_list_can_be_given_back() -> None:
    """What no longer fits the window comes back as a system message."""
    facts = [Fact(own("ko")[0], "지훈")]
    assert known("ko", facts) == "이 대화에서 앞서 나온 사실:\n- 이름: 지훈"


def test_every_listed_value_was_said() -> None:
    """A list of facts must not add any."""
    for seed in range(200):
        (turn,) = FactList().turns(random.Random(seed), "en", "train")
        for line in turn.assistant.splitlines():
            assert line == "- none" or line.split(": ", 1)[1] in turn.user


def test_headings_are_those_that_the_server_writes() -> None:
    """A heading that training never showed is not understood: of 72 names one came back under another."""
    assert fact_list_module.KNOWN_FROM_BEFORE == HEADING
    for language in ("en", "ko"):
        assert known(language, [], is_from_before=True).startswith(HEADING[language])
