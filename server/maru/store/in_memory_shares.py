"""The seam `store/shares.py` without a disk."""

from maru.ids import new_id
from maru.store.base import NotFoundError, StoredItem
from maru.store.in_memory_tree import InMemoryPart, branch, one_item
from maru.store.shares import MAX_SHARES, Share


class InMemoryShares(InMemoryPart):
    """A `ShareStore` in dicts."""

    async def share(
        self, owner: str, conversation_id: str, leaf_id: str, *, token: str, title: str | None, now: int
    ) -> Share | None:
        """See `ShareStore.share`."""
        mine = self._peek(owner)
        one_item(mine, leaf_id, conversation_id)
        if len(mine.shares) >= MAX_SHARES:
            return None
        new = Share(new_id("share"), token, conversation_id, leaf_id, title, now)
        mine.shares[new.id] = new
        return new

    async def shares_of(self, owner: str) -> tuple[Share, ...]:
        """See `ShareStore.shares_of`."""
        return tuple(reversed(self._peek(owner).shares.values()))

    async def remove_share(self, owner: str, share_id: str) -> None:
        """See `ShareStore.remove_share`."""
        if self._peek(owner).shares.pop(share_id, None) is None:
            raise NotFoundError("share", share_id)

    async def shared(self, token: str) -> tuple[Share, tuple[StoredItem, ...]]:
        """See `ShareStore.shared`."""
        for mine in self._owners.values():
            for share in mine.shares.values():
                if share.token == token:
                    return share, branch(mine, share.leaf_id)
        raise NotFoundError("share", token)
