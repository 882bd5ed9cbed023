"""Texts and images are read apart."""

import asyncio
import base64
from collections.abc import AsyncGenerator

import pytest

from maru.media import pictures
from maru.media.pictures import LARGE_PIXELS, PictureBounds
from maru.media.reader import PICTURES_AT_ONCE, Reader
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
