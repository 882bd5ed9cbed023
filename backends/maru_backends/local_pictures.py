"""Pictures of a request as the tensors of a model that sees, in this process.

The model's own processor knows how large it wants them and how many tokens each becomes. Pictures come as `data:` URLs;
this process fetches nothing.
"""

import base64
import binascii
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError
from torch import Tensor

from maru_backends.base import ChatMessage, ImagePart
from maru_backends.errors import RequestRefusedError

MOST_PIXELS = 40_000_000
"""Of one picture; more is refused before it is decoded."""
MOST_PIXELS_TOGETHER = 64 * 2048 * 2048
"""Of all pictures of a prompt, in which one may stand often; each takes three bytes."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_TEXT_KEYS = frozenset({"input_ids", "attention_mask", "token_type_ids"})


@dataclass(frozen=True, slots=True)
class Seen:
    """A prompt with its pictures.

    Attributes:
        tokens: ids, in which each picture has as many as the model gives it.
        tensors: what the model's `forward` takes beside them, by name.
    """

    tokens: tuple[int, ...]
    tensors: Mapping[str, Tensor]


class PictureReader:
    """Reads prompts with pictures; may be used from many threads at once."""

    def __init__(self, processor: Any) -> None:  # noqa: ANN401 - transformers' processors are untyped
        """`processor` is the model's, with its tokenizer."""
        self._processor = processor

    def read(self, text: str, pictures: Sequence[Image.Image]) -> Seen:
        """The rendered prompt, in which the template has put a mark for each picture.

        Raises:
            RequestRefusedError: the model does not take these pictures.
        """
        try:
            found: Any = self._processor(
                text=[text], images=[list(pictures)], add_special_tokens=False, return_tensors="pt"
            )
        except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            # Processors are programs of many authors: what they cannot take shows as any of these.
            raise RequestRefusedError(f"The model does not take these images: {error}", param="messages") from error
        (tokens,) = found["input_ids"].tolist()
        return Seen(tuple(tokens), {name: value for name, value in found.items() if name not in _TEXT_KEYS})


def pictures_in(messages: Sequence[ChatMessage]) -> list[Image.Image]:
    """All pictures in their order; one that stands there twice is decoded once.

    Raises:
        RequestRefusedError: one of them is no picture, too large, or would have to be fetched, or together they are.
    """
    urls = [part.url for message in messages for part in message.parts if isinstance(part, ImagePart)]
    opened: dict[str, tuple[str, Image.Image]] = {}
    pixels = 0
    for number, url in enumerate(urls, start=1):
        if url not in opened:
            name = f"Image {number} of the conversation"
            opened[url] = (name, _opened(url, name))
        _, picture = opened[url]
        pixels += picture.width * picture.height
        if pixels > MOST_PIXELS_TOGETHER:
            message = f"The images of the conversation have more than {MOST_PIXELS_TOGETHER} pixels together."
            raise RequestRefusedError(message, param="messages")
    decoded = {url: _decoded(picture, name) for url, (name, picture) in opened.items()}
    return [decoded[url] for url in urls]


def _opened(url: str, name: str) -> Image.Image:
    """With its size, and not decoded yet."""
    head, _, body = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        raise RequestRefusedError(f"{name} has an address; send the image itself.", param="messages")
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(body, validate=True)), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name) from error
    except (binascii.Error, UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _unreadable(name) from error
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(name)
    return picture


def _decoded(picture: Image.Image, name: str) -> Image.Image:
    try:
        return picture.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise _unreadable(name) from error


def _too_large(name: str) -> RequestRefusedError:
    return RequestRefusedError(f"{name} has more than {MOST_PIXELS} pixels; make it smaller.", param="messages")


def _unreadable(name: str) -> RequestRefusedError:
    return RequestRefusedError(f"{name} cannot be read as a picture.", param="messages")
