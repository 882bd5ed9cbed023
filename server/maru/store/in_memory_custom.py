"""The seam `store/custom.py` without a disk."""

from maru.store.custom import CustomInstructions
from maru.store.in_memory_tree import InMemoryPart


class InMemoryCustom(InMemoryPart):
    """A `CustomStore` in a field."""

    async def custom_instructions_of(self, owner: str) -> CustomInstructions:
        """See `CustomStore.custom_instructions_of`."""
        return self._peek(owner).custom

    async def keep_custom_instructions(self, owner: str, custom: CustomInstructions) -> None:
        """See `CustomStore.keep_custom_instructions`."""
        self._of(owner).custom = custom
