"""What of many files and images is put into one prompt: the newest, up to a bound, each read once."""

import base64
from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from maru.media.pictures import PictureBounds
from maru.media.reader import Reader
from maru.media.texts import file_words
from maru.protocol.items import InputFile, InputImage, InputPart, InputText, Item, Message
from maru.store.files import NewFile
from maru.store.in_memory import InMemoryStore
from maru.turns import attachments
from maru.turns.attachments import Attachments
from support.files import data_url, image

WORDS = "딸기 words " * 10
SHOWN = file_words("a.txt", WORDS)


class _Counting(InMemoryStore):
    """Says which contents were fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched: list[str] = []

    async def content_of_file(self, owner: str, file_id: str) -> bytes:
        self.fetched.append(file_id)
        return await super().content_of_file(owner, file_id)


@pytest.fixture
async def store() -> _Counting:
    """An empty one."""
    return _Counting()


@pytest.fixture
async def filler(store: _Counting) -> AsyncGenerator[Attachments]:
    """What is tested."""
    reader = Reader(PictureBounds())
    yield Attachments(store, reader)
    reader.close()


async def _kept(store: InMemoryStore, content: bytes, media_type: str = "text/plain; charset=utf-8") -> str:
    owner = (await store.local_owner()).id
    is_picture = media_type.startswith("image/")
    side = 1 if is_picture else None
    new = NewFile("a.txt", "user_data", media_type, content, width=side, height=side, goes_with_chat=False)
    return (await store.add_file(owner, new, most_bytes=2**30, now=0)).id


def _messages(*parts: InputPart) -> list[Item]:
    """One for each part."""
    return [Message(id=f"msg_{n}", status="completed", role="user", content=(part,)) for n, part in enumerate(parts)]


async def _shown(filler: Attachments, store: InMemoryStore, items: Sequence[Item], *, sees: bool = True) -> list[Any]:
    owner = (await store.local_owner()).id
    shown: list[Any] = []
    for item in await filler.shown(owner, items, sees=sees):
        assert isinstance(item, Message)
        (part,) = item.content
        shown.append(part.text if isinstance(part, InputText) else getattr(part, "image_url", None))
    return shown


@pytest.mark.parametrize("is_uploaded", [True, False])
async def test_files_beyond_a_bound_are_named(
    store: _Counting, filler: Attachments, monkeypatch: pytest.MonkeyPatch, *, is_uploaded: bool
) -> None:
    """However often one is referred to, whether it was uploaded or came inline."""
    monkeypatch.setattr(attachments, "MOST_SHOWN_TEXT_CHARS", 2 * len(SHOWN) + 1)
    if is_uploaded:
        part = InputFile(filename="a.txt", file_id=await _kept(store, WORDS.encode()))
    else:
        part = InputFile(filename="a.txt", file_data=base64.b64encode(WORDS.encode()).decode())
    found = await _shown(filler, store, _messages(*[part] * 1000))
    assert found[-3:] == [SHOWN] * 3  # the last of them is where the bound is reached
    assert set(found[:-3]) == {"[file: a.txt]"}
    assert len(store.fetched) == is_uploaded


async def test_a_file_that_is_larger_than_the_bound_is_shown_alone(
    store: _Counting, filler: Attachments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it is refused by the window, with the numbers, and not passed over without a word."""
    monkeypatch.setattr(attachments, "MOST_SHOWN_TEXT_CHARS", 10)
    part = InputFile(filename="a.txt", file_id=await _kept(store, WORDS.encode()))
    assert await _shown(filler, store, _messages(part, part)) == ["[file: a.txt]", SHOWN]


async def test_files_that_are_not_shown_are_not_read(
    store: _Counting, filler: Attachments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their texts would be held together."""
    monkeypatch.setattr(attachments, "MOST_SHOWN_TEXT_CHARS", 1)
    ids = [await _kept(store, WORDS.encode()) for _ in range(5)]
    await _shown(filler, store, _messages(*(InputFile(filename="a.txt", file_id=id_) for id_ in ids)))
    assert store.fetched == [ids[-1]]


@pytest.mark.parametrize("is_uploaded", [True, False])
async def test_so_many_images_are_shown_at_most(store: _Counting, filler: Attachments, *, is_uploaded: bool) -> None:
    """The newest; an engine decodes each of them."""
    dot = image(size=(1, 1))
    if is_uploaded:
        part = InputImage(image_url=None, detail="auto", file_id=await _kept(store, dot, "image/png"), filename="a.png")
    else:
        part = InputImage(image_url=data_url(dot), detail="auto", filename="a.png")
    count = attachments.MOST_SHOWN_IMAGES
    found = await _shown(filler, store, _messages(*[part] * (count + 3)))
    assert found == ["[image: a.png]"] * 3 + [data_url(dot)] * count
    assert set(await _shown(filler, store, _messages(*[part] * 3), sees=False)) == {"[image: a.png]"}
    assert len(store.fetched) == is_uploaded


async def test_images_that_have_no_room_are_not_read(
    store: _Counting, filler: Attachments, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor held beside those that have; inline ones take room too."""
    dots = [image(size=(1, 1), color=color) for color in ("red", "blue", "white")]
    ids = [await _kept(store, dot, "image/png") for dot in dots]
    monkeypatch.setattr(attachments, "MOST_SHOWN_CHARS", 2 * len(data_url(dots[0])) + 9)
    parts = [InputImage(image_url=None, detail="auto", file_id=id_, filename="a.png") for id_ in ids]
    assert await _shown(filler, store, _messages(*parts)) == ["[image: a.png]", *map(data_url, dots[1:])]
    assert store.fetched == [ids[2], ids[1]]
    inline = InputImage(image_url=data_url(dots[0]), detail="auto", filename="b.png")
    found = await _shown(filler, store, _messages(inline, *parts[1:]))
    assert found == ["[image: b.png]", *map(data_url, dots[1:])]
