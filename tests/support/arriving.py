"""Exports that come in, and go out, as tests take them."""

import io

from maru.media.pictures import PictureBounds
from maru.media.reader import Reader
from maru.moving.arrivals import Arrival, arrive
from maru.moving.export import conversation_lines, exported
from maru.moving.keeping import Keeping
from maru.moving.pending import Pending
from maru.store.base import Store

NOW = 1_790_000_000
MOST_FILE_BYTES = 20 * 2**20


async def take(store: Store, owner: str, content: bytes, name: str = "conversations.json") -> list[Arrival]:
    """All that came of a file."""
    keeping = keeping_of(store, owner)
    return await arrive(store, owner, io.BytesIO(content), keeping=keeping, name=name, size=len(content), now=NOW)


def keeping_of(store: Store, owner: str, most_bytes: int = 10_000) -> Keeping:
    """Keeps few bytes of files."""
    waiting = Pending(None, most_file_bytes=MOST_FILE_BYTES)
    return Keeping(store, Reader(PictureBounds()), owner, waiting, most_bytes=most_bytes, now=NOW)


async def alone(store: Store, owner: str, conversation_id: str) -> bytes:
    """The export of one conversation."""
    there = await exported(store, owner, conversation_id)
    return b"".join([line async for line in conversation_lines(store, owner, there)])
