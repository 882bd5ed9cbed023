"""What `/v1/folders` takes and gives. Parsed like every request: see `requests.py`."""

import unicodedata
from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from maru.protocol.incoming import Incoming

MAX_FOLDERS = 200
MAX_NAME_CHARS = 80

_UNSEEN = frozenset({"Cf", "Zs"})


def _one_line(name: str) -> str:
    kinds = {unicodedata.category(character) for character in name}
    if kinds & {"Cc", "Zl", "Zp", "Cs"} or kinds <= _UNSEEN:
        raise PydanticCustomError("value_error", "A name is one line that shows something")
    return name


FolderName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_NAME_CHARS),
    AfterValidator(_one_line),
]


class FolderCreate(Incoming):
    """`POST /v1/folders`."""

    name: FolderName


class FolderUpdate(Incoming):
    """`POST /v1/folders/{id}`."""

    name: FolderName


class FolderBody(msgspec.Struct, frozen=True, kw_only=True):
    """A name under which conversations lie."""

    id: str
    object: Literal["maru.folder"] = "maru.folder"
    name: str
    created_at: int


class FolderList(msgspec.Struct, frozen=True, kw_only=True):
    """All folders, in the order of making."""

    object: Literal["list"] = "list"
    data: tuple[FolderBody, ...]
