"""Texts and images are read apart."""

import asyncio
import base64
from collections.abc import AsyncGenerator

import pytest

from maru.media import pictures
from maru.media.pictures import LARGE_PIXELS, PictureBounds
from maru.media.reader import PICTURES_AT_ONCE, Reader
from maru.media.texts import Text, text_of
from support.files import data_url, image


@pytest.fixture
async def reader() -> AsyncGenerator[Reader]:
    """A reader of this test alone."""
    made = Reader(PictureBounds())
    yield made
    made.close()


async def test_a_text_waits_for_no_image(reader: Reader) -> None:
    """Large images are decoded one at a time, and may take all threads of images meanwhile."""
    large = image(size=(4001, LARGE_PIXELS // 4000), mode="L", color=128)
    with pictures._one_large:
        drawing = [asyncio.create_task(reader.file(large)) for _ in range(PICTURES_AT_ONCE)]
        inline = asyncio.create_task(reader.inline_picture(data_url(large)))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(20):
            plain = base64.b64encode(b"words").decode()
            assert (await reader.file(b"words")).data == b"words"
            assert (await reader.inline_file(plain)).data == b"words"
            assert await reader.words("a.txt", b"words") == 'File "a.txt":\n```\nwords\n```'
            assert await reader.inline_words("a.txt", plain) == 'File "a.txt":\n```\nwords\n```'
            await reader.check_inline_text(plain)
        assert not any(task.done() for task in (*drawing, inline))
    await asyncio.gather(*drawing)
    await inline


async def test_a_text_that_was_looked_at_is_decoded_once(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each text of a request is looked at as it comes in, and shown right after that."""
    decoded: list[bytes] = []

    def counted(data: bytes) -> Text:
        decoded.append(data)
        return text_of(data)

    monkeypatch.setattr("maru.media.reader.text_of", counted)
    plain = base64.b64encode(b"words").decode()
    await reader.check_inline_text(plain)
    for _ in range(2):
        assert await reader.inline_words("a.txt", plain) == 'File "a.txt":\n```\nwords\n```'
    assert len(decoded) == 2  # the second time it is shown, nothing is kept any more


async def test_few_decoded_texts_are_kept(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests that are refused after the look at their files leave no pile behind."""
    monkeypatch.setattr("maru.media.reader.MOST_AHEAD_CHARS", 40)
    for text in (b"first words", b"second word", b"x" * 100):
        await reader.check_inline_text(base64.b64encode(text).decode())
    assert reader._ahead == {}
    for text in (b"first words", b"second word"):
        await reader.check_inline_text(base64.b64encode(text).decode())
    assert list(reader._ahead.values()) == ["second word"]


async def test_few_short_texts_are_kept(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that are kept are counted at each new one, on the event loop."""
    monkeypatch.setattr("maru.media.reader.MOST_AHEAD", 2)
    for text in (b"a", b"b", b"c"):
        await reader.check_inline_text(base64.b64encode(text).decode())
    assert list(reader._ahead.values()) == ["b", "c"]
