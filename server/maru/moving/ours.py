"""Conversations that Maru itself exported, here or elsewhere."""

from typing import Any

import msgspec

from maru.moving.found import Found, FoundItem, UnreadableError
from maru.protocol.bodies import Place
from maru.protocol.conversation_requests import ConversationUpdate
from maru.protocol.errors import ApiError
from maru.protocol.exports import CONVERSATION, ExportedConversation
from maru.protocol.folders import FolderUpdate
from maru.protocol.items import Compaction, Item
from maru.protocol.requests import parse

SOURCE = "maru"


def is_ours(record: dict[str, Any]) -> bool:
    """Whether this is a conversation as Maru exports it."""
    return record.get("object") == CONVERSATION


def read_ours(record: dict[str, Any]) -> Found:
    """The conversation.

    Raises:
        UnreadableError: it is damaged, or of a later version of Maru.
    """
    try:
        exported = msgspec.convert(record, ExportedConversation)
        items = tuple(_item(item) for item in exported.items)
        parse(ConversationUpdate, {"metadata": exported.metadata, "maru:title": exported.title or None})
        if exported.folder:
            parse(FolderUpdate, {"name": exported.folder})
    except msgspec.ValidationError as error:
        raise UnreadableError(str(error)) from error
    except ApiError as error:
        raise UnreadableError(error.message) from error
    items, head, notes = _without_compactions(items, exported.head)
    return Found(
        source=SOURCE,
        source_id=exported.id,
        title=exported.title or None,
        created_at=exported.created_at,
        updated_at=exported.updated_at,
        head=head,
        items=items,
        responses=exported.responses,
        metadata=exported.metadata,
        is_pinned=exported.is_pinned,
        is_archived=exported.is_archived,
        folder=exported.folder or None,
        summaries=exported.summaries,
        feedback=exported.feedback,
        notes=notes,
    )


def _item(raw: dict[str, Any]) -> FoundItem:
    item: Item = msgspec.convert(raw, Item)
    place = msgspec.convert(raw, Place)
    return FoundItem(item.id, place.parent, item, place.created_at, place.response, place.is_pinned)


def _without_compactions(
    items: tuple[FoundItem, ...], head: str | None
) -> tuple[tuple[FoundItem, ...], str | None, tuple[str, ...]]:
    """What is sealed opens only on the server and for the person it was made for: what hangs below it moves up."""
    up = {one.key: one.parent for one in items if isinstance(one.item, Compaction)}
    if not up:
        return items, head, ()

    def above(key: str | None) -> str | None:
        passed: set[str] = set()
        while key in up and key not in passed:
            passed.add(key)
            key = up[key]
        return key

    kept = tuple(
        FoundItem(one.key, above(one.parent), one.item, one.created_at, one.response, one.is_pinned)
        for one in items
        if one.key not in up
    )
    return kept, above(head), (f"{len(up)} sealed summaries were left out: they open on their own server only",)
