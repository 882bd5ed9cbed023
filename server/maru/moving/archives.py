"""The files of an upload: the one JSON file that it is, or those in a zip, read and never unpacked to the disk.

The name of a file in a zip is shown to the person and is never used as a path.
"""

import re
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from maru.moving.splitting import Readable

MOST_FILES = 50_000
MOST_UNPACKED_BYTES = 16 * 2**30
MOST_RATIO = 150
"""Bytes that a packed byte may become; chats become 3 to 20."""
NO_RATIO_UNDER_BYTES = 16 * 2**20
MOST_DIRECTORY_BYTES = 16 * 2**20
_END, _END_64 = b"PK\x05\x06", b"PK\x06\x06"
_LONGEST_END = 2**16 + 22 + 20 + 56  # comment, end record, and what large archives have before it
_SEE_64 = 2**32 - 1
ENDINGS = (".json", ".jsonl", ".ndjson")


class UnsafeArchiveError(Exception):
    """A zip that is made to do harm, or that cannot be read."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of an upload; `size` in bytes, as it says itself, of `total` of all files that are read."""

    name: str
    size: int
    total: int
    file: Readable


def parts(upload: BinaryIO, name: str, size: int) -> Iterator[Part]:
    """The files that may hold conversations, one after the other; each is closed when the next is asked for.

    Raises:
        UnsafeArchiveError: also while a file is read.
    """
    if not zipfile.is_zipfile(upload):
        upload.seek(0)
        yield Part(name, size, size, upload)
        return
    if _directory_bytes(upload, size) > MOST_DIRECTORY_BYTES:
        raise UnsafeArchiveError("the zip's list of its files is too long")
    upload.seek(0)
    try:
        with zipfile.ZipFile(upload) as archive:
            chosen = _chosen(archive.infolist(), size)
            total = sum(info.file_size for info in chosen)
            for info in chosen:
                with archive.open(info) as file:
                    yield Part(info.filename, info.file_size, total, _Watched(file, info))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise UnsafeArchiveError(f"the zip cannot be read: {error}") from error


def _directory_bytes(upload: BinaryIO, size: int) -> int:
    """Length of the list of files as the zip itself says, which is read whole before anything of it is known."""
    length = min(size, _LONGEST_END)
    upload.seek(size - length)
    end = upload.read(length)
    told = max((one for one in _told(end, _END, 12, 4) if one != _SEE_64), default=0)
    return max(told, *_told(end, _END_64, 40, 8), 0)


def _told(end: bytes, mark: bytes, place: int, length: int) -> list[int]:
    """What is said so far behind each place of the mark, as a comment may hold the mark too."""
    places = (found.start() + place for found in re.finditer(re.escape(mark), end))
    return [int.from_bytes(end[at : at + length], "little") for at in places]


def _chosen(infos: list[zipfile.ZipInfo], size: int) -> list[zipfile.ZipInfo]:
    """Conversations where files are named so, else all JSON."""
    if len(infos) > MOST_FILES:
        raise UnsafeArchiveError(f"the zip holds {len(infos)} files; {MOST_FILES} are taken at most")
    if sum(info.compress_size for info in infos) > size:
        raise UnsafeArchiveError("files of the zip lie over each other")
    if sum(info.file_size for info in infos) > MOST_UNPACKED_BYTES:
        raise UnsafeArchiveError(f"the zip is larger than {MOST_UNPACKED_BYTES} bytes when it is unpacked")
    for info in infos:
        if _is_trick(info):
            raise UnsafeArchiveError(f"the zip holds a file with the path {info.filename[:80]!r}")
    found = [info for info in infos if not info.is_dir() and info.filename.lower().endswith(ENDINGS)]
    named = [info for info in found if _is_of_conversations(PurePosixPath(info.filename.lower()))]
    return sorted(named or found, key=lambda info: info.filename)


def _is_of_conversations(path: PurePosixPath) -> bool:
    return path.name.startswith("conversations") or "conversations" in path.parts[:-1]


def _is_trick(info: zipfile.ZipInfo) -> bool:
    path = info.filename.replace("\\", "/")
    is_link = stat.S_ISLNK(info.external_attr >> 16)
    return path.startswith("/") or ".." in path.split("/") or ":" in path.split("/")[0] or is_link


class _Watched:
    """A file in a zip that may not become much more than it was packed, whatever it says itself."""

    def __init__(self, file: Readable, info: zipfile.ZipInfo) -> None:
        self._file = file
        self._most = max(NO_RATIO_UNDER_BYTES, MOST_RATIO * info.compress_size)
        self._read = 0

    def read(self, size: int, /) -> bytes:
        piece = self._file.read(size)
        self._read += len(piece)
        if self._read > self._most:
            raise UnsafeArchiveError(f"a file of the zip becomes more than {MOST_RATIO} times as large")
        return piece
