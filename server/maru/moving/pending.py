"""Files of an export of ours, on the disk and under no name, until a conversation that refers to them comes in."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

from maru.media.names import plain_name
from maru.protocol.exports import ExportedFile

MOST_FILES = 50_000
MOST_BYTES = 4 * 2**30
"""As much as an upload may have."""


class RefusedError(Exception):
    """A file, or a piece of one, is not taken in; the message says more.

    Attributes:
        why: as an import tells it.
    """

    def __init__(self, why: Literal["damaged", "too_large", "not_kept"], message: str) -> None:
        """Say why."""
        super().__init__(message)
        self.why: Literal["damaged", "too_large", "not_kept"] = why


@dataclass(frozen=True, slots=True)
class PendingFile:
    """A file that came in.

    Attributes:
        start: where its bytes begin among all.
        size: of what is there of it, in bytes.
        came: how many of its pieces are there.
    """

    name: str
    start: int
    size: int
    came: int
    pieces: int
    is_refused: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return self.came == self.pieces and not self.is_refused


class Pending:
    """Takes files piece by piece, and gives them back; one call at a time, from any thread."""

    def __init__(self, folder: Path | None, *, most_file_bytes: int) -> None:
        """Write into a folder, or where the system writes what is not kept."""
        self._folder = folder
        self._most_file_bytes = most_file_bytes
        self._files: dict[str, PendingFile] = {}
        self._last: str | None = None
        self._written: IO[bytes] | None = None
        self._size = 0

    def add(self, record: ExportedFile) -> None:
        """Take a file, or the next piece of one; the same file again is passed over.

        Raises:
            RefusedError: it does not come in; those before it are not harmed.
        """
        there = self._files.get(record.id)
        if there is not None and (there.is_whole or there.is_refused):
            return
        if there is None:
            if len(self._files) >= MOST_FILES:
                raise RefusedError("too_large", f"it is a file more than the {MOST_FILES} that are taken")
            name = plain_name(record.filename)
            there = PendingFile(name, self._size, 0, 0, record.pieces)
        elif self._last != record.id:
            raise self._refused(record.id, there, "damaged", "other files stand between its pieces")
        if (record.piece, record.pieces) != (there.came + 1, there.pieces):
            raise self._refused(record.id, there, "damaged", "a piece of it is missing")
        size = there.size + len(record.content)
        if size > self._most_file_bytes:
            raise self._refused(record.id, there, "too_large", f"a file may have {self._most_file_bytes} bytes")
        if self._size + len(record.content) > MOST_BYTES:
            raise self._refused(record.id, there, "too_large", f"all files may have {MOST_BYTES} bytes")
        try:
            self._write(record.content)
        except OSError as error:
            raise self._refused(record.id, there, "not_kept", str(error.strerror)) from error
        self._files[record.id] = replace(there, size=size, came=record.piece)
        self._last = record.id

    def name_of(self, file_id: str) -> str | None:
        """What a file is called; None: it is not here, or not all of it."""
        there = self._files.get(file_id)
        return there.name if there is not None and there.is_whole else None

    def content_of(self, file_id: str) -> bytes:
        """The bytes of a file that is here."""
        there = self._files[file_id]
        if self._written is None:
            return b""
        self._written.seek(there.start)
        return self._written.read(there.size)

    def close(self) -> None:
        """Forget all files."""
        if self._written is not None:
            self._written.close()
        self._files, self._last, self._written, self._size = {}, None, None, 0

    def _write(self, content: bytes) -> None:
        if self._written is None:
            folder = self._folder if self._folder is not None and self._folder.is_dir() else None
            self._written = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 (read later)
        self._written.seek(self._size)
        self._written.write(content)
        self._written.flush()
        self._size += len(content)

    def _refused(
        self, file_id: str, there: PendingFile, why: Literal["damaged", "too_large", "not_kept"], message: str
    ) -> RefusedError:
        self._files[file_id] = replace(there, is_refused=True)
        return RefusedError(why, f"the file {there.name!r}: {message}")
