"""JSON in and out of HTTP, the same way for every route."""

import math
from collections.abc import Iterable
from typing import cast

import msgspec
from fastapi import Request
from fastapi.responses import Response as HttpResponse

from maru.protocol.errors import ApiError

MAX_DEPTH = 128
"""Deeper JSON is refused: what is decoded here is validated, written and shown by code that recurses."""
MAX_VALUES = 100_000
"""Objects and lists in one body; to validate a million of them would hold up everybody for many seconds."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


async def read_json(request: Request, max_bytes: int) -> object:
    """The body, decoded.

    Raises:
        ApiError: it is too large, or no JSON.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _too_large(max_bytes)
        chunks.append(chunk)
    return decode_json(b"".join(chunks))


def decode_json(raw: bytes | str) -> object:
    """Decoded JSON.

    Raises:
        ApiError: it is no JSON, and the message says where it breaks; or it is deeper than `MAX_DEPTH`, or
            holds more than `MAX_VALUES`.
    """
    try:
        body = _decode(raw)
    except RecursionError as error:
        raise _too_deep() from error
    except (msgspec.DecodeError, ValueError) as error:
        raise ApiError(400, f"The body is not valid JSON: {error}.", code="invalid_json") from error
    _check_shape(body)
    return body


def json_response(body: object, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """Anything msgspec can encode, or bytes that are JSON already."""
    content = body if isinstance(body, bytes) else _encode(body)
    return HttpResponse(content, status_code=status, media_type="application/json", headers=headers)


def error_response(error: ApiError) -> HttpResponse:
    """The error body, with the headers that tell SDKs whether and when to try again."""
    may_succeed_later = error.status in {429, 503} and not error.is_final
    headers = {"x-should-retry": "true" if may_succeed_later else "false"}
    if error.retry_after_s is not None:
        headers["retry-after"] = str(math.ceil(error.retry_after_s))
    return json_response(error.body(), error.status, headers)


def _check_shape(body: object) -> None:
    level: list[object] = [body]
    count = 1
    for _ in range(MAX_DEPTH):
        found = (inner for outer in level for inner in _inside(outer))
        level = [inner for inner in found if isinstance(inner, dict | list)]
        count += len(level)
        if count > MAX_VALUES:
            message = f"The body holds more than {MAX_VALUES} objects and lists. Send less at once."
            raise ApiError(400, message, code="too_many_values")
        if not level:
            return
    raise _too_deep()


def _inside(value: object) -> Iterable[object]:
    if isinstance(value, dict):
        return cast("dict[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list) else ()


def _too_deep() -> ApiError:
    return ApiError(400, f"The body is nested deeper than {MAX_DEPTH} levels. Make it flatter.", code="too_deep")


def _too_large(max_bytes: int) -> ApiError:
    return ApiError(413, f"The body is larger than {max_bytes} bytes. Send less at once.", code="body_too_large")
