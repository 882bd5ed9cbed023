"""Bytes of a file as text, or the refusal of bytes that are none; text as a model is shown it. Pure."""

import codecs
import json
from dataclasses import dataclass

from maru.media.errors import MediaError
from maru.media.kinds import NEITHER, unreadable_kind

# Longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16"),
)
_PDF = b"%PDF-"
_NEVER_IN_TEXT = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f\x1b")


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says, and in which encoding it says it; lines end with a line feed."""

    text: str
    encoding: str


def text_of(data: bytes) -> Text:
    """The text.

    Raises:
        MediaError: it is in no encoding that can be told, or no text at all.
    """
    codec, encoding = _codec(data)
    if data.startswith(_PDF):  # some hold no byte that could not stand in text
        raise _unreadable(data)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        if _looks_binary(data) or unreadable_kind(data) != NEITHER:
            raise _unreadable(data) from error
        text, encoding = _korean(data, error), "cp949"
    if _looks_binary(text.encode("utf-8", "surrogatepass")):
        raise _unreadable(data)
    return Text(_with_line_feeds(text), encoding)


def kept_text(data: bytes) -> str:
    """The same text of bytes that `text_of` took before; what it looked at is not looked at again.

    Raises:
        MediaError: they are in no encoding that can be told.
    """
    codec, _ = _codec(data)
    try:
        text = data.decode(codec)
    except UnicodeDecodeError as error:
        text = _korean(data, error)
    return _with_line_feeds(text)


def file_words(name: str | None, text: str) -> str:
    """A file as a model is shown it: its name, and its text between fences that are longer than any in the text."""
    fence = "`" * max(3, _longest_ticks(text) + 1)
    end = "" if text.endswith("\n") or not text else "\n"
    return f"File {json.dumps(name or 'unnamed', ensure_ascii=False)}:\n{fence}\n{text}{end}{fence}"


def _longest_ticks(text: str) -> int:
    """How many backticks stand in a row, where they are three and more; else two.

    Looked for and not matched: of a large text that is several times faster, and other threads run in between.
    """
    low, high = 2, 3
    while "`" * high in text:
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if "`" * middle in text else (low, middle)
    return low


def _codec(data: bytes) -> tuple[str, str]:
    """How to decode them unless they are Korean of old, and what the encoding is called."""
    return next(((codec, name) for mark, codec, name in _MARKS if data.startswith(mark)), ("utf-8", "utf-8"))


def _with_line_feeds(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _looks_binary(data: bytes) -> bool:
    return bool(data.translate(None, _OF_TEXT))


_OF_TEXT = bytes(number for number in range(256) if chr(number) not in _NEVER_IN_TEXT)


def _korean(data: bytes, reason: UnicodeDecodeError) -> str:
    """Spreadsheets of Korean Windows are saved so; text of other old encodings hardly ever decodes."""
    try:
        return data.decode("cp949")
    except UnicodeDecodeError as error:
        at = f"byte {reason.start}"
        message = f"its encoding is not known (it is not UTF-8 at {at}). Save it as UTF-8 and send it again."
        raise MediaError(message) from error


def _unreadable(data: bytes) -> MediaError:
    return MediaError(
        f"it is {unreadable_kind(data)}. Text, and images in the formats PNG, JPEG, WebP and GIF, can be read."
    )
