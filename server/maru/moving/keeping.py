"""Images and files of a conversation which comes in become files of whoever takes it in.

They stand in it, or, in an export of ours, in records before it.
"""

import asyncio
import hashlib
from dataclasses import dataclass, field, replace

from maru.media.errors import MediaError
from maru.media.names import plain_name
from maru.media.reader import Readable, Reader
from maru.moving.pending import Pending
from maru.protocol.image_urls import is_inline
from maru.protocol.items import (
    InputFile,
    InputImage,
    InputPart,
    InputText,
    Item,
    attachments,
    image_words,
    with_attachments,
)
from maru.store.base import FilesFullError
from maru.store.files import File, FileStore, NewFile
from maru.store.moving import MovedConversation

ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(slots=True)
class _Kept:
    """What became of the parts of one conversation, by what stood in them."""

    ids: dict[bytes, InputPart] = field(default_factory=dict[bytes, InputPart])
    unreadable: int = 0
    without_room: int = 0
    missing: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not as it was."""
        told = (
            (self.unreadable, "cannot be read and are named only"),
            (self.without_room, "are named only: there is no room for more files"),
            (self.missing, "are named only: what came in does not hold them"),
        )
        return tuple(f"{count} images or files {why}" for count, why in told if count)


class Keeping:
    """Keeps the files of what one person takes in."""

    def __init__(
        self, store: FileStore, reader: Reader, owner: str, pending: Pending, *, most_bytes: int, now: int
    ) -> None:
        """Add to the owner's files, which may have `most_bytes` together; what is made is dated now (Unix seconds)."""
        self.pending = pending
        self._store = store
        self._reader = reader
        self._owner = owner
        self._most_bytes = most_bytes
        self._now = now
        self._brought: dict[str, File | Exception] = {}
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, moved: MovedConversation) -> tuple[MovedConversation, tuple[str, ...]]:
        """The conversation with its files kept, and what could not be."""
        kept = _Kept()
        items = [replace(stored, item=await self._item(stored.item, kept)) for stored in moved.items]
        return replace(moved, items=tuple(items)), kept.notes

    async def _item(self, item: Item, kept: _Kept) -> Item:
        parts = [await self._part(part, kept) for part in attachments(item)]
        if not parts:
            return item
        coming = iter(parts)
        return with_attachments(item, lambda _: next(coming))

    async def _part(self, part: InputImage | InputFile, kept: _Kept) -> InputPart:
        written = part.image_url if isinstance(part, InputImage) else part.file_data
        if isinstance(part, InputImage) and not is_inline(written or ""):
            written = None
        if written is None and part.file_id is None:
            return _named(part)
        detail = part.detail if isinstance(part, InputImage) else "file"
        source = f"id {part.file_id}" if written is None else written
        key = hashlib.sha256(f"{detail}:{part.filename}:{source}".encode(errors="surrogatepass")).digest()
        if key not in kept.ids:
            kept.ids[key] = await self._kept_part(part, written, kept)
        return kept.ids[key]

    async def _kept_part(self, part: InputImage | InputFile, written: str | None, kept: _Kept) -> InputPart:
        try:
            file = await (self._bring(str(part.file_id)) if written is None else self._add_inline(part, written))
            _check_kind(part, is_picture=file.is_picture)
        except MediaError:
            kept.unreadable += 1
        except FilesFullError:
            kept.without_room += 1
        except _MissingError:
            kept.missing += 1
        else:
            if isinstance(part, InputImage):
                return InputImage(image_url=None, detail=part.detail, file_id=file.id, filename=file.name)
            return InputFile(filename=file.name, file_id=file.id)
        return _named(part)

    async def _bring(self, file_id: str) -> File:
        """The file that had this id where it comes from: here the id means nothing; each is kept once."""
        async with self._one_at_a_time:
            if file_id not in self._brought:
                try:
                    self._brought[file_id] = await self._add_pending(file_id)
                except (MediaError, FilesFullError, _MissingError) as error:
                    self._brought[file_id] = error.with_traceback(None)
            found = self._brought[file_id]
        if isinstance(found, Exception):
            raise found
        return found

    async def _add_pending(self, file_id: str) -> File:
        name = self.pending.name_of(file_id)
        if name is None:
            raise _MissingError(file_id)
        return await self._add(name, await self._reader.file(await asyncio.to_thread(self.pending.content_of, file_id)))

    async def _add_inline(self, part: InputImage | InputFile, written: str) -> File:
        readable = await self._reader.inline_file(written)
        _check_kind(part, is_picture=readable.is_picture)
        ending = ENDINGS.get(readable.media_type, "")
        return await self._add(plain_name(part.filename) if part.filename else f"image{ending}", readable)

    async def _add(self, name: str, readable: Readable) -> File:
        new = NewFile(
            name=name,
            purpose="vision" if readable.is_picture else "user_data",
            media_type=readable.media_type,
            content=readable.data,
            width=readable.width,
            height=readable.height,
            goes_with_chat=True,
        )
        return await self._store.add_file(self._owner, new, most_bytes=self._most_bytes, now=self._now)


class _MissingError(Exception):
    """What came in does not hold the file."""


def _check_kind(part: InputImage | InputFile, *, is_picture: bool) -> None:
    """Whether a file is what its part says.

    Raises:
        MediaError: it is not.
    """
    if is_picture != isinstance(part, InputImage):
        raise MediaError("it is not what it says")


def _named(part: InputImage | InputFile) -> InputText:
    if isinstance(part, InputImage):
        return InputText(text=image_words(part.filename))
    return InputText(text=f"[file: {part.filename or 'unnamed'}]")
