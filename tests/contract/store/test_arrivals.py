"""Files of other programs come in, on every store: once, with their branches, told record by record."""

import asyncio
import io
import json
import tracemalloc
import zipfile
from collections.abc import Iterable
from typing import Any

import msgspec
import pytest

from maru.ids import new_id
from maru.media.pictures import PictureBounds, picture_of
from maru.moving import archives, shelving
from maru.moving.arrivals import Arrival, arrivals, arrive
from maru.moving.export import export_lines, exported
from maru.protocol.exports import encode
from maru.protocol.items import InputFile, InputImage, InputText, Message
from maru.store.base import Store, StoreError
from maru.store.files import NewFile
from maru.store.moving import MovedConversation
from maru.store.paging import PageQuery
from maru.store.shelves import Shelf
from support.arriving import NOW, alone, keeping_of, take
from support.files import DOT, data_url, image
from support.foreign_exports import CLAUDE, LIBRECHAT, OPEN_WEBUI, array_of, long_chatgpt
from support.moving import without_ids


def zipped(files: dict[str, bytes], **how: Any) -> bytes:
    """A zip of these files."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, **how) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def short(found: Iterable[Arrival]) -> list[tuple[str, int, str, str | None]]:
    """What came of each."""
    return [(one.file, one.number, one.outcome, one.why) for one in found]


async def test_files_of_all_programs_come_in_once(store: Store, owner: str) -> None:
    """Sent again, nothing is made twice."""
    for record, name in ((long_chatgpt(1, 4, "x"), "Chat 1"), (CLAUDE, "Claude's tea"), (OPEN_WEBUI, "보리차")):
        content = b"".join(array_of([record]))
        (first,) = await take(store, owner, content)
        assert (first.outcome, first.title, first.share) == ("imported", name, 1.0)
        (again,) = await take(store, owner, content)
        assert (again.outcome, again.why, again.conversation_id) == ("skipped", "here_already", first.conversation_id)
    (libre,) = await take(store, owner, json.dumps(LIBRECHAT).encode(), "chat.json")
    assert libre.outcome == "imported"
    page, _ = await store.conversations_of(owner, PageQuery())
    assert {one.title for one in page} == {"Chat 1", "Claude's tea", "보리차", "Libre tea"}


async def test_numbered_files_in_a_zip_come_in_together(store: Store, owner: str) -> None:
    """The newer layout; other files of the export are not conversations, and no record is told of them."""
    files = {
        "export/conversations-000.json": b"".join(array_of(long_chatgpt(number, 4, "x") for number in range(3))),
        "export/conversations-001.json": b"".join(array_of(long_chatgpt(number, 4, "x") for number in range(2, 5))),
        "export/user.json": b'{"id": "user-1"}',
        "export/chat.html": b"<html>",
    }
    found = await take(store, owner, zipped(files), "export.zip")
    assert [one.outcome for one in found] == ["imported"] * 3 + ["skipped", "imported", "imported"]
    assert [one.share for one in found] == sorted(one.share for one in found)


async def test_a_bad_record_harms_no_other(store: Store, owner: str) -> None:
    """Each is told with its number."""
    records: list[Any] = [long_chatgpt(number, 2, "x") for number in range(3)]
    texts = [json.dumps(one) for one in records]
    bad = ['{"mapping": {}}', '{"what": "is this"}', "[1]", '{"mapping": {}, "id": "empty"}', '{"mapping": nonsense}']
    content = f"[{', '.join([texts[0], *bad, texts[1]])}]".encode()
    found = await take(store, owner, content, "c.json")
    assert short(found) == [
        ("c.json", 1, "imported", None),
        ("c.json", 2, "failed", "damaged"),
        ("c.json", 3, "failed", "unknown_format"),
        ("c.json", 4, "failed", "unknown_format"),
        ("c.json", 5, "skipped", "empty"),
        ("c.json", 6, "failed", "damaged"),
        ("c.json", 7, "imported", None),
    ]
    broken = await take(store, owner, f"[{texts[2]}, {texts[0][:50]}".encode(), "c.json")
    assert short(broken) == [("c.json", 1, "imported", None), ("c.json", 2, "failed", "broken_file")]
    assert short(await take(store, owner, b"hello", "notes.txt")) == [("notes.txt", 0, "failed", "unknown_format")]
    assert short(await take(store, owner, b"", "c.json")) == [("c.json", 0, "failed", "unknown_format")]


async def test_everything_comes_back_on_another_server(store: Store, owner: str) -> None:
    """Our own export, there and back, is equal but for its ids; here, where it came from, nothing is made twice."""
    content = b"".join(array_of([*(long_chatgpt(number, 8, "한 잔") for number in range(3)), CLAUDE, OPEN_WEBUI]))
    taken = await take(store, owner, content)
    folder = await store.create_folder(owner, "차", now=1)
    for one in taken[1:4]:
        await store.update_conversation(owner, str(one.conversation_id), now=NOW, shelf=Shelf(folder_id=folder.id))
    out = b"".join([line async for line in export_lines(store, owner, now=NOW)])
    assert {one.why for one in await take(store, owner, out, "maru.jsonl")} == {"here_already"}
    assert b'"folder":"\xec\xb0\xa8"' in out
    page, _ = await store.conversations_of(owner, PageQuery())
    for folder in await store.folders_of(owner):
        await store.remove_folder(owner, folder.id)
    for conversation in page:
        await store.delete_conversation(owner, conversation.id)
    assert {one.outcome for one in await take(store, owner, out, "maru.jsonl")} == {"imported"}
    back = b"".join([line async for line in export_lines(store, owner, now=NOW)])
    assert _by_title(back) == _by_title(out)
    assert [folder.name for folder in await store.folders_of(owner)] == ["차"]


def _by_title(lines: bytes) -> dict[str, Any]:
    conversations = [line for line in lines.splitlines() if json.loads(line)["object"] == "maru.conversation"]
    return {json.loads(line)["title"]: without_ids(line) for line in conversations}


@pytest.mark.parametrize("path", ["../conversations.json", "/etc/conversations.json", "a\\..\\..\\b.json", "C:/x.json"])
async def test_a_zip_with_tricks_in_its_paths_is_refused(store: Store, owner: str, path: str) -> None:
    """Nothing of it is written anywhere, and nothing of it is taken."""
    good = b"".join(array_of([long_chatgpt(1, 2, "x")]))
    found = await take(store, owner, zipped({"conversations.json": good, path: good}), "e.zip")
    assert short(found) == [("e.zip", 0, "failed", "unsafe_archive")]


async def test_a_zip_bomb_is_refused(store: Store, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is read, whatever it says of its size; and one of too many files, before."""
    monkeypatch.setattr(archives, "NO_RATIO_UNDER_BYTES", 1000)
    bomb = zipped({"conversations.json": b"[" + b" " * 5_000_000 + b"]"}, compresslevel=9)
    assert len(bomb) < 10_000
    found = await take(store, owner, bomb, "e.zip")
    assert short(found) == [("e.zip", 0, "failed", "unsafe_archive")]
    assert "150 times" in str(found[0].detail)
    monkeypatch.setattr(archives, "MOST_FILES", 2)
    found = await take(store, owner, zipped({f"{number}.json": b"{}" for number in range(3)}), "e.zip")
    assert "3 files" in str(found[0].detail)
    monkeypatch.setattr(archives, "MOST_UNPACKED_BYTES", 100)
    found = await take(store, owner, zipped({"a.json": b"x" * 101}), "e.zip")
    assert "larger than 100" in str(found[0].detail)
    damaged = bytearray(zipped({"conversations.json": b"".join(array_of([long_chatgpt(1, 20, "x")]))}))
    damaged[60:90] = b"?" * 30
    found = await take(store, owner, bytes(damaged), "e.zip")
    assert short(found) == [("e.zip", 0, "failed", "unsafe_archive")]


