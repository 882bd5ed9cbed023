"""Conversations on their way in: a file of any program that is known, taken in record by record.

Reading and converting is done in a thread, a handful of records at a time, so that neither memory nor the event loop
notices how large the file is. A record that cannot be taken in is told and harms no other.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

import msgspec

from maru.moving import chatgpt, claude, librechat, open_webui, ours
from maru.moving.archives import Part, UnsafeArchiveError, parts
from maru.moving.found import Found, UnreadableError, moved
from maru.moving.keeping import Keeping
from maru.moving.keepsakes import Keepsake, keep, keepsake_in, title_of
from maru.moving.pending import Pending, RefusedError
from maru.moving.shelving import Shelving
from maru.moving.splitting import BrokenError, Readable, TooLarge, elements
from maru.moving.values import record as as_record
from maru.protocol.exports import FILE, ExportedFile
from maru.protocol.imports import Outcome, Why
from maru.store.base import NotFoundError, Store, StoreError, StoreFullError

logger = logging.getLogger(__name__)

MOST_RECORD_BYTES = 64 * 2**20
MOST_PARTS = 300_000
"""Objects and lists of a record, and braces and brackets in its texts: one of 2 bytes becomes many more in memory."""
TOGETHER = 16
"""Conversations that are written at once: the database then waits for the disk once, not for each."""
TOGETHER_BYTES = 8 * 2**20

Reader = Callable[[dict[str, Any]], Found]

_READERS: tuple[tuple[Callable[[dict[str, Any]], bool], Reader], ...] = (
    (ours.is_ours, ours.read_ours),
    (chatgpt.is_chatgpt, chatgpt.read_chatgpt),
    (claude.is_claude, claude.read_claude),
    (open_webui.is_open_webui, open_webui.read_open_webui),
    (librechat.is_librechat, librechat.read_librechat),
)
_HEADER = "maru.export"


@dataclass(frozen=True, slots=True)
class Arrival:
    """What became of one record.

    Attributes:
        number: of the record in its file, from 1; 0: it is about the whole file.
        share: of the upload that is read by now, 0 to 1.
        why: None where it was taken in.
        detail: more about why, or about what is not as it was.
    """

    file: str
    number: int
    outcome: Outcome
    share: float
    title: str | None = None
    source: str | None = None
    conversation_id: str | None = None
    why: Why | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class _Record:
    """A record as it was read: a conversation, what is kept for all of them, or why it is neither."""

    file: str
    number: int
    share: float
    size: int
    found: Found | Keepsake | None = None
    why: Why | None = None
    detail: str | None = None


async def arrivals(
    store: Store, owner: str, upload: BinaryIO, *, keeping: Keeping, name: str, size: int, now: int
) -> AsyncGenerator[Arrival]:
    """Take in all conversations of an upload and tell of each in the order of the file.

    Args:
        store: takes them.
        owner: whose they become.
        upload: JSON, JSON lines or a zip of such.
        keeping: keeps the files that stand in them.
        name: what the file is called.
        size: of the file, in bytes.
        now: Unix seconds; nothing that is taken in is later.
    """
    records = _records(upload, name, size, keeping.pending)
    coming = _Coming(store, owner, now, Shelving(store, owner, now), keeping, asyncio.Lock())
    try:
        while batch := await asyncio.to_thread(_next, records):
            # Of two that are the same, the second waits for the first, and finds it there.
            turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
            for arrival in await asyncio.gather(*(_take_in_turn(coming, record, turns) for record in batch)):
                yield arrival
    finally:
        keeping.pending.close()


async def arrive(
    store: Store, owner: str, upload: BinaryIO, *, keeping: Keeping, name: str, size: int, now: int
) -> list[Arrival]:
    """All of it at once, for files that are known to be small."""
    async with aclosing(arrivals(store, owner, upload, keeping=keeping, name=name, size=size, now=now)) as coming:
        return [arrival async for arrival in coming]


@dataclass(frozen=True, slots=True)
class _Coming:
    """Where what comes in goes; one record is converted at a time, as each thread that computes slows the answers."""

    store: Store
    owner: str
    now: int
    shelving: Shelving
    keeping: Keeping
    converting: asyncio.Lock


async def _take_in_turn(coming: _Coming, record: _Record, turns: Mapping[str, asyncio.Lock]) -> Arrival:
    # Prompts one after the other, as each looks for a word that is free.
    name = f"{record.found.source} {record.found.source_id}" if isinstance(record.found, Found) else ""
    async with turns[name]:
        try:
            return await _take(coming, record)
        except StoreFullError:
            raise
        except StoreError:
            logger.exception("record %d of an upload could not be kept", record.number)
            return Arrival(record.file, record.number, "failed", record.share, why="not_kept")
        except Exception:  # whatever a record holds, it must not keep the others from coming in
            logger.exception("record %d of an upload could not be taken in", record.number)
            return Arrival(record.file, record.number, "failed", record.share, why="damaged")


async def _take(coming: _Coming, record: _Record) -> Arrival:
    found, store, owner = record.found, coming.store, coming.owner
    if found is None:
        outcome: Outcome = "skipped" if record.why == "empty" else "failed"
        return Arrival(record.file, record.number, outcome, record.share, why=record.why, detail=record.detail)
    if not isinstance(found, Found):
        became, why, detail = await keep(store, owner, found, now=coming.now)
        kept = partial(Arrival, record.file, record.number, title=title_of(found), source=ours.SOURCE)
        return kept(outcome=became, share=record.share, why=why, detail=detail)
    new, notes = None, list(found.notes)
    if (id_ := await _there(store, owner, found)) is None:
        async with coming.converting:
            new = await asyncio.to_thread(moved, found, now=coming.now)
        new, about_files = await coming.keeping.keep(new)
        notes += about_files
        is_new = await store.move_in(owner, new)
        id_ = new.conversation.id if is_new else await _there(store, owner, found)
        new = new if is_new else None
    told = partial(Arrival, record.file, record.number, title=found.title, source=found.source, conversation_id=id_)
    if new is None:
        return told(outcome="skipped", share=record.share, why="here_already")
    if found.folder is not None and not await coming.shelving.put(new.conversation.id, found.folder):
        notes.append(f"its folder {found.folder!r} was not made: there are too many")
    return told(outcome="imported", share=record.share, detail="; ".join(notes) or None)


async def _there(store: Store, owner: str, found: Found) -> str | None:
    """The conversation that this one became before, or that it was made from."""
    if found.source == ours.SOURCE:
        try:
            return (await store.conversation_for(owner, found.source_id)).id
        except NotFoundError:
            pass
    return await store.moved_in(owner, found.source, found.source_id)


def _next(records: Iterator[_Record]) -> list[_Record]:
    """The next few; fewer where they are large."""
    batch: list[_Record] = []
    for record in islice(records, TOGETHER):
        batch.append(record)
        if sum(one.size for one in batch) > TOGETHER_BYTES:
            break
    return batch


def _records(upload: BinaryIO, name: str, size: int, pending: Pending) -> Iterator[_Record]:
    done = 0
    try:
        for part in parts(upload, name, size):
            yield from _records_in(part, done, pending)
            done += part.size
    except UnsafeArchiveError as error:
        yield _Record(name, 0, 1.0, 0, why="unsafe_archive", detail=str(error))


def _records_in(part: Part, done: int, pending: Pending) -> Iterator[_Record]:
    """Records of one file; `done` bytes of other files were read before."""
    file = _Counted(part.file)
    number, share = 0, 0.0
    try:
        for number, element in enumerate(elements(file, most_bytes=MOST_RECORD_BYTES), start=1):
            share = min(1.0, (done + file.read_bytes) / max(1, part.total))
            if (record := _record(element, part.name, number, share, pending)) is not None:
                yield record
    except BrokenError as error:
        yield _Record(part.name, number + 1, share, 0, why="broken_file", detail=str(error))
    else:
        if number == 0:
            yield _Record(part.name, 0, share, 0, why="unknown_format")


def _record(element: bytes | TooLarge, file: str, number: int, share: float, pending: Pending) -> _Record | None:
    """None for what is told of with others, or not at all: a file of an export of ours, and its first line."""
    if isinstance(element, TooLarge):
        detail = f"{element.size} bytes; {MOST_RECORD_BYTES} are taken"
        return _Record(file, number, share, 0, why="too_large", detail=detail)
    size = len(element)
    if (count := element.count(b"{") + element.count(b"[")) > MOST_PARTS:
        detail = f"{count} objects and lists; {MOST_PARTS} are taken"
        return _Record(file, number, share, size, why="too_large", detail=detail)
    try:
        raw = _decoded(element)
        if (kind := raw.get("object")) == FILE:
            pending.add(msgspec.convert(raw, ExportedFile))
        if kind in (FILE, _HEADER):
            return None
        found = _found(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, UnreadableError, RefusedError) as error:
        why = error.why if isinstance(error, RefusedError) else "damaged"
        return _Record(file, number, share, size, why=why, detail=str(error)[:300])
    except Exception as error:  # noqa: BLE001 (whatever a file holds, it must not keep the rest of it from coming in)
        return _Record(file, number, share, size, why="damaged", detail=type(error).__name__)
    if found is None:
        return _Record(file, number, share, size, why="unknown_format")
    if isinstance(found, Found) and not found.items:
        return _Record(file, number, share, size, why="empty", detail=found.title)
    return _Record(file, number, share, size, found=found)


def _found(raw: dict[str, Any]) -> Found | Keepsake | None:
    """What the record is; None where nobody knows.

    Raises:
        UnreadableError: it is damaged.
    """
    if (keepsake := keepsake_in(raw)) is not None:
        return keepsake
    reader = next((read for fits, read in _READERS if fits(raw)), None)
    return None if reader is None else reader(raw)


def _decoded(element: bytes) -> dict[str, Any]:
    """The record, where it is an object, else an empty one; half a letter in it is replaced, the rest stays.

    Other programs cut texts in the middle of an emoji, which leaves an escape that no reader of Unicode takes.

    Raises:
        msgspec.DecodeError: it is no JSON.
    """
    try:
        return as_record(msgspec.json.decode(element))
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            lax = json.dumps(json.loads(element.decode("utf-8", "replace")), ensure_ascii=False)
        except ValueError:
            lax = None
        if lax is None:
            raise
        return as_record(msgspec.json.decode(lax.encode("utf-8", "replace")))


class _Counted:
    """A file that knows how much of it was read."""

    def __init__(self, file: Readable) -> None:
        self._file = file
        self.read_bytes = 0

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self.read_bytes += len(piece)
        return piece
