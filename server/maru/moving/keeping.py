"""Images and files that stand in a conversation which comes in become files of whoever takes it in."""

import hashlib
from dataclasses import dataclass, field, replace

from maru.media.errors import MediaError
from maru.media.names import plain_name
from maru.media.reader import Reader
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
from maru.store.files import FileStore, NewFile
from maru.store.moving import MovedConversation

ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg"}


@dataclass(slots=True)
class _Kept:
    """What became of the parts of one conversation, by what stood in them."""

    ids: dict[bytes, InputPart] = field(default_factory=dict[bytes, InputPart])
    unreadable: int = 0
    without_room: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What is not as it was."""
        told = (
            (self.unreadable, "cannot be read and are named only"),
            (self.without_room, "are named only: there is no room for more files"),
        )
        return tuple(f"{count} images or files {why}" for count, why in told if count)


class Keeping:
    """Keeps the files of what one person takes in."""

    def __init__(self, store: FileStore, reader: Reader, owner: str, *, most_bytes: int, now: int) -> None:
        """Add to the owner's files, which may have `most_bytes` together; what is made is dated now (Unix seconds)."""
        self._store = store
        self._reader = reader
        self._owner = owner
        self._most_bytes = most_bytes
        self._now = now

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
        # The id is of another server, or of somebody else: it means nothing here.
        if written is None or (isinstance(part, InputImage) and not is_inline(written)):
            return _named(part)
        detail = part.detail if isinstance(part, InputImage) else "file"
        key = hashlib.sha256(f"{detail}:{part.filename}:{written}".encode(errors="surrogatepass")).digest()
        if key not in kept.ids:
            kept.ids[key] = await self._new(part, written, kept)
        return kept.ids[key]

    async def _new(self, part: InputImage | InputFile, written: str, kept: _Kept) -> InputPart:
        try:
            readable = await self._reader.inline_file(written)
            if readable.is_picture != isinstance(part, InputImage):
                raise MediaError("it is not what it says")  # noqa: TRY301 (told like the others)
        except MediaError:
            kept.unreadable += 1
            return _named(part)
        name = plain_name(part.filename or "") if part.filename else f"image{ENDINGS.get(readable.media_type, '')}"
        new = NewFile(
            name=name,
            purpose="vision" if readable.is_picture else "user_data",
            media_type=readable.media_type,
            content=readable.data,
            width=readable.width,
            height=readable.height,
            goes_with_chat=True,
        )
        try:
            file = await self._store.add_file(self._owner, new, most_bytes=self._most_bytes, now=self._now)
        except FilesFullError:
            kept.without_room += 1
            return _named(part)
        if isinstance(part, InputImage):
            return InputImage(image_url=None, detail=part.detail, file_id=file.id, filename=file.name)
        return InputFile(filename=file.name, file_id=file.id)


def _named(part: InputImage | InputFile) -> InputText:
    if isinstance(part, InputImage):
        return InputText(text=image_words(part.filename))
    return InputText(text=f"[file: {part.filename or 'unnamed'}]")
