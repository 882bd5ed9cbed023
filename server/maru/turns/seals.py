"""Compaction items of a request: whether they open, and what a model sees instead of what they stand for."""

from collections.abc import Iterable, Sequence

from maru.memory.sealing import Sealer, SealError
from maru.memory.view import View, view_of
from maru.protocol.compaction import Compacted
from maru.protocol.errors import ApiError
from maru.protocol.items import Compaction, Item

CODE = "invalid_encrypted_content"


def check_seals(sealer: Sealer, owner: str, items: Iterable[Item], field: str) -> None:
    """Refuse a compaction item that this server did not make for this owner, or that was changed since.

    Args:
        sealer: opens them.
        owner: who sends them.
        items: of one request.
        field: the request's name for them.

    Raises:
        ApiError: naming the item and what to do.
    """
    for index, item in enumerate(items):
        if isinstance(item, Compaction):
            _opened(sealer, owner, item, f"{field}[{index}].encrypted_content")


def seen_of(sealer: Sealer, owner: str, history: Sequence[Item], new: Sequence[Item]) -> View:
    """What a model is to see of a branch whose new items were checked.

    Raises:
        ApiError: a stored compaction item does not open any more.
    """
    return view_of(history, new, lambda item: _opened(sealer, owner, item, None))


def _opened(sealer: Sealer, owner: str, item: Compaction, param: str | None) -> Compacted:
    try:
        return sealer.open(owner, item.encrypted_content)
    except SealError as error:
        where = f"The compaction item {param.rpartition('.')[0] if param else repr(item.id)}"
        message = f"{where} cannot be read: {error}. Send the items that it stands for, or compact them again."
        raise ApiError(400, message, code=CODE, param=param) from error
