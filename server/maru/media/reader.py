"""Reads files and images in threads of its own, so that no answer waits for a decoder."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TypeVar

from maru.media.data_urls import bytes_in, data_url
from maru.media.errors import MediaError
from maru.media.kinds import picture_format
from maru.media.pictures import PictureBounds, picture_of
from maru.media.texts import file_words, kept_text, text_of

T = TypeVar("T")

MOST_AHEAD_CHARS = 64 * 2**20
"""Of texts that were looked at when they came in, and are kept decoded until a model is shown them."""
MOST_AHEAD = 256
"""Such texts, however short: each new one has all of them counted."""
PICTURES_AT_ONCE = 2  # one of 50 million pixels takes 200 MB while it is decoded


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
    """One per process; starts its threads at the first file. Texts have one of their own and wait for no image."""

    def __init__(self, bounds: PictureBounds) -> None:
        """Hold images within these bounds."""
        self._bounds = bounds
        self._pictures = ThreadPoolExecutor(PICTURES_AT_ONCE, thread_name_prefix="pictures")
        self._texts = ThreadPoolExecutor(1, thread_name_prefix="texts")
        self._ahead: dict[str, str] = {}

    async def file(self, data: bytes) -> Readable:
        """A file that came in, as it is kept.

        Raises:
            MediaError: it is neither text nor an image that can be read.
        """
        if picture_format(data) is not None:
            return await _done(self._pictures, partial(_readable_picture, data, self._bounds))
        return await _done(self._texts, partial(_readable_text, data))

    async def inline_file(self, written: str) -> Readable:
        """The same of a file in a `data:` URL or in Base64.

        Raises:
            MediaError: it is neither text nor an image that can be read.
        """
        return await self.file(await _done(self._texts, partial(bytes_in, written)))

    async def inline_picture(self, written: str) -> str:
        """An image in a `data:` URL, drawn anew, as another.

        Raises:
            MediaError: it is none that can be read.
        """
        return await _done(self._pictures, partial(_redrawn, written, self._bounds))

    async def check_inline_text(self, written: str) -> None:
        """Look at a file in a `data:` URL or in Base64.

        Raises:
            MediaError: it is no text.
        """
        self._keep_ahead(written, await _done(self._texts, partial(_inline_text, written)))

    async def inline_words(self, name: str | None, written: str) -> str:
        """The same file as a model is shown it.

        Raises:
            MediaError: it is no text.
        """
        text = self._ahead.pop(written, None)
        if text is None:
            return await _done(self._texts, partial(_inline_words, name, written))
        return await _done(self._texts, partial(file_words, name, text))

    async def words(self, name: str, data: bytes) -> str:
        """A file that was kept as text, as a model is shown it.

        Raises:
            MediaError: it is no text.
        """
        return await _done(self._texts, partial(_words, name, data))

    async def data_url(self, data: bytes, media_type: str) -> str:
        """An image that was kept, for an engine."""
        return await asyncio.to_thread(data_url, data, media_type)

    def close(self) -> None:
        """Begin nothing more."""
        self._ahead.clear()
        for threads in (self._pictures, self._texts):
            threads.shutdown(wait=False, cancel_futures=True)

    def _keep_ahead(self, written: str, text: str) -> None:
        """What comes in is shown next, as a rule: once more it would be decoded for nothing."""
        self._ahead[written] = text
        chars = sum(map(len, chain.from_iterable(self._ahead.items())))
        while chars > MOST_AHEAD_CHARS or len(self._ahead) > MOST_AHEAD:
            oldest = next(iter(self._ahead))
            chars -= len(oldest) + len(self._ahead.pop(oldest))


async def _done(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)


def _readable_picture(data: bytes, bounds: PictureBounds) -> Readable:
    picture = picture_of(data, bounds)
    return Readable(picture.data, picture.media_type, picture.width, picture.height)


def _readable_text(data: bytes) -> Readable:
    return Readable(data, f"text/plain; charset={text_of(data).encoding}")


def _redrawn(written: str, bounds: PictureBounds) -> str:
    picture = picture_of(bytes_in(written), bounds)
    return data_url(picture.data, picture.media_type)


def _inline_text(written: str) -> str:
    data = bytes_in(written)
    if picture_format(data) is not None:
        raise MediaError("it is an image. Send it as 'input_image'.")
    return text_of(data).text


def _inline_words(name: str | None, written: str) -> str:
    return file_words(name, _inline_text(written))


def _words(name: str, data: bytes) -> str:
    return file_words(name, kept_text(data))
