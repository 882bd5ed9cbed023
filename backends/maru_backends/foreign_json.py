"""Reading JSON that a stranger wrote: a field that is missing or of a wrong type counts as absent; pure."""

import json
from typing import cast

import msgspec


def json_object(data: str) -> dict[str, object] | None:
    """The object that this text is, also where it breaks the standard a little; None: it is no object."""
    value: object
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        try:
            value = json.loads(data)  # slower, and takes what engines send against the standard: NaN, half surrogates
        except (ValueError, RecursionError):
            return None
    return cast("dict[str, object]", value) if isinstance(value, dict) else None


def object_of(value: object) -> dict[str, object]:
    """The object, or an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def objects_of(value: object) -> list[dict[str, object]]:
    """The elements of a list, an empty object for each that is none."""
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [object_of(item) for item in items]


def count_of(value: object) -> int:
    """A number of tokens or the like; 0 for what cannot be one."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def text_of(value: object) -> str:
    """A string, or the text of a list of parts; anything else is no text."""
    if value is None or isinstance(value, str):
        return value or ""
    return "".join(part for part in (_object_text(item) for item in objects_of(value)) if part)


def _object_text(part: dict[str, object]) -> str:
    text = part.get("text")
    return text if isinstance(text, str) else ""


def mended(text: str) -> str:
    """The text with surrogate pairs joined and lone ones replaced; nothing that leaves here fails to encode."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class WholeCharacters:
    """Joins the halves of a surrogate pair that an engine sent in two chunks."""

    def __init__(self) -> None:
        """Nothing is held back yet."""
        self._half = ""

    def read(self, text: str) -> str:
        """More of the text, less a half that ends it."""
        text = self._half + text
        self._half = ""
        if "\ud800" <= text[-1:] <= "\udbff":
            text, self._half = text[:-1], text[-1]
        return mended(text)

    def end(self) -> str:
        """What the half has become whose other half never came."""
        half, self._half = self._half, ""
        return mended(half)
