"""One file out of a `multipart/form-data` body, without believing anything that it says."""

import re
import unicodedata
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from maru.protocol.errors import ApiError, invalid
from maru.store.files import Purpose

MAX_FIELDS = 16
MAX_FIELD_BYTES = 4096
MAX_OVERHEAD_BYTES = 64 * 1024  # of the form around the file
MAX_NAME_CHARS = 120
MAX_ENDING_CHARS = 16
UNNAMED = "file"
_PURPOSES = frozenset({"user_data", "vision"})
_KNOWN = frozenset({"file", "purpose", "maru:goes_with_chat"})
_SEPARATORS = re.compile(r"[/\\]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


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
        ApiError: the form is broken, says something that cannot be honoured, or the file is too large.
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
        form = await parser.parse()
    except MultiPartException as error:
        raise invalid(f"The form cannot be read: {error.message}", "file") from error
    try:
        return await _upload(form, max_bytes)
    finally:
        await form.close()


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
    return Upload(plain_name(file.filename or ""), cast("Purpose", purpose), content, goes_with_chat=goes == "true")


def plain_name(raw: str) -> str:
    """The last step of what may be a path, as one line in which everything can be seen, with its ending."""
    # Browsers write a quotation mark so, and nothing else that may stand in a name.
    last = _SEPARATORS.split(raw[-4096:].replace("%22", '"'))[-1]
    shown = "".join(
        character for character in unicodedata.normalize("NFC", last) if unicodedata.category(character) not in _UNSEEN
    )
    name = " ".join(shown.split())
    if len(name) > MAX_NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= MAX_ENDING_CHARS else ""
        name = name[: MAX_NAME_CHARS - len(ending) - 1] + "…" + ending
    return name if name.strip(". ") else UNNAMED


def _too_large(max_bytes: int) -> ApiError:
    message = f"The file is larger than {max_bytes} bytes. Send a smaller one."
    return ApiError(413, message, code="file_too_large", param="file")
