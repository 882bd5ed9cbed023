"""What `/v1/files` gives, in the words of OpenAI's Files API."""

from typing import Literal

import msgspec

from maru.protocol.bodies import Deleted, Page


class FileBody(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was uploaded; an image as it was drawn anew, its sides in pixels."""

    id: str
    object: Literal["file"] = "file"
    bytes: int
    created_at: int
    filename: str
    purpose: Literal["user_data", "vision"]
    status: Literal["processed"] = "processed"
    media_type: str = msgspec.field(name="maru:media_type")
    width: int | None = msgspec.field(name="maru:width")
    height: int | None = msgspec.field(name="maru:height")
    goes_with_chat: bool = msgspec.field(name="maru:goes_with_chat")


class FilePage(Page, frozen=True, kw_only=True):
    """One page of files."""

    data: tuple[FileBody, ...]


class FilesDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """Files that are no longer there."""

    object: Literal["list"] = "list"
    data: tuple[Deleted, ...]
