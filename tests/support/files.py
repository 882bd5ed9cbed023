"""Images and forms that the tests of files send."""

import base64
import io
from typing import Any

import aiohttp
from PIL import Image

from support.socket_server import InProcess


def image(
    kind: str = "PNG", size: tuple[int, int] = (32, 16), mode: str = "RGB", color: Any = "red", **how: Any
) -> bytes:
    """An image of one colour, as a file."""
    buffer = io.BytesIO()
    Image.new(mode, size, color).save(buffer, kind, **how)
    return buffer.getvalue()


def data_url(data: bytes, media_type: str = "image/png") -> str:
    """Bytes as the wire has them inline."""
    return f"data:{media_type};base64,{base64.b64encode(data).decode()}"


DOT = data_url(image(size=(1, 1)))


async def upload(
    maru: InProcess, content: bytes, name: str = "a.txt", *, headers: dict[str, str] | None = None, **fields: str
) -> tuple[int, Any]:
    """Status and body of an upload; a field whose name has a colon is given with `__`."""
    form = aiohttp.FormData(quote_fields=False)
    for field, value in {"purpose": "user_data", **fields}.items():
        form.add_field(field.replace("__", ":"), value)
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with maru.session.post("/v1/files", data=form, headers=headers) as answer:
        return answer.status, await answer.json()
