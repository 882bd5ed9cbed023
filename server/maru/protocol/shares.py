"""Branches that are shown to others by a link (ours), as they come in and as they are sent."""

from typing import Literal

import msgspec
from pydantic import Field

from maru.protocol.incoming import ID_PATTERN, Incoming


class ShareCreate(Incoming):
    """`POST …/shares`; the branch ends with `leaf`, or with the conversation's head."""

    leaf: str | None = Field(default=None, pattern=ID_PATTERN)


class ShareBody(msgspec.Struct, frozen=True, kw_only=True):
    """A share as its owner sees it.

    Attributes:
        path: of the page that shows it, on this server; whoever knows it may read.
        leaf: the last item that is shown.
        title: the beginning of what a person says in it first, as readers see it.
    """

    id: str
    object: Literal["maru.share"] = "maru.share"
    conversation: str
    path: str
    leaf: str
    title: str | None
    created_at: int


class ShareList(msgspec.Struct, frozen=True, kw_only=True):
    """All shares of a person, newest first."""

    object: Literal["list"] = "list"
    data: tuple[ShareBody, ...]


class SharedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What a person or a model said; `pictures` and `files` that are part of it are counted and not shown."""

    role: Literal["user", "assistant"]
    text: str
    pictures: int = 0
    files: int = 0


class SharedBody(msgspec.Struct, frozen=True, kw_only=True):
    """A share as a reader sees it: nothing that says whose it is, or by which model."""

    object: Literal["maru.shared"] = "maru.shared"
    title: str | None
    created_at: int
    messages: tuple[SharedMessage, ...]
