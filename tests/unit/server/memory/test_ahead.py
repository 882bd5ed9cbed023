"""Rules of `memory/ahead.py`, with an engine whose answers are written here."""

from collections.abc import Callable

import pytest

from maru.memory.ahead import Piece, summarise
from maru.memory.asking import Asker
from maru.protocol.errors import ApiError
from maru.protocol.items import Item
from maru_backends.base import ChatRequest
from maru_backends.errors import BackendStreamBrokenError
from support.responses import a_message
from support.scripted_backend import ScriptedBackend

SMALL, LARGE = 2048, 8192
ROOM_OF_SMALL = SMALL // 4
HEADING = "Facts from earlier in this conversation:\n"


def _turns(*said: str) -> tuple[Item, ...]:
    items: list[Item] = []
    for number, words in enumerate(said):
        items += [a_message(words, "user", f"msg_u{number}"), a_message("I see.", "assistant", f"msg_a{number}")]
    return tuple(items)


def _of_last_turn(answers: dict[str, str]) -> Callable[[ChatRequest], str]:
    """Answers by what the user said last in the request."""

    def reply(request: ChatRequest) -> str:
        lines = request.messages[0].text.splitlines()
        last = [line.removeprefix("User: ") for line in lines if line.startswith("User: ")][-1]
        return answers.get(last, "- none")

    return reply


async def test_a_small_window_is_asked_for_two_turns_at_a_time() -> None:
    """The house model leaves out the more, the more it reads; the turn before says what is corrected."""
    answers = {"I am Mina": "- Name: Mina", "in Busan": "- City: Busan", "no, Jihoon": "- Name: Jihoon"}
    backend = ScriptedBackend(_of_last_turn(answers), SMALL)
    piece = Piece(_turns("I am Mina", "in Busan", "what is 2 + 2?", "no, Jihoon"))
    assert await summarise(Asker(backend, 60), piece) == HEADING + "- Name: Jihoon\n- City: Busan"
    texts = [request.messages[0].text for request in backend.asked]
    assert [text.count("User: ") for text in texts] == [1, 2, 2, 2]
    assert texts[1].startswith("List the facts about the user in this conversation.\n\nUser: I am Mina")


async def test_the_list_goes_on_from_the_one_before() -> None:
    """What was told once is told for good, also by a person who changed the list; it needs not stand in these turns."""
    backend = ScriptedBackend(_of_last_turn({"in Busan": "- City: Busan"}), SMALL)
    piece = Piece(_turns("in Busan"), HEADING + "- Name: Mina\n- City: Seoul\nloves the sea")
    assert await summarise(Asker(backend, 60), piece) == HEADING + "- Name: Mina\n- City: Busan\n- loves the sea"


async def test_what_the_model_makes_up_takes_no_place() -> None:
    """A name that nobody said must not take the place of the one that was told."""
    backend = ScriptedBackend(lambda _: "- Name: Noah\n- Colour: red\n- lilac, lilac", SMALL)
    piece = Piece(_turns("what is 2 + 2?", "say lilac"), "- Name: Mina")
    assert await summarise(Asker(backend, 60), piece) == HEADING + "- Name: Mina"


async def test_without_facts_there_is_an_empty_list() -> None:
    """In the language of the chat."""
    backend = ScriptedBackend(lambda _: "- none", SMALL)
    assert await summarise(Asker(backend, 60), Piece(_turns("hi"))) == HEADING + "- none"
    assert await summarise(Asker(backend, 60), Piece(_turns("안녕"))) == "이 대화에서 앞서 나온 사실:\n- 없음"
    assert await summarise(Asker(backend, 60), Piece(())) == HEADING + "- none"


async def test_a_list_without_an_end_counts_up_to_its_last_whole_line() -> None:
    """A small model may go on for ever; it is stopped early, and what it told first was right."""
    backend = ScriptedBackend(lambda _: "- Name: Mina\n- City: New", SMALL, "length")
    assert await summarise(Asker(backend, 60), Piece(_turns("Mina, from New York"))) == HEADING + "- Name: Mina"
    (request,) = backend.asked
    assert request.max_tokens is not None
    assert request.max_tokens < ROOM_OF_SMALL
    with pytest.raises(BackendStreamBrokenError):
        await summarise(Asker(ScriptedBackend(lambda _: "- a: b", SMALL, "content_filter"), 60), Piece(_turns("b")))


async def test_summaries_of_summaries_stay_bounded() -> None:
    """However long the chat, and whatever a person wrote."""
    text = ""
    for round_ in range(30):
        told = " ".join(f"w{round_}x{number}" for number in range(40))
        reply = "\n".join(f"- F{word}: {word}" for word in told.split())
        backend = ScriptedBackend(lambda _, reply=reply: reply, SMALL)  # type: ignore[misc]
        text = await summarise(Asker(backend, 60), Piece(_turns(told), text or None))
        assert len(text.removeprefix(HEADING).split()) <= ROOM_OF_SMALL
    assert text.splitlines()[-1] == "- Fw29x39: w29x39"
    nothing = ScriptedBackend(lambda _: "- none", SMALL)
    text = await summarise(Asker(nothing, 60), Piece(_turns("hi"), "word " * 9000))
    assert 0 < len(text.removeprefix(HEADING).split()) <= ROOM_OF_SMALL
    text = await summarise(Asker(nothing, 60), Piece(_turns("hi"), "- a: b\n- word word\n- Name: Mina", at_most=4))
    assert text == HEADING + "- Name: Mina"
    brief = ScriptedBackend(lambda _: "new", LARGE)
    assert await summarise(Asker(brief, 60), Piece(_turns("hi"), "word " * 90_000)) == HEADING + "new"
    (asked,) = brief.asked
    assert len(asked.messages[0].text.split()) < LARGE // 2


async def test_a_large_window_gets_a_brief_that_goes_on() -> None:
    """As compactions do; nothing is said of an empty list."""
    backend = ScriptedBackend(lambda _: "They met.", LARGE)
    assert (
        await summarise(Asker(backend, 60), Piece(_turns("we met"), HEADING + "They spoke.")) == HEADING + "They met."
    )
    await summarise(Asker(backend, 60), Piece(_turns("we met"), HEADING + "- none", at_most=77))
    first, second = (request.messages[0].text for request in backend.asked)
    assert "They spoke." in first
    assert HEADING.strip() not in first + second
    assert "- none" not in second
    assert [request.max_tokens for request in backend.asked] == [LARGE // 4, 77]
    assert await summarise(Asker(backend, 60), Piece((), "They spoke.")) == HEADING + "They spoke."


async def test_what_would_take_for_ever_is_refused() -> None:
    """One summary must not keep an engine busy for an hour."""
    backend = ScriptedBackend(lambda _: "- none", SMALL)
    with pytest.raises(ApiError):
        await summarise(Asker(backend, 60), Piece(_turns(*["hi"] * 600)))
    assert backend.asked == []


@pytest.mark.parametrize(
    ("before", "heading"),
    [
        ("- Name: 지훈\n- City: 부산", HEADING.strip()),
        ("- 이름: Jonathan Livingston", "이 대화에서 앞서 나온 사실:"),
        ("부산에 삽니다.", "이 대화에서 앞서 나온 사실:"),
    ],
)
async def test_the_heading_is_in_the_language_of_the_labels(before: str, heading: str) -> None:
    """The house model knows it so; names may be in any script, and sums in none."""
    text = await summarise(Asker(ScriptedBackend(lambda _: "- none", SMALL), 60), Piece(_turns("2 + 2"), before))
    assert text.splitlines()[0] == heading
