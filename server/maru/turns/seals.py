"""Compaction items of a request: whether they open, and what a model sees instead of what they stand for."""

import asyncio
from collections.abc import Iterable, Sequence

from maru.memory.sealing import Sealer, SealError
from maru.memory.view import View, newest_compaction, view_of
from maru.protocol.compaction import Compacted
from maru.protocol.errors import ApiError
from maru.protocol.items import Compaction, Item

CODE = "invalid_encrypted_content"
OPENED_AT_ONCE_CHARS = 65_536  # what is longer is opened in a thread: it takes as long as a token of others may be late


async def checked_seals(sealer: Sealer, owner: str, items: Iterable[Item], field: str) -> Compacted | None:
    """Refuse a compaction item that this server did not make for this owner, or that was changed since.

    Args:
        sealer: opens them.
        owner: who sends them.
        items: of one request.
        field: the request's name for them.

    Returns:
        What the last of them stands for; None where there is none.

    Raises:
        ApiError: naming the item and what to do.
    """
    last: Compacted | None = None
    for index, item in enumerate(items):
        if isinstance(item, Compaction):
            last = await _opened(sealer, owner, item, f"{field}[{index}].encrypted_content")
    return last


async def seen_of(
    sealer: Sealer, owner: str, history: Sequence[Item], new: Sequence[Item], compacted: Compacted | None
) -> View:
    """What a model is to see of a branch.

    Args:
        sealer: opens what the history ends with.
        owner: whose branch it is.
        history: items before this turn.
        new: items of this turn.
        compacted: what `checked_seals` gave for the new ones.

    Raises:
        ApiError: a stored compaction item does not open any more.
    """
    kept = newest_compaction(history) if compacted is None else None
    if kept is not None:
        compacted = await _opened(sealer, owner, kept, None)
    return view_of(history, new, compacted)


async def _opened(sealer: Sealer, owner: str, item: Compaction, param: str | None) -> Compacted:
    sealed = item.encrypted_content
    try:
        if len(sealed) <= OPENED_AT_ONCE_CHARS:
            return sealer.open(owner, sealed)
        return await asyncio.to_thread(sealer.open, owner, sealed)
    except SealError as error:
        where = f"The compaction item {param.rpartition('.')[0] if param else repr(item.id)}"
        message = f"{where} cannot be read: {error}. Send the items that it stands for, or compact them again."
        raise ApiError(400, message, code=CODE, param=param) from error
