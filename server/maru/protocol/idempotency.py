"""`Idempotency-Key`: which requests are one request that was sent again. Pure."""

import hashlib
from dataclasses import dataclass

import msgspec

from maru.protocol.errors import invalid
from maru.protocol.requests import CreateRequest

HEADER = "Idempotency-Key"
MAX_CHARS = 255

# Sorted, so that a client or a proxy that writes the same fields in another order sends the same request.
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A name that a client gave to one request.

    Attributes:
        value: 1 to 255 printable ASCII characters.
        fingerprint: SHA-256 of the request's body, as hex.
    """

    value: str
    fingerprint: str


def idempotency_key_of(header: str | None, request: CreateRequest, body: object) -> IdempotencyKey | None:
    """The key of a create; None when it has none.

    Args:
        header: the header's value.
        request: the create, parsed.
        body: the same as decoded JSON.

    Raises:
        ApiError: the key cannot be used, or not with this request.
    """
    if header is None:
        return None
    if not (0 < len(header) <= MAX_CHARS and header.isascii() and header.isprintable()):
        message = f"Invalid {HEADER!r}: {header[:80]!r}. It must be 1 to {MAX_CHARS} printable ASCII characters."
        raise invalid(message, HEADER)
    if not request.store:
        message = f"An {HEADER!r} needs 'store': true, because an answer that is not kept cannot be given again."
        raise invalid(message, "store")
    return IdempotencyKey(header, hashlib.sha256(_encode(body)).hexdigest())


def check_same_request(key: IdempotencyKey, fingerprint: str) -> None:
    """One key names one request.

    Args:
        key: with the request that came now.
        fingerprint: of the request that the key came with before.

    Raises:
        ApiError: they differ.
    """
    if key.fingerprint != fingerprint:
        message = f"The {HEADER!r} {key.value!r} came with another body before. Send a new key with a new request."
        raise invalid(message, HEADER, "idempotency_key_reused")
