"""Rules of `memory/summary.py`: how a summary is asked for and shown."""

import random

import pytest

from maru.memory import summary
from maru.memory.summary import facts_in, joined_facts, language_of, lists_of_turns, transcript
from maru.memory.words import words_of
from maru.protocol.items import (
    FunctionCall,
    FunctionCallOutput,
    InputFile,
    InputImage,
    InputText,
    Item,
    Message,
    Reasoning,
    Refusal,
)
from maru_training.house.families import fact_list
from maru_training.house.families.base import Language
from maru_training.house.families.memory import draw_facts, tell
from support.responses import a_message


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_request_is_the_one_that_the_house_model_was_trained_on(language: Language) -> None:
    """Word for word: a small model knows no other."""
    rng = random.Random(3)
    facts = draw_facts(rng, language, "train", 3)
    said = tell(rng, language, "train", facts)
    items: list[Item] = []
    for turn in said:
        items += [a_message(turn.user), a_message(turn.assistant, "assistant")]
    lines = transcript(items, language_of(items))
    assert summary.list_request(lines, language) == fact_list.request(language, said)
    assert summary.shown(fact_list.fact_list(language, facts), language) == fact_list.known(language, facts)
    assert summary.NO_FACTS == fact_list.EMPTY


def test_the_language_is_the_users() -> None:
    """A Korean chat with English names in it is still a Korean one."""
    assert language_of([a_message("내 이름은 Jihoon이야."), a_message("Hello there", "assistant")]) == "ko"
    assert language_of([a_message("I like 김치."), a_message("좋아요", "assistant")]) == "en"
    assert language_of([]) == "en"


def test_the_language_is_judged_by_what_was_said_last() -> None:
    """A page of it is enough, whatever was pasted before."""
    pasted, asked = a_message("word " * 100_000), a_message("이 글을 한 문장으로 정리해 줘. " * 300)
    assert language_of([pasted, asked]) == "ko"
    assert language_of([asked, pasted]) == "en"
    assert language_of([pasted, a_message("짧게 말해 줘.")]) == "en"


def test_tools_are_told_and_thinking_is_not() -> None:
    """What was done belongs to what happened."""
    call = FunctionCall(id="fc_1", call_id="c", name="weather", arguments='{"in":"Seoul"}', status="completed")
    output = FunctionCallOutput(id="fco_1", call_id="c", output=(InputText(text="12 degrees"),), status="completed")
    rule = a_message("be brief", "system")
    lines = transcript([rule, a_message("?"), Reasoning(id="rs", summary=()), call, output], "en")
    assert lines == ("User: ?", 'Assistant → weather: {"in":"Seoul"}', "Tool: 12 degrees")


def test_what_is_no_text_has_a_word() -> None:
    """The model should know that there was something."""
    image, file = InputImage(image_url="data:,x", detail="auto"), InputFile(filename="a.pdf", file_data="x")
    message = Message(id="m", role="user", status="completed", content=(image, file))
    assert words_of((*message.content, Refusal(refusal="no"))) == "[image][file: a.pdf]no"


def test_a_long_conversation_is_listed_in_parts() -> None:
    """The house model was trained on short ones; no item is lost or twice."""
    items: list[Item] = [a_message("before", "assistant")]
    for number in range(13):
        items += [a_message(f"u{number}"), a_message(f"a{number}", "assistant")]
    parts = lists_of_turns(items)
    assert [item for part in parts for item in part] == items
    assert [len(part) for part in parts] == [13, 12, 2]
    assert lists_of_turns([]) == []


def test_a_newer_value_takes_the_place_of_the_older() -> None:
    """What was corrected must not come back."""
    older = facts_in("Facts from earlier in this conversation:\n- Name: Mina\n- City: Busan")
    newer = facts_in("1. name: Jihoon\n* Likes tea\n\n- none")
    assert joined_facts(older, newer) == ["- name: Jihoon", "- City: Busan", "- Likes tea"]
    assert joined_facts([], ["- Likes tea", "- likes tea"]) == ["- likes tea"]


def test_a_brief_goes_on_from_the_one_before() -> None:
    """Pieces of a long conversation end in one summary."""
    first = summary.brief_request(("User: hi",), None, 100)
    second = summary.brief_request(("User: hi",), "They met.", 100)
    assert "at most 100 words" in first
    assert first.endswith("The conversation:\n\nUser: hi")
    assert "They met." in second
    assert "{" not in second
