"""Bytes in a `data:` URL or in Base64 alone. Pure."""

import base64
import binascii

from maru.media.errors import MediaError

_HEAD_CHARS = 200


def bytes_in(written: str) -> bytes:
    """The bytes of a `data:` URL in Base64, or of Base64 without one.

    Raises:
        MediaError: it is neither.
    """
    body = written
    if written[:5].lower() == "data:":
        head, comma, _ = written[:_HEAD_CHARS].partition(",")
        if not comma or not head.lower().endswith(";base64"):
            raise MediaError("it is not in Base64. Send it as 'data:TYPE;base64,...'.")
        body = written[len(head) + 1 :]
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise MediaError("its Base64 is broken. Encode it anew, without line breaks.") from error


def data_url(data: bytes, media_type: str) -> str:
    """The bytes as a `data:` URL."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"
