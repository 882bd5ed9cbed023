"""Pictures of a prompt are weighed by what their files say of themselves, before any of them is decoded."""

import io
import struct
import tracemalloc
import zlib

import pytest
from PIL import Image

from maru_backends.base import ChatMessage, ImagePart
from maru_backends.errors import RequestRefusedError
from maru_backends.local_pictures import MOST_PIXELS_TOGETHER, pictures_in
from support.files import data_url, image

FULL = (2048, 2048)


def _asked(*urls: str) -> list[ChatMessage]:
    return [ChatMessage("user", (ImagePart(url),)) for url in urls]


def _announced(width: int, height: int) -> bytes:
    """The beginning of a PNG that says it is so large."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (struct.pack(">I", 13), header, struct.pack(">I", zlib.crc32(header)), b"\0\0\0\0IDAT")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def test_one_that_stands_there_often_is_decoded_once() -> None:
    """And comes as often as it stands there, in its place."""
    red, blue = data_url(image(color="red")), data_url(image(color="blue"))
    first, second, third, fourth = pictures_in(_asked(red, blue, red, red))
    assert first is third is fourth
    assert (first.getpixel((0, 0)), second.getpixel((0, 0))) == ((255, 0, 0), (0, 0, 255))


@pytest.mark.parametrize("is_one", [True, False])
def test_too_many_pixels_together_are_refused_before_any_is_decoded(*, is_one: bool) -> None:
    """Whether they are one picture, many times, or all different."""
    count = MOST_PIXELS_TOGETHER // (FULL[0] * FULL[1]) + 1
    flat = image(size=FULL, mode="L", color=128)
    urls = [data_url(flat if is_one else flat + bytes([number])) for number in range(count)]
    tracemalloc.start()
    try:
        with pytest.raises(RequestRefusedError, match=f"more than {MOST_PIXELS_TOGETHER} pixels together"):
            pictures_in(_asked(*urls))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * 2**20


@pytest.mark.parametrize("size", [(10_000, 4_001), (10_000, 10_000), (20_000, 20_000)])
def test_one_picture_that_is_too_large_is_refused(size: tuple[int, int]) -> None:
    """Also where Pillow itself warns of it, or takes it for an attack."""
    with pytest.raises(RequestRefusedError, match=r"Image 2 .* more than 40000000 pixels"):
        pictures_in(_asked(data_url(image()), data_url(_announced(*size))))


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "PPM", "ICO"])
def test_only_the_formats_of_images_that_are_sent_are_read(kind: str) -> None:
    """Other decoders of Pillow are not for strangers' bytes."""
    with pytest.raises(RequestRefusedError, match=r"Image 1 .* cannot be read"):
        pictures_in(_asked(data_url(image(kind))))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_the_others_are_read(kind: str) -> None:
    """Each as it looks."""
    data = image(kind)
    (found,) = pictures_in(_asked(data_url(data)))
    assert found.tobytes() == Image.open(io.BytesIO(data)).convert("RGB").tobytes()
