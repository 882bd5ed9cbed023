"""What `/v1/memory` takes and gives. Parsed like every request: see `requests.py`.

A fact is one line that a person wants models to know. It is kept as it was typed, but for space around it.
"""

import unicodedata
from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from maru.protocol.incoming import ID_PATTERN, Incoming

MAX_FACTS = 100
MAX_FACT_CHARS = 300

_CONTROLS = frozenset({"Cc", "Zl", "Zp", "Cs"})  # ends of lines of every sort are among them
_UNSEEN = frozenset({"Cf", "Zs"})


def _one_line(text: str) -> str:
    """One line that shows something: a fact must not pass for two, nor for none."""
    kinds = {unicodedata.category(character) for character in text}
    if kinds & _CONTROLS:
        raise PydanticCustomError("value_error", "A fact is one line without control characters")
    if kinds <= _UNSEEN:
        raise PydanticCustomError("value_error", "A fact has to show something")
    return text


FactText = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_FACT_CHARS),
    AfterValidator(_one_line),
]


class MemoryUpdate(Incoming):
    """`POST /v1/memory`."""

    enabled: bool


class FactCreate(Incoming):
    """`POST /v1/memory/facts`; `conversation` is where it was said."""

    text: FactText
    conversation: str | None = Field(default=None, pattern=ID_PATTERN)


class FactUpdate(Incoming):
    """`POST /v1/memory/facts/{id}`."""

    text: FactText


class FactBody(msgspec.Struct, frozen=True, kw_only=True):
    """One fact; `conversation` may be gone by now."""

    id: str
    object: Literal["maru.fact"] = "maru.fact"
    text: str
    conversation: str | None
    created_at: int
    updated_at: int


class MemoryBody(msgspec.Struct, frozen=True, kw_only=True):
    """All facts in the order of making; a model is shown them only while `enabled`."""

    object: Literal["maru.memory"] = "maru.memory"
    enabled: bool
    max_facts: int = MAX_FACTS
    max_chars: int = MAX_FACT_CHARS
    facts: tuple[FactBody, ...]
