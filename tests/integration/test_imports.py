"""A file comes in over HTTP, and is told record by record."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import Any, cast

import pytest
from starlette.types import ASGIApp

from maru.api import imports
from maru.moving.arrivals import MOST_PARTS
from maru.store.base import StoreFullError
from support.foreign_exports import array_of, chatgpt, chatgpt_node, long_chatgpt
from support.socket_server import InProcess, in_process, turn


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def send(maru: InProcess, content: bytes, name: str = "c.json", key: str | None = None) -> list[Any]:
    """The lines that came of a file."""
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with maru.session.post(f"/v1/import?name={name}", data=io.BytesIO(content), headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("application/x-ndjson")
        return [json.loads(line) for line in (await answer.text()).splitlines()]


async def test_a_chat_of_chatgpt_comes_in_and_goes_on(maru: InProcess) -> None:
    """With its branches, its model, and the next answer below the one that was shown there."""
    nodes = [
        chatgpt_node("q", "root", "user", "Which tea?"),
        chatgpt_node("a", "q", "assistant", "Green.", metadata={"model_slug": "gpt-4o"}),
        chatgpt_node("b", "q", "assistant", "Black.", metadata={"model_slug": "o3"}),
    ]
    record, report = await send(maru, b"".join(array_of([chatgpt("c1", nodes, "a")])))
    assert (record["object"], record["outcome"], record["title"], record["source"]) == (
        "maru.import.record",
        "imported",
        "Tea",
        "chatgpt",
    )
    assert report == {"object": "maru.import.report", "imported": 1, "skipped": 0, "failed": 0}
    base = f"/v1/conversations/{record['conversation']}"
    async with maru.session.get(f"{base}/tree") as answer:
        tree = await answer.json()
    assert [item["content"][0]["text"] for item in tree["items"]] == ["Which tea?", "Green.", "Black."]
    assert [tree["responses"][item["maru:response"]]["model"] for item in tree["items"][1:]] == ["gpt-4o", "o3"]
    assert tree["head"] == tree["items"][1]["id"]
    async with maru.socket() as socket:
        end = await turn(socket, input="and?", model="echo", conversation=record["conversation"])
    assert end["response"]["status"] == "completed"
    async with maru.session.get(f"/v1/responses/{tree['items'][1]['maru:response']}") as answer:
        response = await answer.json()
    assert (response["status"], response["output"][0]["content"][0]["text"]) == ("completed", "Green.")


async def test_tool_calls_that_came_in_confuse_no_model(maru: InProcess) -> None:
    """Every call has its output, so the conversation goes on."""
    code = {"content_type": "code", "text": "print(2)"}
    nodes = [
        chatgpt_node("q", "root", "user", "2?"),
        chatgpt_node("c", "q", "assistant", code, recipient="python"),
        chatgpt_node("o", "c", "tool", {"content_type": "execution_output", "text": "2"}),
        chatgpt_node("a", "o", "assistant", "2."),
    ]
    record, _ = await send(maru, b"".join(array_of([chatgpt("c1", nodes, "a")])))
    async with maru.socket() as socket:
        end = await turn(socket, input="sure?", model="echo", conversation=record["conversation"])
    assert end["response"]["status"] == "completed"


async def test_a_zip_comes_in_and_what_is_no_conversation_is_told(maru: InProcess) -> None:
    """With the name of the file in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x/conversations-000.json", b"".join(array_of([long_chatgpt(1, 2, "x")])))
        archive.writestr("x/conversations-001.json", b'[{"odd": 1}]')
    first, second, report = await send(maru, made.getvalue(), "export.zip")
    assert (first["file"], first["outcome"]) == ("x/conversations-000.json", "imported")
    assert (second["file"], second["why"]) == ("x/conversations-001.json", "unknown_format")
    assert (report["imported"], report["failed"]) == (1, 1)


async def test_one_file_of_a_person_at_a_time(maru: InProcess) -> None:
    """Another one is refused until the first has ended."""
    owner = (await maru.store.local_owner()).id
    maru.server.rooms.importing.add(owner)
    async with maru.session.post("/v1/import", data=b"[]") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (429, "import_running")
    maru.server.rooms.importing.discard(owner)
    await send(maru, b"[]")
    assert maru.server.rooms.importing == set()


