"""One file out of a `multipart/form-data` body, without believing anything that it says."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from maru.media.names import plain_name
from maru.protocol.errors import ApiError, invalid
from maru.store.files import Purpose

MAX_FIELDS = 16
MAX_FIELD_BYTES = 4096
MAX_OVERHEAD_BYTES = 64 * 1024  # of the form around the file
UPLOADED_WITHIN_S = 900.0  # 20 MiB at 200 kbit/s
_PURPOSES = frozenset({"user_data", "vision"})
_KNOWN = frozenset({"file", "purpose", "maru:goes_with_chat"})


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client sent; `name` is one line and no path."""

    name: str
    purpose: Purpose
    content: bytes
    goes_with_chat: bool


async def received(request: Request, max_bytes: int) -> Upload:
    """The file and what is said of it; on the disk while it comes in.

    Raises:
        ApiError: the form is broken, says something that cannot be honoured, or the file is too large or too slow.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "multipart/form-data":
        raise invalid("Send the file as 'multipart/form-data', in the field 'file'.", "file")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes + MAX_OVERHEAD_BYTES:
        raise _too_large(max_bytes)
    parser = MultiPartParser(
        request.headers,
        _bounded(request, max_bytes),
        max_files=1,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        async with asyncio.timeout(UPLOADED_WITHIN_S):
            form = await parser.parse()
        return await _upload(form, max_bytes)
    except TimeoutError as error:
        message = f"The file did not come within {UPLOADED_WITHIN_S:.0f} s."
        raise ApiError(400, message, code="upload_timeout") from error
    except MultiPartException as error:
        raise invalid(f"The form cannot be read: {error.message}", "file") from error
    finally:
        # Of a form that breaks off in a file, the file is in no form that could be closed.
        for spooled in parser._files_to_close_on_error:  # noqa: SLF001
            spooled.close()


async def _bounded(request: Request, max_bytes: int) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes + MAX_OVERHEAD_BYTES:
            raise _too_large(max_bytes)
        yield chunk


async def _upload(form: FormData, max_bytes: int) -> Upload:
    for name in form:
        if name not in _KNOWN:
            message = f"The field {name!r} means nothing here. Leave it out."
            raise invalid(message, name[:64], "unsupported_parameter")
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise ApiError(400, "Missing required parameter: 'file'.", code="missing_required_parameter", param="file")
    purpose = form.get("purpose")
    if purpose not in _PURPOSES:
        raise invalid("'purpose' is 'user_data' or 'vision'.", "purpose")
    goes = form.get("maru:goes_with_chat", "false")
    if goes not in {"true", "false"}:
        raise invalid("'maru:goes_with_chat' is 'true' or 'false'.", "maru:goes_with_chat")
    content = await file.read()
    if len(content) > max_bytes:
        raise _too_large(max_bytes)
    if not content:
        raise invalid("The file is empty. Send one that holds something.", "file")
    # Browsers write a quotation mark so, and nothing else that may stand in a name.
    name = plain_name((file.filename or "").replace("%22", '"'))
    return Upload(name, cast("Purpose", purpose), content, goes_with_chat=goes == "true")


def _too_large(max_bytes: int) -> ApiError:
    message = f"The file is larger than {max_bytes} bytes. Send a smaller one."
    return ApiError(413, message, code="file_too_large", param="file")
