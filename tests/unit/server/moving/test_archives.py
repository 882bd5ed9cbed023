"""Zips that are made to do harm are refused before their list of files is read."""

import io
import struct
import zipfile

import pytest

from maru.moving.archives import MOST_DIRECTORY_BYTES, UnsafeArchiveError, parts

LONG = MOST_DIRECTORY_BYTES + 1
SEE_64 = 2**32 - 1


def end_64(directory_bytes: int) -> bytes:
    """The end record of a large archive."""
    return struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, directory_bytes, 0)


def end(directory_bytes: int, comment: bytes = b"") -> bytes:
    """The end record."""
    return struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, directory_bytes, 0, len(comment)) + comment


LOCATOR = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)


@pytest.mark.parametrize(
    "content",
    [
        end(LONG),
        end(LONG, b"comment"),
        end(LONG, end_64(1)),
        end_64(LONG) + LOCATOR + end(SEE_64),
        end_64(LONG) + LOCATOR + end(SEE_64, b"comment"),
        end_64(LONG) + LOCATOR + end(SEE_64, end_64(1)),
        end(int.from_bytes(b"PK\5\6", "little")),
    ],
)
def test_a_long_list_of_files_is_refused(content: bytes) -> None:
    """Whatever else its end says."""
    content = b"x" * 100 + content
    with pytest.raises(UnsafeArchiveError, match="list of its files is too long"):
        next(parts(io.BytesIO(content), "a.zip", len(content)))


def test_a_zip_with_a_comment_is_read() -> None:
    """Also one that looks like the end of a large zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("conversations.json", b"[]")
        archive.comment = end_64(1)
    (name,) = [part.name for part in parts(made, "a.zip", len(made.getvalue()))]
    assert name == "conversations.json"
