"""Conversations as they leave: one, or all of a person's, one after the other."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import msgspec

from maru.media.data_urls import data_url
from maru.moving.bodies import feedback_body, prompt_version_body, summary_body
from maru.protocol.bodies import Place
from maru.protocol.exports import (
    EndedStatus,
    ExportedConversation,
    ExportedCustom,
    ExportedPrompt,
    ExportedResponse,
    ExportHeader,
    encode,
)
from maru.protocol.response import Response, decode_response
from maru.store.base import NotFoundError, Store, StoredItem, StoredResponse
from maru.store.custom import CustomInstructions
from maru.store.paging import PageQuery

PAGE = 100
_HOLDER = {"input_image": "image_url", "input_file": "file_data"}


async def exported(store: Store, owner: str, conversation_id: str) -> ExportedConversation:
    """All of one conversation.

    Raises:
        NotFoundError: the owner has no such conversation.
    """
    conversation = await store.conversation_for(owner, conversation_id)
    items = await store.tree_for(owner, conversation_id)
    responses = await store.responses_of(owner, conversation_id)
    summaries = await store.summaries_of(owner, conversation_id)
    feedback = await store.feedback_of(owner, conversation_id)
    folder = await _folder(store, owner, conversation.folder_id)

    def put_together() -> ExportedConversation:
        ended = [one for one in responses if not one.is_running]
        ids = {response.id for response in ended}
        return ExportedConversation(
            id=conversation.id,
            title=conversation.title,
            created_at=conversation.created_at,
            updated_at=conversation.updated_at,
            metadata=conversation.metadata,
            head=conversation.head_id,
            is_pinned=conversation.is_pinned,
            is_archived=conversation.is_archived,
            folder=folder,
            items=tuple(_item(stored, ids) for stored in items),
            responses=tuple(map(_response, ended)),
            summaries=tuple(map(summary_body, summaries)),
            feedback=feedback_body(feedback),
        )

    # A long one takes tenths of a second, in which no answer would move.
    return await asyncio.to_thread(put_together)


async def export_bytes(store: Store, owner: str, conversation_id: str) -> bytes:
    """All of one conversation as JSON.

    Raises:
        NotFoundError: the owner has no such conversation.
    """
    there = await exported(store, owner, conversation_id)
    return await asyncio.to_thread(encode, await _with_files(store, owner, there))


async def _with_files(store: Store, owner: str, there: ExportedConversation) -> ExportedConversation:
    """The same with the bytes of its files in their places, as long as they are there."""
    ids = dict.fromkeys(part["file_id"] for item in there.items for part in _parts(item) if part.get("file_id"))
    content: dict[str, str] = {}
    for file in (await store.files_for(owner, tuple(ids))).values():
        with contextlib.suppress(NotFoundError):
            found = await store.content_of_file(owner, file.id)
            content[file.id] = await asyncio.to_thread(data_url, found, file.media_type.partition(";")[0])
    if not content:
        return there
    return msgspec.structs.replace(there, items=tuple(_filled(item, content) for item in there.items))


def _filled(item: dict[str, Any], content: Mapping[str, str]) -> dict[str, Any]:
    parts = [
        {**part, _HOLDER[part["type"]]: content[part["file_id"]]} if part.get("file_id") in content else part
        for part in _parts(item)
    ]
    return {**item, _place_of_parts(item): parts} if parts else item


def _parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    parts: object = item.get(_place_of_parts(item))
    return cast("list[dict[str, Any]]", parts) if isinstance(parts, list | tuple) else []


def _place_of_parts(item: dict[str, Any]) -> str:
    return "output" if item["type"] == "function_call_output" else "content"


async def export_lines(store: Store, owner: str, *, now: int) -> AsyncGenerator[bytes]:
    """All conversations of a person as JSON lines, with no more than one in memory; those deleted meanwhile are not."""
    yield encode(ExportHeader(created_at=now)) + b"\n"
    async for line in _kept_for_all(store, owner):
        yield line + b"\n"
    # All ids first: conversations that change meanwhile would change their place in the list.
    for id_ in await _ids(store, owner):
        with contextlib.suppress(NotFoundError):
            yield await export_bytes(store, owner, id_) + b"\n"


async def _kept_for_all(store: Store, owner: str) -> AsyncGenerator[bytes]:
    """Custom instructions, where there are some, and prompts."""
    custom = await store.custom_instructions_of(owner)
    if custom != CustomInstructions():
        yield encode(ExportedCustom(enabled=custom.is_on, about=custom.about, style=custom.style))
    for prompt in await store.prompts_of(owner):
        with contextlib.suppress(NotFoundError):
            versions = reversed(await store.prompt_versions_of(owner, prompt.id))
            bodies = tuple(map(prompt_version_body, versions))
            yield encode(ExportedPrompt(created_at=prompt.created_at, versions=bodies))


async def _ids(store: Store, owner: str) -> list[str]:
    found: list[str] = []
    has_more, last = True, None
    while has_more:
        page, has_more = await store.conversations_of(owner, PageQuery(PAGE, "asc", last))
        found += [conversation.id for conversation in page]
        last = page[-1].id if page else None
    return found


async def _folder(store: Store, owner: str, folder_id: str | None) -> str | None:
    if folder_id is None:
        return None
    return next((folder.name for folder in await store.folders_of(owner) if folder.id == folder_id), None)


def _item(stored: StoredItem, ended: set[str]) -> dict[str, Any]:
    place = Place(
        parent=stored.parent_id,
        response=stored.response_id if stored.response_id in ended else None,
        is_pinned=stored.is_pinned,
        created_at=stored.created_at,
    )
    body: dict[str, Any] = msgspec.to_builtins(stored.item)
    return {**body, **msgspec.to_builtins(place)}


def _response(stored: StoredResponse) -> ExportedResponse:
    body: Response | None = None
    with contextlib.suppress(msgspec.MsgspecError):
        body = decode_response(stored.body)
    return ExportedResponse(
        id=stored.id,
        status=msgspec.convert(stored.status, EndedStatus),
        model=stored.model,
        created_at=stored.created_at,
        completed_at=None if body is None else body.completed_at,
        error=None if body is None else body.error,
        incomplete_details=None if body is None else body.incomplete_details,
        usage=None if body is None else body.usage,
        timing=None if body is None else body.maru_timing,
        input_leaf=stored.input_leaf_id,
        output_leaf=stored.output_leaf_id,
    )