async def test_a_file_counts_from_its_first_byte(maru: InProcess) -> None:
    """Else many could be sent at once and fill the disk; one that breaks off counts no more."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> AsyncIterator[bytes]:
        yield b"["
        begun.set()
        await go_on.wait()
        yield b"]"

    async def status() -> int:
        async with maru.session.post("/v1/import", data=slow()) as answer:
            await answer.read()
            return answer.status

    for is_cut in (False, True):
        begun.clear()
        go_on.clear()
        coming = asyncio.create_task(status())
        await begun.wait()
        async with asyncio.timeout(10):
            while not maru.server.rooms.importing:  # noqa: ASYNC110 (the task of a request)
                await asyncio.sleep(0.01)
        async with maru.session.post("/v1/import", data=b"[]") as answer:
            assert answer.status == 429
        if is_cut:
            coming.cancel()
        else:
            go_on.set()
            assert await coming == 200
        async with asyncio.timeout(10):
            while maru.server.rooms.importing:  # noqa: ASYNC110 (the task of a request)
                await asyncio.sleep(0.01)


async def test_a_sender_that_is_gone_before_the_answer_may_come_again(maru: InProcess) -> None:
    """No line of the answer was asked for then."""
    app = cast("ASGIApp", maru.server.config.app)
    reserved: set[str] = set()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"[]", "more_body": False}

    async def send_nothing(_: Any) -> None:
        reserved.update(maru.server.rooms.importing)
        raise OSError

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/import",
        "raw_path": b"/v1/import",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    with suppress(Exception):
        await app(scope, receive, send_nothing)
    assert reserved == {(await maru.store.local_owner()).id}
    assert maru.server.rooms.importing == set()


async def test_a_file_that_is_too_large_is_refused(maru: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether its size is announced or not."""
    monkeypatch.setattr(imports, "MOST_BYTES", 100)

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 10

    for data in (b"x" * 101, unannounced()):
        async with maru.session.post("/v1/import", data=data) as answer:
            assert answer.status == 413


async def test_a_record_of_very_many_parts_is_told_and_harms_no_other(maru: InProcess) -> None:
    """Decoded it would take many times its bytes."""
    parts: list[dict[str, Any]] = [{}] * MOST_PARTS
    odd: dict[str, Any] = {**long_chatgpt(1, 2, "odd"), "extra": parts}
    first, second, report = await send(maru, b"".join(array_of([odd, long_chatgpt(2, 2, "x")])))
    assert (first["outcome"], first["why"], first["number"]) == ("failed", "too_large", 1)
    assert str(MOST_PARTS) in first["detail"]
    assert (second["outcome"], report["imported"], report["failed"]) == ("imported", 1, 1)


async def test_a_full_disk_is_told(maru: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came in before stays, and the last line says what stopped it."""

    async def full(*_: object) -> bool:
        raise StoreFullError("nothing can be written")

    monkeypatch.setattr(type(maru.store), "move_in", full)
    record, report = await send(maru, b"".join(array_of([long_chatgpt(1, 2, "x")])))
    assert (record["why"], report["failed"]) == ("stopped", 1)


async def test_what_comes_in_is_the_senders(maru: InProcess) -> None:
    """The same file of two people makes one conversation each."""
    key = await maru.key_of_a_stranger()
    content = b"".join(array_of([long_chatgpt(1, 2, "x")]))
    mine, _ = await send(maru, content)
    theirs, _ = await send(maru, content, key=key)
    assert (mine["outcome"], theirs["outcome"]) == ("imported", "imported")
    assert mine["conversation"] != theirs["conversation"]
    headers = {"Authorization": f"Bearer {key}"}
    async with maru.session.get(f"/v1/conversations/{mine['conversation']}", headers=headers) as answer:
        assert answer.status == 404


async def test_streams_go_on_while_a_file_comes_in(maru: InProcess) -> None:
    """Reading is done in a thread, a few records at a time."""
    content = b"".join(array_of(long_chatgpt(number, 20, "A maru is a floor. " * 20) for number in range(100)))
    async with maru.socket() as socket:
        await socket.send_json({"type": "response.create", "input": "count", "model": "slow"})
        coming = asyncio.create_task(send(maru, content))
        events = 0
        while not coming.done():
            await socket.receive()
            events += 1
    assert (await coming)[-1]["imported"] == 100
    assert events > 10
