"""Reads files and images in threads of its own, so that no answer waits for a decoder."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from maru.media.data_urls import bytes_in, data_url
from maru.media.errors import MediaError
from maru.media.kinds import picture_format
from maru.media.pictures import PictureBounds, picture_of
from maru.media.texts import text_of

S = TypeVar("S")
T = TypeVar("T")

AT_ONCE = 2  # an image of 50 million pixels takes 200 MB while it is decoded


@dataclass(frozen=True, slots=True)
class Readable:
    """A file as it is kept: text as it came, an image drawn anew.

    Attributes:
        media_type: with the encoding of a text.
        width: of an image, in pixels.
        height: the same.
    """

    data: bytes
    media_type: str
    width: int | None = None
    height: int | None = None

    @property
    def is_picture(self) -> bool:
        """Whether it is an image."""
        return self.width is not None


class Reader:
    """One per process; starts its threads at the first file."""

    def __init__(self, bounds: PictureBounds) -> None:
        """Hold images within these bounds."""
        self._bounds = bounds
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="media")

    async def file(self, data: bytes) -> Readable:
        """A file that came in, as it is kept.

        Raises:
            MediaError: it is neither text nor an image that can be read.
        """
        return await self._in_thread(_readable, data)

    async def inline_file(self, written: str) -> Readable:
        """The same of a file in a `data:` URL or in Base64.

        Raises:
            MediaError: it is neither text nor an image that can be read.
        """
        return await self._in_thread(_inline_readable, written)

    async def inline_picture(self, written: str) -> str:
        """An image in a `data:` URL, drawn anew, as another.

        Raises:
            MediaError: it is none that can be read.
        """
        return await self._in_thread(_redrawn, written)

    async def inline_text(self, written: str) -> str:
        """What a file says that is in a `data:` URL or in Base64.

        Raises:
            MediaError: it is no text.
        """
        return await self._in_thread(_inline_text, written)

    async def text(self, data: bytes) -> str:
        """What a file says that was kept as text.

        Raises:
            MediaError: it is no text.
        """
        return await self._in_thread(_text, data)

    async def data_url(self, data: bytes, media_type: str) -> str:
        """An image that was kept, for an engine."""
        return await asyncio.to_thread(data_url, data, media_type)

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_thread(self, work: Callable[[S, PictureBounds], T], given: S) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, given, self._bounds)


def _readable(data: bytes, bounds: PictureBounds) -> Readable:
    if picture_format(data) is not None:
        picture = picture_of(data, bounds)
        return Readable(picture.data, picture.media_type, picture.width, picture.height)
    return Readable(data, f"text/plain; charset={text_of(data).encoding}")


def _inline_readable(written: str, bounds: PictureBounds) -> Readable:
    return _readable(bytes_in(written), bounds)


def _redrawn(written: str, bounds: PictureBounds) -> str:
    picture = picture_of(bytes_in(written), bounds)
    return data_url(picture.data, picture.media_type)


def _inline_text(written: str, bounds: PictureBounds) -> str:
    return _text(bytes_in(written), bounds)


def _text(data: bytes, _bounds: PictureBounds) -> str:
    if picture_format(data) is not None:
        raise MediaError("it is an image. Send it as 'input_image'.")
    return text_of(data).text
