"""Reading JSON of which nothing is certain: a value of the right kind, or nothing. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

_NO_TIME = 1e30
_SECONDS_AT_MOST = 100_000_000_000  # larger numbers are milliseconds, or even smaller parts


def text(raw: object) -> str:
    """A text, or an empty one."""
    return raw if isinstance(raw, str) else ""


def maybe_text(raw: object) -> str | None:
    """A text that is not empty."""
    return raw if isinstance(raw, str) and raw else None


def record(raw: object) -> dict[str, Any]:
    """An object, or an empty one."""
    return cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}


def rows(raw: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [cast("dict[str, Any]", one) for one in values(raw) if isinstance(one, dict)]


def values(raw: object) -> list[Any]:
    """A list, or an empty one."""
    return list(cast("Iterable[Any]", raw)) if isinstance(raw, list) else []


def seconds(raw: object) -> int:
    """A time as Unix seconds, from a number of any unit or an ISO date; 0 where it is neither."""
    if isinstance(raw, bool):
        return 0
    if isinstance(raw, int | float):
        number = float(raw)
        if not 0 <= number < _NO_TIME:
            return 0
        while number > _SECONDS_AT_MOST:
            number /= 1000
        return int(number)
    if not isinstance(raw, str):
        return 0
    try:
        return max(0, int(datetime.fromisoformat(raw).timestamp()))
    except (ValueError, OverflowError):
        return 0
