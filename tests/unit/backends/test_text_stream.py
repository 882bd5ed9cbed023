"""Deltas are whole characters, and nothing of a stop string."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from maru_backends.text_stream import MOST_TOKENS_HELD_BACK, AnswerText, StopScanner


def by_bytes(tokens: Sequence[int]) -> str:
    """A tokenizer whose every token is one byte."""
    return bytes(tokens).decode(errors="replace")


def deltas(text: AnswerText, tokens: Sequence[int]) -> list[str]:
    """What is shown token by token, and at the end."""
    shown = [text.feed(token)[0] for token in tokens]
    return [*shown, text.finish()[0]]


@given(st.text())
def test_any_text_comes_whole(text: str) -> None:
    """Every byte a token of its own: the worst a tokenizer can do."""
    shown = deltas(AnswerText(by_bytes), text.encode())
    assert "".join(shown) == text.rstrip("\ufffd")
    assert all("\ufffd" not in delta or "\ufffd" in text for delta in shown)


def test_korean_syllable_is_shown_with_its_last_byte() -> None:
    """Three bytes make one syllable."""
    assert deltas(AnswerText(by_bytes), "가나".encode()) == ["", "", "가", "", "", "나", ""]


def test_half_a_character_at_the_end_is_left_out() -> None:
    """An answer cut by length may end inside one."""
    assert "".join(deltas(AnswerText(by_bytes), "가나".encode()[:-1])) == "가"


def test_noise_is_not_held_back_for_ever() -> None:
    """Bytes that never become a character must not stop the stream."""
    text = AnswerText(by_bytes)
    assert any(text.feed(0xFF)[0] for _ in range(MOST_TOKENS_HELD_BACK + 1))


def test_stop_string_over_delta_borders_is_found() -> None:
    """Engines cut text anywhere."""
    scanner = StopScanner(["\n\nUser:"])
    assert [scanner.feed(piece) for piece in ("Hi", "\n", "\nUs", "er", ": no")] == [
        ("Hi", False),
        ("", False),
        ("", False),
        ("", False),
        ("", True),
    ]


def test_beginning_of_a_stop_string_is_given_back() -> None:
    """It was text after all."""
    scanner = StopScanner(["STOP"])
    assert scanner.feed("a ST") == ("a ", False)
    assert scanner.feed("ART") == ("START", False)
    assert scanner.feed(" S") == (" ", False)
    assert scanner.flush() == "S"


def test_first_stop_string_wins() -> None:
    """Two in one piece: the earlier one ends the answer."""
    assert StopScanner(["c", "b"]).feed("abc") == ("a", True)


def test_empty_stop_string_is_ignored() -> None:
    """It would be found before the first word."""
    assert StopScanner([""]).feed("abc") == ("abc", False)


@given(st.text("ab"), st.lists(st.text("ab", min_size=1), max_size=3), st.integers(1, 4))
def test_scanner_shows_what_a_plain_search_would(text: str, stops: list[str], size: int) -> None:
    """However the text is cut."""
    scanner = StopScanner(stops)
    shown, stopped = "", False
    for start in range(0, len(text), size):
        more, stopped = scanner.feed(text[start : start + size])
        shown += more
        if stopped:
            break
    shown += "" if stopped else scanner.flush()
    ends = [text.find(stop) for stop in stops if stop in text]
    assert stopped == bool(ends)
    # A stop string that begins earlier may be completed later than another: streams go by completion.
    assert text.startswith(shown)
    if not ends:
        assert shown == text


def test_stop_string_in_the_last_piece_is_told() -> None:
    """What a character on its way held back may complete a stop string."""
    text = AnswerText(by_bytes, stops=["b"])
    for token in b"ab\xea":
        shown, stopped = text.feed(token)
        if stopped:
            assert shown == ""
            return
    assert text.finish()[1]


def test_white_space_before_the_first_word_can_be_left_out() -> None:
    """Behind "ASSISTANT:" a model begins with a space, which belongs to the format."""
    for tokens, shown in ((b" \n Hi you ", "Hi you "), (b"  ", ""), (b"Hi", "Hi")):
        assert "".join(deltas(AnswerText(by_bytes, is_trimming=True), tokens)) == shown
        assert "".join(deltas(AnswerText(by_bytes), tokens)) == tokens.decode()


def test_stop_string_that_begins_with_white_space_is_found_before_the_first_word() -> None:
    """A model that says nothing goes on as its user at once."""
    text = AnswerText(by_bytes, (" USER:",), is_trimming=True)
    assert [text.feed(token) for token in b" USER:"] == [*[("", False)] * 5, ("", True)]
