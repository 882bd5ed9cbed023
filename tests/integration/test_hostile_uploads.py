"""Forms that are broken, huge or lie: each is refused in a sentence, and the server goes on."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import aiohttp
import pytest

from maru.api.uploads import MAX_OVERHEAD_BYTES
from support.files import image, upload
from support.socket_server import InProcess, in_process

MOST = 100_000
HEAD = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
PURPOSE = b'\r\n--B\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nuser_data'
END = b"\r\n--B--\r\n"


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server that takes little."""
    async with in_process(max_file_bytes=MOST, max_files_bytes=3 * MOST, max_image_pixels=10_000) as server:
        yield server


async def send(maru: InProcess, body: Any, content_type: str = "multipart/form-data; boundary=B") -> tuple[int, Any]:
    """Status and body of a form as it is."""
    headers = {"content-type": content_type}
    async with maru.session.post("/v1/files", data=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def test_a_good_form_is_taken(maru: InProcess) -> None:
    """The others below are this one with something wrong."""
    assert (await send(maru, HEAD + b"words" + PURPOSE + END))[0] == 200


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "multipart/form-data; boundary=B"),
        (b"{}", "application/json"),
        (HEAD + b"words" + PURPOSE + END, "multipart/form-data"),
        (HEAD + b"words" + PURPOSE + END, "multipart/form-data; boundary="),
        (HEAD + b"words" + PURPOSE + END, "multipart/form-data; boundary=" + "B" * 5000),
        (HEAD + b"words" + PURPOSE + END, "multipart/form-data; boundary=other"),
        (HEAD + b"words", "multipart/form-data; boundary=B"),
        (HEAD + b"words" + END, "multipart/form-data; boundary=B"),
        (PURPOSE[2:] + END, "multipart/form-data; boundary=B"),
        (HEAD + b"words" + PURPOSE + b"x" * 5000 + END, "multipart/form-data; boundary=B"),
        (HEAD + b"a\r\n" + HEAD + b"b" + PURPOSE + END, "multipart/form-data; boundary=B"),
        (b"--B\r\n" + b"X: y\r\n" * 10_000 + b"\r\n" + PURPOSE + END, "multipart/form-data; boundary=B"),
        (b"--B\r\nX: " + b"y" * 90_000 + b"\r\n\r\n" + PURPOSE + END, "multipart/form-data; boundary=B"),
        (b"--B\r\nContent-Disposition: form-data\r\n\r\nx" + END, "multipart/form-data; boundary=B"),
        (HEAD.replace(b"a.txt", b"\xff\xfe\x00") + PURPOSE + END, "multipart/form-data; boundary=B"),
        (b"\r\n" * 40_000, "multipart/form-data; boundary=B"),
        (b"--B" * 30_000, "multipart/form-data; boundary=B"),
    ],
)
async def test_a_broken_form_is_refused(maru: InProcess, body: bytes, content_type: str) -> None:
    """In our words, and never with a 500."""
    status, told = await send(maru, body, content_type)
    assert status == 400, told
    assert told["error"]["message"]
    assert (await upload(maru, b"words"))[0] == 200


@pytest.mark.parametrize("is_announced", [True, False])
async def test_what_is_too_large_is_refused_as_it_comes(maru: InProcess, is_announced: bool) -> None:  # noqa: FBT001
    """Whether its size is announced or not; what was sent so far is not kept."""
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield HEAD
        for _ in range(2_000):
            sent += 10_000
            yield b"x" * 10_000
            await asyncio.sleep(0)

    if is_announced:
        status, told = await send(maru, HEAD + b"x" * (MOST + MAX_OVERHEAD_BYTES) + PURPOSE + END)
    else:
        try:
            status, told = await send(maru, endless())
        except aiohttp.ClientError:  # the server may close before the client has stopped sending
            status, told = 413, {"error": {"code": "file_too_large"}}
        assert sent < 20_000_000
    assert (status, told["error"]["code"]) == (413, "file_too_large")
    status, told = await upload(maru, b"x" * (MOST + 1))
    assert (status, told["error"]["code"]) == (413, "file_too_large")
    assert (await maru.store.files_for("user_local", [])) == {}


async def test_all_files_together_are_bounded(maru: InProcess) -> None:
    """Text by its bytes; a deleted file makes room."""
    made = [(await upload(maru, b"x" * MOST))[1]["id"] for _ in range(3)]
    status, told = await upload(maru, b"x")
    assert (status, told["error"]["code"]) == (413, "files_full")
    async with maru.session.delete(f"/v1/files/{made[0]}") as answer:
        assert answer.status == 200
    assert (await upload(maru, b"x"))[0] == 200


async def test_an_image_of_too_many_pixels_is_refused(maru: InProcess) -> None:
    """By the operator's bound."""
    status, told = await upload(maru, image(size=(101, 100)), "a.png")
    assert (status, told["error"]["code"], told["error"]["param"]) == (413, "invalid_file", "file")
    assert "10000 pixels" in told["error"]["message"]


async def test_what_looks_like_a_page_is_saved_and_not_shown(maru: InProcess) -> None:
    """An SVG or a page of somebody's must never run under this address, whatever it says that it is."""
    for content, name in ((b"<svg onload='alert(1)'/>", "a.png"), (b"<script>alert(1)</script>", "a.html")):
        status, made = await upload(maru, content, name)
        assert (status, made["maru:media_type"]) == (200, "text/plain; charset=utf-8")
        async with maru.session.get(f"/v1/files/{made['id']}/content") as answer:
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert answer.headers["content-disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["content-security-policy"]


async def test_no_answer_waits_for_an_image(maru: InProcess) -> None:
    """Decoding happens beside the event loop."""
    photo = image("JPEG", (100, 100))
    uploads = [asyncio.create_task(upload(maru, photo, f"{n}.jpg")) for n in range(12)]
    for _ in range(5):
        async with maru.session.get("/healthz") as answer:
            assert answer.status == 200
    assert {status for status, _ in await asyncio.gather(*uploads)} == {200}
