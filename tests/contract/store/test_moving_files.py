"""Files leave with the chats that refer to them and come back, on every store: each once, and few in memory."""

import json
import tempfile
import tracemalloc
from collections.abc import Sequence
from typing import Any

import pytest

from maru.ids import new_id
from maru.moving import export, pending
from maru.moving.arrivals import arrive
from maru.moving.export import conversation_lines, export_lines, exported
from maru.protocol.exports import encode
from maru.protocol.items import InputFile, InputText, Message
from maru.store.base import Store
from maru.store.files import NewFile
from maru.store.paging import PageQuery
from support import arriving
from support.arriving import NOW, keeping_of, take
from support.moving import without_ids
from support.stores import is_on_postgresql

FILE_BYTES = 17 * 2**20


async def chat_of(store: Store, owner: str, files: Sequence[str], title: str = "t") -> str:
    """A conversation that refers to text files, by their ids."""
    parts = tuple(InputFile(filename="f.txt", file_id=id_) for id_ in files)
    message = Message(id=new_id("msg"), role="user", status="completed", content=(InputText(text="words"), *parts))
    return (await store.create_conversation(owner, metadata={}, title=title, items=[message], now=1)).id


async def text_file(store: Store, owner: str, content: bytes) -> str:
    """A text file, which goes with its chats."""
    new = NewFile("f.txt", "user_data", "text/plain; charset=utf-8", content, goes_with_chat=True)
    return (await store.add_file(owner, new, most_bytes=2**30, now=NOW)).id


async def parts_of(store: Store, owner: str, conversation_id: str) -> list[Any]:
    """What stands in its first message after the words."""
    (stored,) = await store.tree_for(owner, conversation_id)
    assert isinstance(stored.item, Message)
    assert stored.item.content[0] == InputText(text="words")
    return list(stored.item.content[1:])


async def everything(store: Store, owner: str) -> bytes:
    """The whole export, after which all chats are gone."""
    out = b"".join([line async for line in export_lines(store, owner, now=NOW)])
    for conversation in (await store.conversations_of(owner, PageQuery()))[0]:
        await store.delete_conversation(owner, conversation.id)
    assert await store.files_of(owner, PageQuery()) == ((), False)
    return out


