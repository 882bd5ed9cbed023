"""What an operator may do with some backends while they serve: seams beside `Backend` that few of them have."""

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from maru_backends.base import EngineLoad


@dataclass(frozen=True, slots=True)
class MemberReport:
    """One engine of several that serve a model.

    Attributes:
        name: what the operator calls it; its address.
        state: `down`: it does not answer; `out`: the operator took it out.
        answers: how many of ours run on it.
    """

    name: str
    state: Literal["up", "down", "out"]
    answers: int
    load: EngineLoad | None


@runtime_checkable
class Pooled(Protocol):
    """Several engines behind one backend, each of which may be taken out and put back while the others serve."""

    def members(self) -> tuple[MemberReport, ...]:
        """All of them, without asking them."""
        ...

    def take_out(self, name: str) -> None:
        """Begin nothing more on it; what runs there goes on.

        Raises:
            KeyError: there is none of that name.
        """
        ...

    def take_in(self, name: str) -> None:
        """Use it again as soon as it answers.

        Raises:
            KeyError: there is none of that name.
        """
        ...


@runtime_checkable
class Unloadable(Protocol):
    """Weights that were loaded into an engine which goes on without them."""

    async def unload(self) -> None:
        """Take them out of the engine; nothing where they are not in it.

        Raises:
            BackendError: the engine cannot be asked, or refuses.
        """
        ...
