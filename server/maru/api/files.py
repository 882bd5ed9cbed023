"""`/v1/files`: files that people upload, as OpenAI's Files API has them."""

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response
from maru.api.rooms import rooms_of
from maru.api.uploads import Upload, received
from maru.media.errors import MediaError, TooLargeError
from maru.protocol.bodies import Deleted
from maru.protocol.errors import ApiError
from maru.protocol.files import FileBody, FilePage, FilesDeleted
from maru.store.base import FilesFullError, NotFoundError
from maru.store.files import File, NewFile, Purpose
from maru.store.paging import PageQuery

MOST_AT_ONCE = 16  # of one owner; the page sends up to ten of a chat
MOST_DELETED = 100  # by one request

router = APIRouter(prefix="/v1/files")
# A file never changes under its id. What is sent can never run: a browser believes the type, and saves what is text.
HEADERS = {
    "cache-control": "private, max-age=86400, immutable",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'",
}


@router.post("")
async def upload(request: Request, owner: Owner) -> HttpResponse:
    """Keep a file: text as it comes, an image drawn anew."""
    rooms = rooms_of(request)
    with _turn_of(owner, rooms.uploading):
        return json_response(_body(await _kept(request, owner)))


@router.get("")
async def list_(
    request: Request,
    owner: Owner,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    order: Literal["asc", "desc"] = "desc",
    after: str | None = None,
    purpose: Purpose | None = None,
) -> HttpResponse:
    """One page of files by time of making."""
    page = PageQuery(limit, order, after)
    found, has_more = await rooms_of(request).store.files_of(owner, page, purpose)
    first, last = (found[0].id, found[-1].id) if found else (None, None)
    return json_response(FilePage(data=tuple(map(_body, found)), first_id=first, last_id=last, has_more=has_more))


@router.get("/{file_id}")
async def retrieve(request: Request, owner: Owner, file_id: str) -> HttpResponse:
    """One file, without its bytes."""
    return json_response(_body(await rooms_of(request).store.file_for(owner, file_id)))


@router.get("/{file_id}/content")
async def content(request: Request, owner: Owner, file_id: str) -> HttpResponse:
    """The bytes: an image to be shown, everything else to be saved."""
    store = rooms_of(request).store
    file = await store.file_for(owner, file_id)
    data = await store.content_of_file(owner, file_id)
    headers = {**HEADERS, "content-disposition": _disposition(file), "content-type": file.media_type}
    return HttpResponse(data, headers=headers)


@router.delete("")
async def delete_several(request: Request, owner: Owner, ids: Annotated[list[str], Query(alias="id")]) -> HttpResponse:
    """Forget several files at once (ours); the answer names those that were there."""
    if len(ids) > MOST_DELETED:
        raise ApiError(400, f"No more than {MOST_DELETED} files are deleted at once.", param="id")
    gone: list[Deleted] = []
    for file_id in ids:
        with suppress(NotFoundError):
            await rooms_of(request).store.delete_file(owner, file_id)
            gone.append(Deleted(id=file_id, object="file"))
    return json_response(FilesDeleted(data=tuple(gone)))


@router.delete("/{file_id}")
async def delete(request: Request, owner: Owner, file_id: str) -> HttpResponse:
    """Forget a file; messages that refer to it stay, and say that it is gone."""
    await rooms_of(request).store.delete_file(owner, file_id)
    return json_response(Deleted(id=file_id, object="file"))


async def _kept(request: Request, owner: str) -> File:
    rooms = rooms_of(request)
    sent = await received(request, rooms.settings.max_file_bytes)
    try:
        readable = await rooms.reader.file(sent.content)
    except MediaError as error:
        status = 413 if isinstance(error, TooLargeError) else 400
        message = f"The file {sent.name!r} cannot be used: {error}"
        raise ApiError(status, message, code="invalid_file", param="file") from error
    new = NewFile(
        sent.name,
        sent.purpose,
        readable.media_type,
        readable.data,
        width=readable.width,
        height=readable.height,
        goes_with_chat=sent.goes_with_chat,
    )
    try:
        return await rooms.store.add_file(owner, new, most_bytes=rooms.settings.max_files_bytes, now=rooms.now())
    except FilesFullError as error:
        raise _full(sent, rooms.settings.max_files_bytes) from error


@contextmanager
def _turn_of(owner: str, running: Counter[str]) -> Generator[None]:
    if running[owner] >= MOST_AT_ONCE:
        message = f"{MOST_AT_ONCE} files of yours are coming in. Wait for one of them, then send the next."
        raise ApiError(429, message, code="uploads_running", type_="rate_limit_error", retry_after_s=2)
    running[owner] += 1
    try:
        yield
    finally:
        running[owner] -= 1
        if running[owner] == 0:
            del running[owner]


def _body(file: File) -> FileBody:
    return FileBody(
        id=file.id,
        bytes=file.size_bytes,
        created_at=file.created_at,
        filename=file.name,
        purpose=file.purpose,
        media_type=file.media_type,
        width=file.width,
        height=file.height,
        goes_with_chat=file.goes_with_chat,
    )


def _disposition(file: File) -> str:
    how = "inline" if file.is_picture else "attachment"
    return f"{how}; filename*=UTF-8''{quote(file.name, safe='')}"


def _full(sent: Upload, most_bytes: int) -> ApiError:
    message = (
        f"There is no room for {sent.name!r}: your files may have {most_bytes} bytes together. Delete some, or the "
        "chats that they belong to."
    )
    return ApiError(413, message, code="files_full", param="file")
