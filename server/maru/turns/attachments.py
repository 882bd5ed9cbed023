"""Images and files of items: checked and drawn anew when they come in, and filled in when a model is to see them.

What is kept of an uploaded file is its id. Just before a model is asked, an image takes its place as a `data:` URL and
a file as its name and its text, so that what is counted is what is sent.
"""

from collections.abc import Iterable, Sequence
from itertools import compress

import msgspec

from maru.media.errors import MediaError
from maru.media.reader import Reader
from maru.protocol.errors import ApiError, invalid
from maru.protocol.image_urls import is_inline
from maru.protocol.items import (
    ContentPart,
    FunctionCallOutput,
    InputFile,
    InputImage,
    InputPart,
    InputText,
    Item,
    Message,
    OutputText,
    attachments,
    file_ids,
    image_words,
)
from maru.protocol.requests import ItemIn, ReferenceIn
from maru.store.base import NotFoundError
from maru.store.files import File, FileStore

MOST_PARTS = 500
"""Images and files that one request may bring."""
MOST_SHOWN_IMAGES = 64
"""In one prompt; the oldest of more are told and not shown."""
MOST_SHOWN_CHARS = 48 * 2**20
"""Of images in one prompt, as `data:` URLs; the same."""
MOST_SHOWN_TEXT_CHARS = 16 * 2**20
"""Of files in one prompt. The one with which it is reached is shown whole: it is for the window to refuse it."""
GONE = "deleted since"


class Attachments:
    """One per process."""

    def __init__(self, store: FileStore, reader: Reader) -> None:
        """Look files up in the store; read them with the reader."""
        self._store = store
        self._reader = reader

    async def taken(
        self, owner: str, sent: str | Sequence[ItemIn], items: Sequence[Item], field: str
    ) -> tuple[Item, ...]:
        """The items of a request as they are kept: images drawn anew, uploaded files with their names.

        Args:
            owner: who sends them.
            sent: as parsed; copies of items that are kept already are left as they are.
            items: one for each of `sent`.
            field: the request's name for them.

        Raises:
            ApiError: naming the image or file that does not exist or cannot be read, or there are too many.
        """
        if isinstance(sent, str) or not _any(items):
            return tuple(items)
        new = [not isinstance(raw, ReferenceIn) for raw in sent]
        brought = list(compress(items, new))
        _check_count(brought, field)
        files = await self._store.files_for(owner, file_ids(brought))
        kept: list[Item] = []
        for index, (is_new, item) in enumerate(zip(new, items, strict=True)):
            kept.append(await self._kept(item, f"{field}[{index}]", files) if is_new else item)
        return tuple(kept)

    async def shown(self, owner: str, items: Sequence[Item], *, sees: bool) -> tuple[Item, ...]:
        """The items with everything in them that a model is to see.

        Args:
            owner: whose they are.
            items: as they are kept, oldest first.
            sees: whether the model is shown images; else it is told that there were some.
        """
        if not _any(items):
            return tuple(items)
        filling = _Filling(self._store, self._reader, owner, sees=sees)
        newest_first = [await filling.filled(item) for item in reversed(items)]
        return tuple(reversed(newest_first))

    async def _kept(self, item: Item, place: str, files: dict[str, File]) -> Item:
        name, parts = _parts(item)
        changed = [await self._checked(part, f"{place}.{name}[{n}]", files) for n, part in enumerate(parts)]
        return _with(item, changed)

    async def _checked(self, part: ContentPart, place: str, files: dict[str, File]) -> ContentPart:
        try:
            match part:
                case InputImage(file_id=str(id_)):
                    file = _one(files, id_, place)
                    if not file.is_picture:
                        raise MediaError("it is no image. Send it as 'input_file'.")  # noqa: TRY301 (told like the others)
                    return msgspec.structs.replace(part, filename=file.name)
                case InputImage(image_url=str(url)) if is_inline(url):
                    return msgspec.structs.replace(part, image_url=await self._reader.inline_picture(url))
                case InputFile(file_id=str(id_)):
                    file = _one(files, id_, place)
                    if file.is_picture:
                        raise MediaError("it is an image. Send it as 'input_image'.")  # noqa: TRY301 (the same)
                    return msgspec.structs.replace(part, filename=file.name)
                case InputFile(file_data=str(data)):
                    await self._reader.check_inline_text(data)
                    return part
                case _:
                    return part
        except MediaError as error:
            what = "image" if isinstance(part, InputImage) else f"file {_name(part, files)!r}"
            raise invalid(f"The {what} at {place} cannot be used: {error}", place, "invalid_file") from error


