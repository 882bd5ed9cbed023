"""What counts as text, and in which encodings."""

import pytest

from maru.media.errors import MediaError
from maru.media.texts import file_words, kept_text, text_of
from support.files import image

WORDS = "딸기 strawberry\tfraise\n"


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (WORDS.encode(), "utf-8"),
        (WORDS.encode("utf-8-sig"), "utf-8"),
        (WORDS.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + WORDS.encode("utf-16-be"), "utf-16"),
        (WORDS.encode("utf-32"), "utf-32"),
        (WORDS.encode("cp949"), "cp949"),
        (WORDS.replace("\n", "\r\n").encode(), "utf-8"),
        (WORDS.replace("\n", "\r").encode(), "utf-8"),
    ],
)
def test_text_is_read_in_the_encodings_that_people_have(data: bytes, encoding: str) -> None:
    """The mark at its beginning is no part of it, and every line ends alike."""
    found = text_of(data)
    assert (found.text, found.encoding) == (WORDS, encoding)
    assert kept_text(data) == WORDS


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7\n\xe2\xe3\xcf\xd3\x00", "a PDF"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF"),
        (b"%PDF-1.7\n1 0 obj", "a PDF"),
        (b"PK\x03\x04\x14\x00\x06\x00", "Office document"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypavif\x00\x00", "AVIF"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00", "audio or video"),
        (image("TIFF"), "TIFF"),
        (image("BMP"), "BMP"),
        (b"MZ\x90\x00\x03", "a program"),
        (b"plain\x00text", "neither text"),
        (b"a\x07bell", "neither text"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        ("naïve café, déjà vu".encode("latin-1"), "UTF-8 at byte 2"),
        (b"\xff\xfe\x00\xd8", "neither text"),
        ("a bell\a".encode("utf-16"), "neither text"),
        ("딸기\0".encode("cp949"), "neither text"),
    ],
)
def test_what_is_no_text_is_refused_with_what_it_is(data: bytes, said: str) -> None:
    """So that whoever sent it knows what to send."""
    with pytest.raises(MediaError, match=said):
        text_of(data)


def test_marks_of_terminals_may_stand_in_text() -> None:
    """Logs have them."""
    assert text_of(b"\x1b[31mred\x1b[0m\x0c").text == "\x1b[31mred\x1b[0m\x0c"


@pytest.mark.parametrize(
    ("text", "ticks"),
    [("", 3), ("``", 3), ("```", 4), ("a ``` b ````` c ````", 6), ("`" * 97 + "\n" + "`" * 96, 98), ("`" * 4000, 4001)],
)
def test_a_fence_is_longer_than_any_in_the_text(text: str, ticks: int) -> None:
    """Else a text could end where it does not."""
    lines = file_words(None, text).split("\n")
    assert (lines[0], lines[1], lines[-1]) == ('File "unnamed":', "`" * ticks, "`" * ticks)
