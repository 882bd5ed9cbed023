"""How a model is told the custom instructions of a person."""

from maru.memory.custom import with_custom


def test_what_holds_for_all_chats_comes_first() -> None:
    """The instructions of one chat may say something else, and the later word counts."""
    told = with_custom("Answer in rhymes.", about="I teach physics.", style="Be brief.")
    assert told == "About the user:\nI teach physics.\n\nHow to answer:\nBe brief.\n\nAnswer in rhymes."


def test_only_what_is_there_is_told() -> None:
    """No heading stands over nothing, and nothing at all is no instructions."""
    assert with_custom(None, about="", style="Be brief.") == "How to answer:\nBe brief."
    assert with_custom("Only this.", about="", style="") == "Only this."
    assert with_custom(None, about="", style="") is None


def test_headings_are_in_the_language_of_the_words() -> None:
    """Each of its own, as a person may write one part in Korean and the other in English."""
    told = with_custom(None, about="물리를 가르쳐요.", style="Be brief.")
    assert told == "사용자에 대해:\n물리를 가르쳐요.\n\nHow to answer:\nBe brief."
