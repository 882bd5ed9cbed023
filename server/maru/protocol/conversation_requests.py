"""Bodies of requests about conversations, as clients send them. Pure data."""

from pydantic import Field, StrictBool

from maru.protocol.incoming import ID_PATTERN, Incoming, Many
from maru.protocol.requests import ItemIn, Metadata


class ItemsRequest(Incoming):
    """New items of a conversation."""

    items: Many[ItemIn] = Field(max_length=20)


class ConversationCreate(Incoming):
    """A new conversation."""

    items: Many[ItemIn] = Field(default=(), max_length=20)
    metadata: Metadata = Field(default_factory=dict)
    title: str | None = Field(default=None, alias="maru:title", max_length=200)


class ConversationFork(Incoming):
    """A new conversation that begins as this one does, up to one of its items."""

    item: str = Field(pattern=ID_PATTERN)
    title: str | None = Field(default=None, alias="maru:title", min_length=1, max_length=200)


class ConversationUpdate(Incoming):
    """Changes to a conversation; what is absent stays."""

    metadata: Metadata | None = None
    title: str | None = Field(default=None, alias="maru:title", min_length=1, max_length=200)
    head: str | None = Field(default=None, alias="maru:head", pattern=ID_PATTERN)
    is_pinned: StrictBool | None = Field(default=None, alias="maru:pinned")
    is_archived: StrictBool | None = Field(default=None, alias="maru:archived")
    folder: str | None = Field(default=None, alias="maru:folder", pattern=ID_PATTERN)
