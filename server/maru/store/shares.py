"""The part of the store's seam that keeps what people show to everybody who has a link: branches, read-only.

A share holds no words of its own: it names the last item of a branch, so what is deleted from the
conversation is gone for readers too, and what is added below is not shown. It ends with its conversation, and when
nothing of its branch is left.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from maru.store.base import StoredItem

MAX_SHARES = 1_000


@dataclass(frozen=True, slots=True)
class Share:
    """One branch that is shown; times are Unix seconds.

    Attributes:
        token: opens it; whoever knows it is a reader.
        leaf_id: the last item that is shown.
        title: of the conversation, in shares of earlier versions; shown to nobody, as it may tell of another branch.
    """

    id: str
    token: str
    conversation_id: str
    leaf_id: str
    title: str | None
    created_at: int


class ShareStore(Protocol):
    """Shares; each method is one transaction."""

    async def share(
        self, owner: str, conversation_id: str, leaf_id: str, *, token: str, title: str | None, now: int
    ) -> Share | None:
        """Show the branch that ends with this item; None: there are `MAX_SHARES` already."""
        ...

    async def shares_of(self, owner: str) -> tuple[Share, ...]:
        """All of a person, newest first."""
        ...

    async def remove_share(self, owner: str, share_id: str) -> None:
        """Show it no more."""
        ...

    async def shared(self, token: str) -> "tuple[Share, tuple[StoredItem, ...]]":
        """What a reader sees, root first; the one thing that is fetched without an owner.

        Raises:
            NotFoundError: nobody shows anything under this token.
        """
        ...