async def test_a_file_goes_and_comes_once(store: Store, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often chats refer to it; also in pieces, and empty."""
    monkeypatch.setattr(export, "PIECE_BYTES", 4)
    ids = [await text_file(store, owner, content) for content in (b"more than four", b"four", b"")]
    for title in ("a", "b"):
        await chat_of(store, owner, [*ids, *ids], title)
    out = await everything(store, owner)
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["object"] for line in lines] == [
        "maru.export",
        *["maru.file"] * 6,
        "maru.conversation",
        "maru.conversation",
    ]
    found = await take(store, owner, out, "maru.jsonl")
    assert [(one.outcome, one.detail) for one in found] == [("imported", None)] * 2
    first, second = [await parts_of(store, owner, str(one.conversation_id)) for one in found]
    assert first == second
    assert first[:3] == first[3:]
    contents = [await store.content_of_file(owner, part.file_id) for part in first[:3]]
    assert contents == [b"more than four", b"four", b""]
    assert len((await store.files_of(owner, PageQuery()))[0]) == 3
    assert {one.why for one in await take(store, owner, out, "maru.jsonl")} == {"here_already"}
    assert len((await store.files_of(owner, PageQuery()))[0]) == 3
    back = await everything(store, owner)
    assert [without_ids(line) for line in _in_order(back)] == [without_ids(line) for line in _in_order(out)]


def _in_order(out: bytes) -> list[bytes]:
    return sorted(out.splitlines(), key=lambda line: json.loads(line).get("title") or "")


async def test_seventy_megabytes_of_files_come_back(store: Store, owner: str) -> None:
    """A chat with more than a record may have; neither way holds more than a few of its files in memory."""
    if is_on_postgresql(store):
        pytest.skip("its driver writes bytes as text of twice their length, and takes a minute for these")
    content = b"tea " * (FILE_BYTES // 4)
    ids = [await text_file(store, owner, content[: len(content) - number]) for number in range(4)]
    there = await chat_of(store, owner, ids * 20)
    del content
    with tempfile.TemporaryFile() as upload:
        tracemalloc.start()
        async for line in conversation_lines(store, owner, await exported(store, owner, there)):
            upload.write(line)
        out_peak = tracemalloc.get_traced_memory()[1]
        await store.delete_conversation(owner, there)
        tracemalloc.reset_peak()
        size = upload.tell()
        assert 4 * FILE_BYTES < size < 6 * FILE_BYTES
        upload.seek(0)
        keeping = keeping_of(store, owner, most_bytes=2**30)
        (one,) = await arrive(store, owner, upload, keeping=keeping, name="c.jsonl", size=size, now=NOW)
        in_peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert out_peak < 6 * FILE_BYTES
    assert in_peak < 8 * FILE_BYTES  # a store in memory has four of them
    assert (one.outcome, one.detail) == ("imported", None)
    parts = await parts_of(store, owner, str(one.conversation_id))
    sizes = [(await store.file_for(owner, part.file_id)).size_bytes for part in parts]
    assert sizes == [FILE_BYTES - number for number in range(4)] * 20


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ((b'"content":"', b'"content":"?'), "damaged"),
        ((b'"object":"maru.file"', b'"object":maru.file'), "damaged"),
        ((b'"piece":2', b'"piece":3'), "damaged"),
        ((b'"pieces":', b'"pieces":1'), "damaged"),
    ],
)
async def test_a_damaged_file_harms_no_other(
    store: Store, owner: str, monkeypatch: pytest.MonkeyPatch, damage: tuple[bytes, bytes], why: str
) -> None:
    """It is named where it stood, and that is told."""
    monkeypatch.setattr(export, "PIECE_BYTES", 4)
    ids = [await text_file(store, owner, content) for content in (b"damaged!", b"whole")]
    await chat_of(store, owner, ids)
    lines = (await everything(store, owner)).splitlines(keepends=True)
    assert damage[0] in lines[2]
    lines[2] = lines[2].replace(*damage)
    failed, chat = await take(store, owner, b"".join(lines), "maru.jsonl")
    assert (failed.outcome, failed.why, failed.number) == ("failed", why, 3)
    assert (chat.outcome, chat.detail) == (
        "imported",
        "1 images or files are named only: what came in does not hold them",
    )
    named, part = await parts_of(store, owner, str(chat.conversation_id))
    assert named == InputText(text="[file: f.txt]")
    assert await store.content_of_file(owner, part.file_id) == b"whole"


async def test_files_for_which_there_is_no_room_are_named(
    store: Store, owner: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In every chat that refers to them, and told; so is one that is no text, and one that is too large."""
    ids = [await text_file(store, owner, content) for content in (b"x" * 9_000, b"y" * 1_001, b"z", b"\0\xff\1")]
    for title in ("a", "b"):
        await chat_of(store, owner, ids, title)
    out = await everything(store, owner)
    no_room = "1 images or files are named only: there is no room for more files"
    unreadable = "1 images or files cannot be read and are named only"
    for one in await take(store, owner, out, "maru.jsonl"):
        assert (one.outcome, one.detail) == ("imported", f"{unreadable}; {no_room}")
        parts = await parts_of(store, owner, str(one.conversation_id))
        assert [isinstance(part, InputFile) for part in parts] == [True, False, True, False]
    for conversation in (await store.conversations_of(owner, PageQuery()))[0]:
        await store.delete_conversation(owner, conversation.id)
    monkeypatch.setattr(arriving, "MOST_FILE_BYTES", 5_000)
    found = await take(store, owner, out, "maru.jsonl")
    assert [(one.outcome, one.why) for one in found] == [("failed", "too_large"), *[("imported", None)] * 2]
    assert found[0].detail == "the file 'f.txt': a file may have 5000 bytes"


async def test_files_that_wait_are_bounded(store: Store, owner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both their number and their bytes; the words come in."""
    await chat_of(store, owner, [await text_file(store, owner, content) for content in (b"one", b"two", b"three")])
    out = await everything(store, owner)
    for bound, value in (("MOST_FILES", 2), ("MOST_BYTES", 6)):
        with monkeypatch.context() as patched:
            patched.setattr(pending, bound, value)
            failed, chat = await take(store, owner, out, "maru.jsonl")
        assert (failed.why, chat.outcome) == ("too_large", "imported")
        parts = await parts_of(store, owner, str(chat.conversation_id))
        assert [isinstance(part, InputFile) for part in parts] == [True, True, False]
        await store.delete_conversation(owner, str(chat.conversation_id))


async def test_an_export_of_before_comes_in(store: Store, owner: str) -> None:
    """In it the bytes stood in the parts, beside the id."""
    id_ = await chat_of(store, owner, [await text_file(store, owner, b"words")])
    line = encode(await exported(store, owner, id_)).replace(
        b'"file_id":', b'"file_data":"data:text/plain;base64,d29yZHM=","file_id":'
    )
    assert b"base64" in line
    await store.delete_conversation(owner, id_)
    (one,) = await take(store, owner, line)
    (part,) = await parts_of(store, owner, str(one.conversation_id))
    assert await store.content_of_file(owner, part.file_id) == b"words"