class _Filling:
    """Fills the items of one prompt, the newest first; a file that stands in it twice is read once."""

    def __init__(self, store: FileStore, reader: Reader, owner: str, *, sees: bool) -> None:
        self._store = store
        self._reader = reader
        self._owner = owner
        self._files: dict[str, File | None] = {}
        self._read: dict[str, str] = {}
        self._free_images = MOST_SHOWN_IMAGES if sees else 0
        self._free_chars = MOST_SHOWN_CHARS
        self._free_text = MOST_SHOWN_TEXT_CHARS

    async def filled(self, item: Item) -> Item:
        if not _any([item]):
            return item
        _, parts = _parts(item)
        return _with(item, _apart([(part, await self._part(part)) for part in parts]))

    async def _part(self, part: ContentPart) -> ContentPart:
        match part:
            case InputImage():
                return await self._image(part)
            case InputFile():
                return InputText(text=await self._text(part))
            case _:
                return part

    async def _image(self, part: InputImage) -> InputPart:
        if self._free_images <= 0:
            return InputText(text=image_words(part.filename))
        url = part.image_url or ""
        if part.file_id is not None:
            file = await self._file(part.file_id)
            if file is None:
                return InputText(text=_gone("image", part.filename))
            url = await self._url(file) or ""
        if not url or len(url) > self._free_chars:
            return InputText(text=image_words(part.filename))
        self._free_images -= 1
        self._free_chars -= len(url)
        return msgspec.structs.replace(part, image_url=url)

    async def _text(self, part: InputFile) -> str:
        if self._free_text <= 0:
            return _not_shown(part.filename)
        if part.file_id is not None:
            file = await self._file(part.file_id)
            words = _gone("file", part.filename) if file is None else await self._words(file)
        else:
            words = await self._inline(part.filename, part.file_data or "")
        self._free_text -= len(words)
        return words

    async def _inline(self, name: str | None, data: str) -> str:
        try:
            return await self._reader.inline_words(name, data)
        except MediaError:  # kept before it was checked, or taken over from elsewhere
            return _not_shown(name)

    async def _file(self, file_id: str) -> File | None:
        if file_id not in self._files:
            try:
                self._files[file_id] = await self._store.file_for(self._owner, file_id)
            except NotFoundError:
                self._files[file_id] = None
        return self._files[file_id]

    async def _url(self, file: File) -> str | None:
        """Of an image that is not known to be too large: its bytes are not fetched else."""
        if file.id not in self._read:
            if file.size_bytes * 4 // 3 > self._free_chars:  # so much longer is Base64
                return None
            content = await self._content(file)
            self._read[file.id] = "" if content is None else await self._reader.data_url(content, file.media_type)
        return self._read[file.id]

    async def _words(self, file: File) -> str:
        if file.id not in self._read:
            content = await self._content(file)
            gone = _gone("file", file.name)
            self._read[file.id] = gone if content is None else await self._reader.words(file.name, content)
        return self._read[file.id]

    async def _content(self, file: File) -> bytes | None:
        try:
            return await self._store.content_of_file(self._owner, file.id)
        except NotFoundError:  # deleted just now
            return None


def _check_count(items: Sequence[Item], field: str) -> None:
    count = sum(1 for item in items for _ in attachments(item))
    if count > MOST_PARTS:
        message = f"There are {count} images and files in {field!r}. A request may bring {MOST_PARTS}."
        raise invalid(message, field, "too_many_attachments")


def _apart(pairs: Sequence[tuple[ContentPart, ContentPart]]) -> list[ContentPart]:
    """Words that took the place of something else do not run into the words beside them.

    Args:
        pairs: each part as it was and as it is.
    """
    apart: list[ContentPart] = []
    for index, (was, part) in enumerate(pairs):
        if was is not part and isinstance(part, InputText):
            before = "\n\n" if index and _is_text(pairs[index - 1][1]) else ""
            is_last = index + 1 == len(pairs)
            after = "\n\n" if not is_last and pairs[index + 1][0] is pairs[index + 1][1] else ""
            apart.append(InputText(text=f"{before}{part.text}{after}"))
        else:
            apart.append(part)
    return apart


def _is_text(part: ContentPart) -> bool:
    return isinstance(part, InputText | OutputText)


def _parts(item: Item) -> tuple[str, Sequence[ContentPart]]:
    """The request's name for the parts of an item, and them."""
    if isinstance(item, Message):
        return "content", item.content
    if isinstance(item, FunctionCallOutput) and not isinstance(item.output, str):
        return "output", item.output
    return "content", ()


def _with(item: Item, parts: Sequence[ContentPart]) -> Item:
    if not parts:
        return item
    return msgspec.structs.replace(item, **{_parts(item)[0]: tuple(parts)})


def _any(items: Iterable[Item]) -> bool:
    return any(True for item in items for _ in attachments(item))


def _one(files: dict[str, File], file_id: str, place: str) -> File:
    if file_id not in files:
        message = f"File {file_id!r} was not found. Upload it, and send the id that you get."
        raise ApiError(404, message, code="file_not_found", param=f"{place}.file_id")
    return files[file_id]


def _name(part: ContentPart, files: dict[str, File]) -> str:
    if isinstance(part, InputFile):
        file = files.get(part.file_id or "")
        return (file.name if file is not None else part.filename) or "unnamed"
    return "unnamed"


def _not_shown(name: str | None) -> str:
    return f"[file: {name or 'unnamed'}]"


def _gone(what: str, name: str | None) -> str:
    return f"[{what}: {name}, {GONE}]" if name else f"[{what}, {GONE}]"
