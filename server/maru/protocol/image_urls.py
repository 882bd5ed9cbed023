"""Where a picture may come from: an engine loads what it is given, from inside of the operator's network. Pure."""

from collections.abc import Iterable, Iterator
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from maru.protocol.errors import invalid
from maru.protocol.items import FunctionCallOutput, InputImage, Item, Message

MAX_IMAGE_CHARS = 20_971_520
INLINE = "data:image/"
FETCHED = ("http://", "https://")


def _with_a_known_scheme(url: str) -> str:
    if not _begins(url, INLINE, *FETCHED):
        message = "An image is sent in the request itself, as 'data:image/...;base64,...'"
        raise PydanticCustomError("image_url", "{remedy}", {"remedy": message})
    return url


ImageUrl = Annotated[str, Field(max_length=MAX_IMAGE_CHARS), AfterValidator(_with_a_known_scheme)]


def is_inline(url: str) -> bool:
    """Whether the image is in the URL itself."""
    return _begins(url, INLINE)


def refuse_fetched_images(items: Iterable[Item], field: str) -> None:
    """Refuse images of a request that the engine would have to fetch.

    Args:
        items: of one request.
        field: the request's name for them.

    Raises:
        ApiError: naming the image and what to do.
    """
    for index, item in enumerate(items):
        for place, url in _urls_in(item):
            if not is_inline(url):
                raise invalid(_refusal(f"{field}[{index}]"), f"{field}[{index}].{place}")


def refuse_kept_fetched_images(items: Iterable[Item]) -> None:
    """The same for items of earlier requests, which may be of a time when it was allowed.

    Raises:
        ApiError: naming the item and what to do.
    """
    for item in items:
        if any(not is_inline(url) for _, url in _urls_in(item)):
            raise invalid(f"{_refusal(repr(item.id))} Go on from before it.", "input")


def _urls_in(item: Item) -> Iterator[tuple[str, str]]:
    match item:
        case Message(content=parts):
            name = "content"
        case FunctionCallOutput(output=parts) if not isinstance(parts, str):
            name = "output"
        case _:
            return
    for index, part in enumerate(parts):
        if isinstance(part, InputImage) and part.image_url is not None:
            yield f"{name}[{index}].image_url", part.image_url


def _begins(url: str, *beginnings: str) -> bool:
    return url[:16].lower().startswith(beginnings)


def _refusal(where: str) -> str:
    return (
        f"The image of {where} has an address, and images are not fetched here. Send the image itself, as "
        "'data:image/...;base64,...', or have the operator set 'fetch_images'."
    )
