"""What `/v1/instructions` takes and gives. Parsed like every request: see `requests.py`."""

from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from maru.protocol.incoming import Incoming

MAX_CUSTOM_CHARS = 2_000


def _text(text: str) -> str:
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        raise PydanticCustomError("value_error", "A text holds no lone surrogates and no NUL")
    return text


CustomText = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=MAX_CUSTOM_CHARS), AfterValidator(_text)
]


class CustomUpdate(Incoming):
    """`POST /v1/instructions`; what is absent stays."""

    enabled: bool | None = None
    about: CustomText | None = None
    style: CustomText | None = None


class CustomBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a person tells models in chats that ask for it; a model is told it only while `enabled`."""

    object: Literal["maru.instructions"] = "maru.instructions"
    enabled: bool
    about: str
    style: str
    max_chars: int = MAX_CUSTOM_CHARS
