"""`/v1/files` over HTTP, and what a model is shown of a file."""

import asyncio
import base64
import io
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest
from PIL import Image

from maru.api.files import MOST_AT_ONCE
from maru.turns.attachments import MOST_PARTS
from support.files import image, upload
from support.socket_server import InProcess, in_process


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    async with maru.session.request(method, f"/v1/{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


def _said(*parts: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


async def test_a_file_is_kept_listed_read_and_deleted(maru: InProcess) -> None:
    """Byte for byte, under a name that is no path."""
    words = "안녕\nhello".encode()
    status, made = await upload(maru, words, "../../etc/노트.md")
    assert (status, made["object"], made["filename"], made["bytes"]) == (200, "file", "노트.md", len(words))
    assert (made["purpose"], made["status"], made["maru:media_type"]) == (
        "user_data",
        "processed",
        "text/plain; charset=utf-8",
    )
    assert await _ask(maru, "GET", f"files/{made['id']}") == (200, made)
    assert (await _ask(maru, "GET", "files"))[1]["data"] == [made]
    assert (await _ask(maru, "GET", "files?purpose=vision"))[1]["data"] == []
    async with maru.session.get(f"/v1/files/{made['id']}/content") as answer:
        assert await answer.read() == words
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''%EB%85%B8")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"].startswith("private")
    assert (await _ask(maru, "DELETE", f"files/{made['id']}"))[1] == {
        "id": made["id"],
        "object": "file",
        "deleted": True,
    }
    for path in (f"files/{made['id']}", f"files/{made['id']}/content"):
        assert (await _ask(maru, "GET", path))[0] == 404


async def test_a_strangers_file_is_a_missing_one(maru: InProcess) -> None:
    """Whatever is asked of it, and whoever wants a model to see it."""
    _, mine = await upload(maru, b"secret")
    key = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    for method, path in (("GET", ""), ("GET", "/content"), ("DELETE", "")):
        theirs = await _ask(maru, method, f"files/{mine['id']}{path}", **key)
        missing = await _ask(maru, method, f"files/file_missing{path}", **key)
        assert theirs[0] == 404
        assert str(theirs).replace(mine["id"], "X") == str(missing).replace("file_missing", "X")
    assert (await _ask(maru, "GET", "files", **key))[1]["data"] == []
    create = {"input": _said({"type": "input_file", "file_id": mine["id"]})}
    status, body = await _ask(maru, "POST", "responses", create, **key)
    assert (status, body["error"]["code"], body["error"]["param"]) == (
        404,
        "file_not_found",
        "input[0].content[0].file_id",
    )


async def test_a_model_is_shown_the_name_and_the_text_of_a_file(maru: InProcess) -> None:
    """Fenced, apart from the words around it, and kept as its id."""
    _, made = await upload(maru, b"one\n```\ntwo", "say %22hi%22.txt")
    parts = (
        {"type": "input_text", "text": "Look:"},
        {"type": "input_file", "file_id": made["id"]},
        {"type": "input_text", "text": "Well?"},
    )
    status, response = await _ask(maru, "POST", "responses", {"input": _said(*parts)})
    shown = 'Look:\n\nFile "say \\"hi\\".txt":\n````\none\n```\ntwo\n````\n\nWell?'
    assert (status, response["output"][0]["content"][0]["text"]) == (200, shown)
    _, items = await _ask(maru, "GET", f"responses/{response['id']}/input_items")
    assert items["data"][0]["content"][1] == {
        "type": "input_file",
        "filename": 'say "hi".txt',
        "file_id": made["id"],
    }


async def test_several_files_are_deleted_at_once(maru: InProcess) -> None:
    """What is gone already, and what never was, keeps none of the others."""
    made = [(await upload(maru, f"words {number}".encode(), f"{number}.txt"))[1]["id"] for number in range(3)]
    await _ask(maru, "DELETE", f"files/{made[1]}")
    status, gone = await _ask(maru, "DELETE", f"files?id={made[0]}&id={made[1]}&id=file_none&id={made[2]}")
    assert (status, [one["id"] for one in gone["data"]]) == (200, [made[0], made[2]])
    assert (await _ask(maru, "GET", "files"))[1]["data"] == []
    assert (await _ask(maru, "DELETE", "files"))[0] == 400
    assert (await _ask(maru, "DELETE", "files?" + "&".join(["id=file_none"] * 101)))[0] == 400


async def test_a_deleted_file_is_told_to_the_model(maru: InProcess) -> None:
    """The conversation goes on."""
    _, made = await upload(maru, b"words", "a.txt")
    create = {"input": _said({"type": "input_file", "file_id": made["id"]}, {"type": "input_text", "text": " ?"})}
    _, first = await _ask(maru, "POST", "responses", create)
    await _ask(maru, "DELETE", f"files/{made['id']}")
    status, second = await _ask(maru, "POST", "responses", {"input": "go on", "previous_response_id": first["id"]})
    assert (status, second["status"]) == (200, "completed")


async def test_a_compaction_holds_no_words_of_a_file(maru: InProcess) -> None:
    """It is sealed with what refers to the file, and a file that is deleted later is gone from it too."""
    _, made = await upload(maru, b"a secret of the floor", "a.txt")
    body = {"model": "echo", "input": _said({"type": "input_file", "file_id": made["id"]})}
    _, compacted = await _ask(maru, "POST", "responses/compact", body)
    item = compacted["output"][-1]
    _, before = await _ask(maru, "POST", "responses", {"input": [item]})
    assert "a secret of the floor" in before["output"][0]["content"][0]["text"]
    await _ask(maru, "DELETE", f"files/{made['id']}")
    _, after = await _ask(maru, "POST", "responses", {"input": [item]})
    assert after["output"][0]["content"][0]["text"] == "[file: a.txt, deleted since]"


async def test_an_uploaded_image_is_drawn_anew(maru: InProcess) -> None:
    """Turned as its EXIF says, without it, and shown inline."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "where I live"
    status, made = await upload(maru, image("JPEG", (40, 20), exif=exif), "photo.jpg", purpose="vision")
    assert (status, made["maru:width"], made["maru:height"]) == (200, 20, 40)
    async with maru.session.get(f"/v1/files/{made['id']}/content") as answer:
        data = await answer.read()
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["content-disposition"].startswith("inline")
    assert b"where I live" not in data
    assert Image.open(io.BytesIO(data)).getexif() == {}


async def test_what_a_model_can_be_sent_is_listed(maru: InProcess) -> None:
    """So that a page can say why an image cannot be sent."""
    _, models = await _ask(maru, "GET", "models")
    assert {one["id"]: one["input_modalities"] for one in models["data"]}["echo"] == ["text", "image"]


async def test_inline_files_are_read_too(maru: InProcess) -> None:
    """As a data URL and as Base64 alone."""
    plain = base64.b64encode("딸기".encode()).decode()
    for data in (plain, f"data:text/plain;base64,{plain}"):
        part = {"type": "input_file", "filename": "f.txt", "file_data": data}
        _, response = await _ask(maru, "POST", "responses", {"input": _said(part)})
        assert response["output"][0]["content"][0]["text"] == 'File "f.txt":\n```\n딸기\n```'


async def test_a_request_brings_so_many_parts_at_most(maru: InProcess) -> None:
    """One that brings more is told the number, also where all of them are one file."""
    _, made = await upload(maru, b"words")
    part = {"type": "input_file", "file_id": made["id"]}
    status, _ = await _ask(maru, "POST", "responses", {"input": _said(*[part] * MOST_PARTS)})
    assert status == 200
    status, body = await _ask(maru, "POST", "responses", {"input": [*_said(*[part] * MOST_PARTS), *_said(part)]})
    assert (status, body["error"]["code"], body["error"]["param"]) == (400, "too_many_attachments", "input")
    assert f"There are {MOST_PARTS + 1} images and files" in body["error"]["message"]
    assert f"may bring {MOST_PARTS}." in body["error"]["message"]


async def test_so_many_files_of_a_person_come_in_at_once(maru: InProcess) -> None:
    """One more is to wait; a stranger's is not, and when they have come in there is room again."""
    gate = asyncio.Event()

    async def slow_form() -> AsyncGenerator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data\r\n'
        yield b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
        await gate.wait()
        yield b"words\r\n--b--\r\n"

    async def slow_upload() -> int:
        headers = {"content-type": "multipart/form-data; boundary=b"}
        async with maru.session.post("/v1/files", data=slow_form(), headers=headers) as answer:
            return answer.status

    uploads = [asyncio.create_task(slow_upload()) for _ in range(MOST_AT_ONCE)]
    while maru.server.rooms.uploading.total() < MOST_AT_ONCE:  # noqa: ASYNC110 (the server tells it in no other way)
        await asyncio.sleep(0.01)
    form = aiohttp.FormData({"purpose": "user_data"})
    form.add_field("file", b"words", filename="a.txt")
    async with maru.session.post("/v1/files", data=form) as answer:
        body = await answer.json()
        assert (answer.status, body["error"]["code"]) == (429, "uploads_running")
        assert int(answer.headers["retry-after"]) > 0
    key = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    assert (await upload(maru, b"words", headers=key))[0] == 200
    gate.set()
    assert await asyncio.gather(*uploads) == [200] * MOST_AT_ONCE
    assert (await upload(maru, b"words"))[0] == 200
    assert not maru.server.rooms.uploading


async def test_a_file_that_never_ends_gives_its_place_back(maru: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that hangs would hold it for ever."""
    monkeypatch.setattr("maru.api.uploads.UPLOADED_WITHIN_S", 0.2)

    async def hanging() -> AsyncGenerator[bytes]:
        yield b"--b\r\n"
        await asyncio.sleep(20)

    headers = {"content-type": "multipart/form-data; boundary=b"}
    async with maru.session.post("/v1/files", data=hanging(), headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "upload_timeout")
    assert not maru.server.rooms.uploading