async def test_a_zip_with_an_endless_list_of_files_is_refused(store: Store, owner: str) -> None:
    """Before the list is read: each of its files would be an object."""
    made = bytearray(zipped({"conversations.json": b"[]"}))
    end = made.rfind(b"PK\x05\x06")
    made[end + 12 : end + 16] = (2**30).to_bytes(4, "little")
    found = await take(store, owner, bytes(made), "e.zip")
    assert short(found) == [("e.zip", 0, "failed", "unsafe_archive")]
    assert "too long" in str(found[0].detail)
    large = bytes(made[:end]) + b"PK\x06\x06" + b"\0" * 36 + (2**40).to_bytes(8, "little") + b"\0" * 8
    found = await take(store, owner, large + zipped({})[-22:], "e.zip")
    assert short(found) == [("e.zip", 0, "failed", "unsafe_archive")]


async def test_half_a_letter_costs_no_conversation(store: Store, owner: str) -> None:
    """Other programs cut emoji in two; the rest of the text is there."""
    content = b"".join(array_of([long_chatgpt(1, 2, "tea HALF cup")])).replace(b"HALF", rb"\ud83d")
    (found,) = await take(store, owner, content)
    assert found.outcome == "imported"
    tree = await store.tree_for(owner, str(found.conversation_id))
    assert "tea ? cup" in repr(tree[0].item)


