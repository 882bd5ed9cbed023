"""How words are compared, cut into pieces and shown."""

import sys
import time
from unicodedata import combining, normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.protocol.items import FunctionCall, InputFile, InputText, Message, OutputText, Refusal
from maru.store.words import (
    MOST_CHARS,
    MOST_MARKS,
    SNIPPET,
    composed,
    folded,
    has_all,
    needed_pieces,
    pieces_of,
    snippet,
    words_in,
    words_of,
)


def marked(text: str, query: str) -> str:
    """A snippet with brackets around what is marked."""
    return "".join(f"[{part.text}]" if part.is_match else part.text for part in snippet(text, words_of(query)))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("점심에 칼국수를 먹었다", "국수"),
        ("점심에 칼국수를 먹었다", "먹 칼국수를"),
        (normalize("NFD", "대청마루"), "마루"),
        ("대청마루", normalize("NFD", "마루")),
        ("The MARU creaks", "maru"),
        ("Straße", "STRASSE"),
        ("ＭＡＲＵ", "maru"),
        ("I like C++ and f(x)", "c++"),
        ("well 👍🏽 done", "👍"),
        ('100% "sure" OR not*', '"sure" OR not*'),
    ],
)
def test_words_are_found_however_they_were_typed(text: str, query: str) -> None:
    """Composed or not, small or large, wide or narrow, and within longer words."""
    assert has_all(text, words_of(query))


def test_all_words_must_be_there() -> None:
    """Two words narrow down what one finds."""
    assert not has_all("the maru creaks", words_of("maru winter"))


@given(st.text(max_size=40), st.text(max_size=6))
def test_what_has_the_words_has_their_pieces(text: str, query: str) -> None:
    """Otherwise the index would hide a text that has the words."""
    words = words_of(query)
    whole, beginnings = needed_pieces(words)
    there = pieces_of(text)
    if has_all(text, words):
        assert whole <= there
        assert all(any(piece.startswith(one) for piece in there) for one in beginnings)


@given(st.text(max_size=400), st.text(min_size=1, max_size=3))
def test_a_snippet_is_a_piece_of_the_text(text: str, query: str) -> None:
    """Whatever is in it, and what is marked is what was looked for."""
    parts = snippet(text, words_of(query))
    shown = "".join(part.text for part in parts)
    assert len(shown) <= SNIPPET + 2
    assert shown.strip("…") in " ".join(normalize("NFC", text).split())
    if words_of(query) and has_all(" ".join(text.split()), words_of(query)):
        assert any(part.is_match for part in parts)


def test_a_snippet_shows_the_first_word_found() -> None:
    """In the middle of a long text, in one line, beginning with a whole word."""
    text = "word " * 100 + "\n\nthe Maru\tcreaks in the maru house " + "word " * 100
    assert marked(text, "maru").startswith("…word word word word word the [Maru] creaks in the [maru] house word")
    assert marked(text, "maru").endswith("…")


def test_a_snippet_marks_what_folds_to_more_letters() -> None:
    """The places are those of the text that is shown."""
    assert marked("Die Straße ist lang", "strasse lang") == "Die [Straße] ist [lang]"
    assert marked(normalize("NFD", "대청마루에서"), "마루") == "대청[마루]에서"


def test_only_what_a_snippet_shows_is_looked_at() -> None:
    """Of a long text with thousands of the words, which is asked for a hundred times in one request."""
    text = "a b c d " * (MOST_CHARS // 8)
    words = words_of("d c b a")
    begin = time.process_time()
    parts = [snippet(text, words) for _ in range(100)][-1]
    assert time.process_time() - begin < 0.6
    assert "".join(part.text for part in parts if part.is_match) == "abcd" * (SNIPPET // 8)


def test_a_snippet_is_found_far_behind_letters_that_fold_to_more() -> None:
    """Their places are counted, up to the first word."""
    assert marked("ß" * 5_000 + " ﬁn the Maru ﬁn", "fin") == "…[ﬁn] the Maru [ﬁn]"


def test_words_that_touch_are_marked_as_one() -> None:
    """No mark stands in another."""
    assert marked("banana", "ban nana") == "[banana]"


def test_a_text_without_the_words_is_shown_from_its_beginning() -> None:
    """A word across a line end, say."""
    assert marked("one two", "three") == "one two"
    assert snippet("", ("x",)) == ()


def test_only_what_was_said_is_found() -> None:
    """And the names of files, whatever stands in them; not instructions or calls; and of a book, the beginning."""
    parts = (
        InputText(text="a"),
        InputFile(filename="b.txt", file_data="data:,e"),
        OutputText(text="c", annotations=()),
        Refusal(refusal="d"),
    )
    said = Message(id="m", role="user", status="completed", content=parts)
    assert words_in(said) == "a\n\nc\n\nd\n\nb.txt"
    assert words_in(Message(id="m", role="system", status="completed", content=parts)) == ""
    assert words_in(FunctionCall(id="f", call_id="c", name="n", arguments="{}", status="completed")) == ""
    long = Message(id="m", role="user", status="completed", content=(InputText(text="x" * (MOST_CHARS + 1)),))
    assert len(words_in(long)) == MOST_CHARS


def test_folding_is_the_same_a_second_time() -> None:
    """Folded words are compared with folded texts."""
    assert folded(folded("ǅ ﬁ ㎏ ẞ 마루")) == folded("ǅ ﬁ ㎏ ẞ 마루")


@pytest.mark.parametrize("marks", ["\u0301" * 15_000 + "\u0323" * 15_000, "\u0f73" * 15_000])
def test_thousands_of_marks_on_a_letter_take_no_time(marks: str) -> None:
    """Sorted as one run they would keep the whole server waiting."""
    begin = time.process_time()
    snippet(f"a{marks} maru", words_of("maru"))
    assert has_all(f"a{marks} maru", words_of("maru"))
    assert time.process_time() - begin < 0.5


@given(st.lists(st.sampled_from("a\u0958\u1f80\u1100\u1161\u0301\u0323\u0344\u0f73"), max_size=200).map("".join))
def test_marks_are_composed_once_and_for_all(text: str) -> None:
    """Up to `MOST_MARKS` of them as Unicode says."""
    assert composed(composed(text)) == composed(text)
    if len(normalize("NFD", text)) <= MOST_MARKS:
        assert composed(text) == normalize("NFC", text)


def test_every_mark_is_looked_at() -> None:
    """What is sorted is no letter, digit or space of any writing, and not among the first characters."""
    marks = [code for code in range(sys.maxunicode + 1) if combining(normalize("NFD", chr(code))[0])]
    assert len(marks) > 800
    assert not [hex(code) for code in marks if code < 0x300 or chr(code).isalnum() or chr(code).isspace()]
