"""`POST /v1/import` (ours): a file with conversations of any program that is known; told record by record."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated, BinaryIO, cast

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response as HttpResponse
from fastapi.responses import StreamingResponse
from msgspec.json import Encoder
from starlette.types import Receive, Scope, Send

from maru.api.caller import Owner
from maru.api.exports import NEVER_KEPT
from maru.api.rooms import Rooms, rooms_of
from maru.moving.arrivals import Arrival, arrivals
from maru.moving.keeping import Keeping
from maru.moving.pending import Pending
from maru.protocol.errors import ApiError
from maru.protocol.imports import ImportRecord, ImportReport, Outcome
from maru.store.base import StoreError, StoreFullError

MOST_BYTES = 4 * 2**30
WRITTEN_AT_ONCE = 2**20

router = APIRouter()
_encode = Encoder().encode


@router.post("/v1/import")
async def import_(
    request: Request, owner: Owner, name: Annotated[str, Query(max_length=200)] = "upload"
) -> HttpResponse:
    """Take in all conversations of the file that is the body; one file of a person at a time."""
    rooms = rooms_of(request)
    if owner in rooms.importing:
        raise _busy()
    rooms.importing.add(owner)
    try:
        upload = await _received(request, rooms)
    except BaseException:
        rooms.importing.discard(owner)
        raise
    return _Report(rooms, owner, upload, name)


class _Report(StreamingResponse):
    """Takes the file in while it is sent; however that ends, and if it never begins, the next file may come."""

    def __init__(self, rooms: Rooms, owner: str, upload: BinaryIO, name: str) -> None:
        self._rooms, self._owner, self._upload = rooms, owner, upload
        self._lines = _lines(rooms, owner, upload, name)
        super().__init__(self._lines, media_type="application/x-ndjson", headers=NEVER_KEPT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, as an ASGI application."""
        try:
            async with aclosing(self._lines):
                await super().__call__(scope, receive, send)
        finally:
            self._upload.close()
            self._rooms.importing.discard(self._owner)


async def _received(request: Request, rooms: Rooms) -> BinaryIO:
    """The body, on the disk of the data and under no name."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large()
    folder = rooms.settings.data_dir
    upload = cast("BinaryIO", tempfile.TemporaryFile(dir=folder if folder.is_dir() else None))  # noqa: SIM115 (read later)
    try:
        size = 0
        async for piece in _pieces(request):
            size += len(piece)
            await asyncio.to_thread(_write, upload, piece, size)
    except OSError as error:
        upload.close()
        raise StoreFullError(f"the upload cannot be written: {error.strerror}") from error
    except BaseException:
        upload.close()
        raise
    return upload


async def _pieces(request: Request) -> AsyncGenerator[bytes]:
    """The body in pieces for each of which a thread is worth while."""
    waiting = bytearray()
    async for chunk in request.stream():
        waiting += chunk
        if len(waiting) >= WRITTEN_AT_ONCE:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _write(upload: BinaryIO, piece: bytes, size: int) -> None:
    if size > MOST_BYTES:
        raise _too_large()
    upload.write(piece)


async def _lines(rooms: Rooms, owner: str, upload: BinaryIO, name: str) -> AsyncGenerator[bytes]:
    counts: Counter[Outcome] = Counter()
    try:
        size = upload.seek(0, 2)
        upload.seek(0)
        now = rooms.now()
        pending = Pending(rooms.settings.data_dir, most_file_bytes=rooms.settings.max_file_bytes)
        most_bytes = rooms.settings.max_files_bytes
        keeping = Keeping(rooms.store, rooms.reader, owner, pending, most_bytes=most_bytes, now=now)
        coming = arrivals(rooms.store, owner, upload, keeping=keeping, name=name, size=size, now=now)
        async with aclosing(coming):
            async for arrival in coming:
                yield _line(arrival, counts)
    except StoreError as error:
        yield _line(Arrival(name, 0, "failed", 1.0, why="stopped", detail=str(error)), counts)
    sums = ImportReport(imported=counts["imported"], skipped=counts["skipped"], failed=counts["failed"])
    yield _encode(sums) + b"\n"


def _line(arrival: Arrival, counts: Counter[Outcome]) -> bytes:
    counts[arrival.outcome] += 1
    record = ImportRecord(
        file=arrival.file,
        number=arrival.number,
        outcome=arrival.outcome,
        share=arrival.share,
        title=arrival.title,
        source=arrival.source,
        conversation=arrival.conversation_id,
        why=arrival.why,
        detail=arrival.detail,
    )
    return _encode(record) + b"\n"


def _busy() -> ApiError:
    message = "A file of yours is being imported. Wait for its end, then send the next one."
    return ApiError(429, message, code="import_running", type_="rate_limit_error", retry_after_s=5)


def _too_large() -> ApiError:
    return ApiError(413, f"The file is larger than {MOST_BYTES} bytes. Import its parts.", code="body_too_large")