@pytest.mark.parametrize(("error", "why"), [(ValueError("odd"), "damaged"), (StoreError("busy"), "not_kept")])
async def test_a_record_that_the_store_cannot_keep_harms_no_other(
    store: Store, owner: str, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    """Whether it is about the record, or about the database at this moment."""
    move_in = store.move_in

    async def odd(of: str, moved: MovedConversation) -> bool:
        if moved.conversation.title == "Chat 1":
            raise error
        return await move_in(of, moved)

    monkeypatch.setattr(store, "move_in", odd)
    found = await take(store, owner, b"".join(array_of(long_chatgpt(number, 2, "x") for number in range(3))))
    assert [(one.outcome, one.why) for one in found] == [
        ("imported", None),
        ("failed", why),
        ("imported", None),
    ]


async def test_an_empty_title_comes_back(store: Store, owner: str) -> None:
    """It is none."""
    (one,) = await take(store, owner, b"".join(array_of([long_chatgpt(1, 2, "x")])))
    there = await exported(store, owner, str(one.conversation_id))
    line = encode(msgspec.structs.replace(there, id="conv_elsewhere", title=""))
    (back,) = await take(store, owner, line, "maru.jsonl")
    assert (back.outcome, back.title) == ("imported", None)


async def test_folders_are_not_made_without_end(store: Store, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A conversation for which there is none is taken in all the same, and that is told."""
    monkeypatch.setattr(shelving, "MAX_FOLDERS", 2)
    lines: list[bytes] = []
    for number in range(3):
        (one,) = await take(store, owner, b"".join(array_of([long_chatgpt(number, 2, "x")])))
        exported_ = await exported(store, owner, str(one.conversation_id))
        lines.append(encode(msgspec.structs.replace(exported_, id=f"conv_{number}", folder=f"Folder {number}")))
    found = await take(store, owner, b"\n".join(lines), "maru.jsonl")
    assert [one.outcome for one in found] == ["imported"] * 3
    assert sum("'Folder" in (one.detail or "") for one in found) == 1
    assert len(await store.folders_of(owner)) == 2


async def test_who_leaves_keeps_what_came_in(store: Store, owner: str) -> None:
    """And sends the file again for the rest."""
    content = b"".join(array_of(long_chatgpt(number, 2, "x") for number in range(60)))
    keeping, size = keeping_of(store, owner), len(content)
    coming = arrivals(store, owner, io.BytesIO(content), keeping=keeping, name="c.json", size=size, now=NOW)
    assert (await anext(coming)).outcome == "imported"
    await coming.aclose()
    page, _ = await store.conversations_of(owner, PageQuery(100))
    assert 1 <= len(page) < 60
    outcomes = [one.outcome for one in await take(store, owner, content)]
    assert outcomes.count("skipped") == len(page)
    assert outcomes.count("imported") == 60 - len(page)


def test_twenty_megabytes_need_a_few(tmp_path: Any) -> None:
    """Memory does not grow with the file; the same file at 300 MB is `bench/importing`."""
    from support.stores import new_store

    file = tmp_path / "conversations.json"
    words = "A maru is a wooden floor. " * 40
    with file.open("wb") as written:
        written.writelines(array_of(long_chatgpt(number, 40, words) for number in range(440)))
    assert file.stat().st_size > 20_000_000

    async def run() -> tuple[int, int]:
        store = new_store("sqlite", tmp_path)
        owner = (await store.local_owner()).id
        imported = 0
        tracemalloc.start()
        try:
            with file.open("rb") as upload:
                size = file.stat().st_size
                async for one in arrivals(
                    store, owner, upload, keeping=keeping_of(store, owner), name=file.name, size=size, now=NOW
                ):
                    imported += one.outcome == "imported"
            return imported, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
            await store.close()

    imported, peak = asyncio.run(run())
    assert imported == 440
    assert peak < 16_000_000


async def test_images_in_a_file_become_files(store: Store, owner: str) -> None:
    """Drawn anew, once each, and gone with their chat; what cannot be read or kept is named and told."""
    question = OPEN_WEBUI["chat"]["history"]["messages"]["q"]
    files = [
        {"type": "image", "url": url, "name": "x"}
        for url in (DOT, DOT, "data:image/png;base64,iVBORw0KGgo=", data_url(image("PNG", (500, 500)) + bytes(20_000)))
    ]
    chat = {**OPEN_WEBUI["chat"], "history": {**OPEN_WEBUI["chat"]["history"]}}
    chat["history"]["messages"] = {**chat["history"]["messages"], "q": {**question, "files": files}}
    (one,) = await take(store, owner, b"".join(array_of([{**OPEN_WEBUI, "chat": chat}])))
    assert (one.outcome, one.detail) == ("imported", "1 images or files cannot be read and are named only")
    page, _ = await store.files_of(owner, PageQuery())
    assert [(file.name, file.is_picture, file.goes_with_chat) for file in page] == [("image.png", True, True)] * 2
    tree = await store.tree_for(owner, str(one.conversation_id))
    (asked,) = (stored.item for stored in tree if isinstance(stored.item, Message) and stored.item.role == "user")
    kinds = [part.file_id if isinstance(part, InputImage) else part.text for part in asked.content[1:]]  # type: ignore[union-attr]
    assert kinds == [page[1].id, page[1].id, "[image]", page[0].id]
    await store.delete_conversation(owner, str(one.conversation_id))
    assert await store.files_of(owner, PageQuery()) == ((), False)


async def test_without_room_images_are_named(store: Store, owner: str) -> None:
    """The words come in all the same."""
    content = b"".join(array_of([OPEN_WEBUI]))
    keeping = keeping_of(store, owner, most_bytes=10)
    (one,) = await arrive(store, owner, io.BytesIO(content), keeping=keeping, name="c", size=len(content), now=NOW)
    assert (one.outcome, one.detail) == (
        "imported",
        "1 images or files are named only: there is no room for more files",
    )
    assert await store.files_of(owner, PageQuery()) == ((), False)


async def test_files_go_out_and_come_back(store: Store, owner: str) -> None:
    """With their bytes and their names; an id in an export gives nobody a file that is not his."""
    keeping = keeping_of(store, owner)
    picture = await store.add_file(
        owner, NewFile("고양이.png", "vision", "image/png", image(), width=32, height=16), most_bytes=10_000, now=1
    )
    words = await store.add_file(owner, NewFile("a.txt", "user_data", "text/plain", b"words"), most_bytes=10_000, now=1)
    parts = (
        InputImage(image_url=None, detail="high", file_id=picture.id, filename=picture.name),
        InputFile(filename="a.txt", file_id=words.id),
        InputFile(filename="gone.txt", file_id="file_gone"),
    )
    message = Message(id=new_id("msg"), role="user", status="completed", content=parts)
    there = await store.create_conversation(owner, metadata={}, title="t", items=[message], now=1)
    out = await alone(store, owner, there.id)
    await store.delete_conversation(owner, there.id)
    (one,) = await arrive(store, owner, io.BytesIO(out), keeping=keeping, name="c", size=len(out), now=NOW)
    (stored,) = await store.tree_for(owner, str(one.conversation_id))
    assert isinstance(stored.item, Message)
    image_, file, gone = stored.item.content
    assert isinstance(image_, InputImage)
    assert isinstance(file, InputFile)
    assert gone == InputText(text="[file: gone.txt]")
    assert (image_.detail, image_.filename, file.filename) == ("high", "고양이.png", "a.txt")
    assert image_.file_id not in {None, picture.id}
    assert file.file_id not in {None, words.id}
    assert await store.content_of_file(owner, str(image_.file_id)) == picture_of(image(), PictureBounds()).data
    assert await store.content_of_file(owner, str(file.file_id)) == b"words"
