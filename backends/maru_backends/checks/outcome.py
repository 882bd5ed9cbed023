"""What a check comes to: kept, not offered, or broken, each with one sentence for the operator. Pure."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

State = Literal["ok", "not offered", "failed"]
Figures = Mapping[str, float]

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one check.

    Attributes:
        state: `not offered` is no fault: the model does not claim to do it, and Maru does not ask it to.
        detail: one sentence; where it failed, also what to do.
        figures: what was measured, by name with its unit as suffix.
    """

    state: State
    detail: str
    figures: Figures = field(default_factory=dict[str, float])


@dataclass(frozen=True, slots=True)
class Check(Generic[S]):
    """One promise that is asked of a running model; `is_first`: where it fails, the others are not worth asking."""

    name: str
    ask: Callable[[S], Awaitable[Outcome]]
    is_first: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """An outcome, which check's it is, and how long that took."""

    name: str
    outcome: Outcome
    seconds: float


class PromiseBrokenError(Exception):
    """The model does not do what backends promise; the message says what was seen and what to do."""


def ok(detail: str, figures: Figures | None = None) -> Outcome:
    """The promise is kept."""
    return Outcome("ok", detail, figures or {})


def not_offered(detail: str) -> Outcome:
    """The model does not claim to do it; the sentence says how it could."""
    return Outcome("not offered", detail)


def failed(detail: str) -> Outcome:
    """The promise is broken."""
    return Outcome("failed", detail)


def shortened(text: str, most: int = 60) -> str:
    """A model's words inside a sentence: one line, printable, quoted, not too long."""
    line = "".join(char if char.isprintable() else " " for char in " ".join(text.split()))
    return f'"{line}"' if len(line) <= most else f'"{line[:most]}..."'
