"""Rows of the database as the data of the seam."""

from collections.abc import Iterable
from typing import Any

import msgspec

from maru.protocol.items import decode_item
from maru.store.base import Conversation, StoredItem, StoredResponse
from maru.store.people import ApiKey, User
from maru.store.sql.schema import api_keys, conversations, items, responses, users

Columns = Iterable[Any]

USER = (users.c.id, users.c.name, users.c.created_at, users.c.is_local_owner)
KEY = (
    api_keys.c.id,
    api_keys.c.owner_id,
    api_keys.c.name,
    api_keys.c.prefix,
    api_keys.c.created_at,
    api_keys.c.last_used_at,
    api_keys.c.revoked_at,
)
CONVERSATION = (
    conversations.c.id,
    conversations.c.created_at,
    conversations.c.updated_at,
    conversations.c.title,
    conversations.c.metadata,
    conversations.c.head_id,
    conversations.c.is_pinned,
    conversations.c.archived_at,
    conversations.c.folder_id,
)
ITEM = (
    items.c.payload,
    items.c.parent_id,
    items.c.conversation_id,
    items.c.response_id,
    items.c.created_at,
    items.c.is_pinned,
)
RESPONSE = (
    responses.c.id,
    responses.c.status,
    responses.c.model,
    responses.c.created_at,
    responses.c.body,
    responses.c.conversation_id,
    responses.c.previous_response_id,
    responses.c.input_leaf_id,
    responses.c.output_leaf_id,
    responses.c.server_id,
    responses.c.is_stop_asked,
    responses.c.is_streamed,
)


def user_of(row: Columns) -> User:
    """User from the columns `USER`."""
    return User(*row)


def key_of(row: Columns) -> ApiKey:
    """Key from the columns `KEY`."""
    return ApiKey(*row)


def conversation_of(row: Columns) -> Conversation:
    """Conversation from the columns `CONVERSATION`."""
    id_, created_at, updated_at, title, metadata, head_id, is_pinned, archived_at, folder_id = row
    return Conversation(
        id_,
        created_at,
        updated_at,
        title,
        msgspec.json.decode(metadata, type=dict[str, str]),
        head_id,
        is_pinned=is_pinned is True,
        is_archived=archived_at is not None,
        folder_id=folder_id,
    )


def metadata_text(metadata: dict[str, str]) -> str:
    """A conversation's metadata as it is kept."""
    return msgspec.json.encode(metadata).decode()


def item_of(row: Columns) -> StoredItem:
    """Item from the columns `ITEM`."""
    payload, parent_id, conversation_id, response_id, created_at, is_pinned = row
    item = decode_item(payload)
    return StoredItem(item, parent_id, conversation_id, response_id, created_at, is_pinned=is_pinned is True)


def response_of(row: Columns) -> StoredResponse:
    """Response from the columns `RESPONSE`."""
    id_, status, model, created_at, body, conversation_id, previous_response_id, *rest = row
    input_leaf_id, output_leaf_id, server_id, is_stop_asked, is_streamed = rest
    return StoredResponse(
        id=id_,
        status=status,
        model=model,
        created_at=created_at,
        body=body.encode(),
        conversation_id=conversation_id,
        previous_response_id=previous_response_id,
        input_leaf_id=input_leaf_id,
        output_leaf_id=output_leaf_id,
        server_id=server_id,
        is_stop_asked=is_stop_asked is not None,
        is_streamed=is_streamed is not False,
    )
