"""What a model is asked for a title, and what is taken for one."""

import pytest

from maru.memory.summary import Language
from maru.memory.titles import LINE_CHARS, MOST_CHARS, plain, title_in, title_request
from support.stores import message


def test_the_request_shows_the_conversation_in_the_language_of_its_user() -> None:
    """A small model follows a request in the language of what it reads."""
    said = [message("왜 시원해?"), message("바람이 지나가서요.", "assistant")]
    request = title_request(said, "ko")
    assert "한국어로" in request
    assert request.endswith("사용자: 왜 시원해?\n\n도우미: 바람이 지나가서요.")
    assert "in the language of the user" in title_request(said, "en")


def test_a_book_is_not_read_for_its_title() -> None:
    """Of each message the beginning is shown."""
    assert len(title_request([message("x" * 100_000), message("y" * 100_000, "assistant")], "en")) < LINE_CHARS * 3


@pytest.mark.parametrize(
    ("answer", "language", "title"),
    [
        ("A Summer on the Maru", "en", "A Summer on the Maru"),
        ('  "A Summer on the Maru."\n', "en", "A Summer on the Maru"),
        ("**Title:** A Summer on the Maru", "en", "A Summer on the Maru"),
        ("# “여름의   대청마루”", "ko", "여름의 대청마루"),
        ("제목: 여름의 대청마루。", "ko", "여름의 대청마루"),
        ("C++ 소수 구하기", "ko", "C++ 소수 구하기"),
        ("What next?", "en", "What next?"),
        ("x" * MOST_CHARS, "en", "x" * MOST_CHARS),
        ("x" * (MOST_CHARS + 1), "en", None),
        ("A title\nand an answer", "en", None),
        ("A Summer on the Maru", "ko", None),
        ("...", "en", None),
        ("  ", "en", None),
        ("a \u202e b", "en", None),
    ],
)
def test_only_a_title_is_taken(answer: str, language: Language, title: str | None) -> None:
    """Without what models put around it; an answer to the conversation, or one in another language, is none."""
    assert title_in(answer, language) == title


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("## Planks\n\nThey are `wood`, **really**.\n- one", "Planks They are wood, really. one"),
        ("```python\nprint(2 ** 3)\n```", "print(2 3)"),
        ("See [the floor](https://example.org/a) and ![a plank](b.png)", "See the floor and a plank"),
        ("snake_case and 2*3*4 - 5 > 1", "snake_case and 2*3*4 - 5 > 1"),
        ("- ", "-"),
        ("**", "**"),
        ("[" * 5_000, "[" * 5_000),
    ],
)
def test_first_words_are_shown_without_marks(words: str, shown: str) -> None:
    """A list of conversations is no place for Markdown."""
    assert plain(words) == shown
