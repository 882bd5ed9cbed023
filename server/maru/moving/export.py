"""Conversations as they leave: one, or all of a person's, one after the other."""

import asyncio
import contextlib
import math
from collections.abc import AsyncGenerator
from typing import Any, cast

import msgspec

from maru.moving.bodies import feedback_body, prompt_version_body, summary_body
from maru.protocol.bodies import Place
from maru.protocol.exports import (
    EndedStatus,
    ExportedConversation,
    ExportedCustom,
    ExportedFile,
    ExportedPrompt,
    ExportedResponse,
    ExportHeader,
    encode_line,
)
from maru.protocol.response import Response, decode_response
from maru.store.base import NotFoundError, Store, StoredItem, StoredResponse
from maru.store.custom import CustomInstructions
from maru.store.files import File
from maru.store.paging import PageQuery

PAGE = 100
PIECE_BYTES = 24 * 2**20
"""Of a file in one record: 32 MiB in Base64, half of what is taken in as one."""


async def exported(store: Store, owner: str, conversation_id: str) -> ExportedConversation:
    """All of one conversation.

    Raises:
        NotFoundError: the owner has no such conversation.
    """
    whole = await store.whole_for(owner, conversation_id)
    conversation = whole.conversation
    folder = await _folder(store, owner, conversation.folder_id)

    def put_together() -> ExportedConversation:
        ended = [one for one in whole.responses if not one.is_running]
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
            items=tuple(_item(stored, ids) for stored in whole.items),
            responses=tuple(map(_response, ended)),
            summaries=tuple(map(summary_body, whole.summaries)),
            feedback=feedback_body(whole.feedback),
        )

    # A long one takes tenths of a second, in which no answer would move.
    return await asyncio.to_thread(put_together)


async def conversation_lines(
    store: Store, owner: str, there: ExportedConversation, written: set[str] | None = None
) -> AsyncGenerator[bytes]:
    """The conversation as JSON lines, after its files; no more than one of them is in memory.

    Args:
        store: has it.
        owner: whose it is.
        there: the conversation.
        written: ids of files that stand before it already; those of its own are added.
    """
    written = set() if written is None else written
    ids = tuple(id_ for id_ in files_of(there) if id_ not in written)
    files = await store.files_for(owner, ids)
    for file in (files[id_] for id_ in ids if id_ in files):
        with contextlib.suppress(NotFoundError):
            content = await store.content_of_file(owner, file.id)
            written.add(file.id)
            pieces = max(1, math.ceil(len(content) / PIECE_BYTES))
            for piece in range(1, pieces + 1):
                yield await asyncio.to_thread(_file_line, file, content, piece, pieces)
            del content  # before the next is read
    yield await asyncio.to_thread(encode_line, there)


def files_of(there: ExportedConversation) -> tuple[str, ...]:
    """Ids of the files that it refers to, each once."""
    ids = (part.get("file_id") for item in there.items for part in _parts(item))
    return tuple(dict.fromkeys(str(id_) for id_ in ids if id_))


def _file_line(file: File, content: bytes, piece: int, pieces: int) -> bytes:
    return encode_line(
        ExportedFile(
            id=file.id,
            filename=file.name,
            purpose=file.purpose,
            media_type=file.media_type,
            piece=piece,
            pieces=pieces,
            content=content[(piece - 1) * PIECE_BYTES : piece * PIECE_BYTES],
        )
    )


def _parts(item: dict[str, Any]) -> list[dict[str, Any]]:
    parts: object = item.get("output" if item["type"] == "function_call_output" else "content")
    return cast("list[dict[str, Any]]", parts) if isinstance(parts, list | tuple) else []


async def export_lines(store: Store, owner: str, *, now: int) -> AsyncGenerator[bytes]:
    """All conversations of a person as JSON lines, each file once.

    No more than one conversation or file is in memory; those deleted meanwhile are not in it.
    """
    yield encode_line(ExportHeader(created_at=now))
    async for line in _kept_for_all(store, owner):
        yield line
    written: set[str] = set()
    # All ids first: conversations that change meanwhile would change their place in the list.
    for id_ in await _ids(store, owner):
        try:
            there = await exported(store, owner, id_)
        except NotFoundError:
            continue
        async for line in conversation_lines(store, owner, there, written):
            yield line


async def _kept_for_all(store: Store, owner: str) -> AsyncGenerator[bytes]:
    """Custom instructions, where there are some, and prompts."""
    custom = await store.custom_instructions_of(owner)
    if custom != CustomInstructions():
        yield encode_line(ExportedCustom(enabled=custom.is_on, about=custom.about, style=custom.style))
    for prompt in await store.prompts_of(owner):
        with contextlib.suppress(NotFoundError):
            versions = reversed(await store.prompt_versions_of(owner, prompt.id))
            bodies = tuple(map(prompt_version_body, versions))
            yield encode_line(ExportedPrompt(created_at=prompt.created_at, versions=bodies))


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
