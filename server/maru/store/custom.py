"""The part of the store's seam that keeps what a person tells all models: custom instructions."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CustomInstructions:
    """What a person tells models in chats that ask for it.

    Attributes:
        is_on: nothing is told while it is False; the words stay.
        about: who the person is.
        style: how models are to answer.
    """

    is_on: bool = True
    about: str = ""
    style: str = ""


class CustomStore(Protocol):
    """One such for each person; each method is one transaction."""

    async def custom_instructions_of(self, owner: str) -> CustomInstructions:
        """What was kept last; empty until somebody keeps something."""
        ...

    async def keep_custom_instructions(self, owner: str, custom: CustomInstructions) -> None:
        """Keep these in the place of those from before."""
        ...
