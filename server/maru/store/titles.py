"""The part of the store's seam that gives conversations better titles than their first words."""

from typing import Protocol


class TitleStore(Protocol):
    """Titles that no person gave."""

    async def replace_title(self, owner: str, conversation_id: str, title: str, *, instead_of: str) -> bool:
        """Give this title, unless the present one is another than `instead_of`; whether it was given.

        The conversation's place in the list stays.
        """
        ...
