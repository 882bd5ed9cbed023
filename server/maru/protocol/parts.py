"""Parts of a message as they come in, in every name that real clients give them."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from maru.protocol.image_urls import ImageUrl
from maru.protocol.incoming import ID_PATTERN, Incoming, Text

MAX_FILE_CHARS = 33_554_432
MAX_NAME_CHARS = 1024


def _given_once(what: str, **ways: str | None) -> None:
    if sum(way is not None for way in ways.values()) != 1:
        message = f"The {what} is sent as one of {' and '.join(map(repr, ways))}"
        raise PydanticCustomError("given_once", "{remedy}", {"remedy": message})


class TextIn(Incoming):
    """Text in any of its names; assistant history uses `output_text`."""

    type: Literal["input_text", "output_text", "text", "summary_text", "reasoning_text"] = "input_text"
    text: Text


class RefusalIn(Incoming):
    """A refusal in replayed history."""

    type: Literal["refusal"]
    refusal: Text


class ImageIn(Incoming):
    """An image that was uploaded, as a `data:` URL, or by its address."""

    type: Literal["input_image"]
    image_url: ImageUrl | None = None
    file_id: str | None = Field(default=None, pattern=ID_PATTERN)
    detail: Literal["low", "high", "auto"] = "auto"

    @model_validator(mode="after")
    def _is_given_once(self) -> "ImageIn":
        _given_once("image", image_url=self.image_url, file_id=self.file_id)
        return self


class FileIn(Incoming):
    """A file that was uploaded, or its content as a `data:` URL or in Base64."""

    type: Literal["input_file"]
    filename: str | None = Field(default=None, max_length=MAX_NAME_CHARS)
    file_data: str | None = Field(default=None, max_length=MAX_FILE_CHARS)
    file_url: str | None = None
    file_id: str | None = Field(default=None, pattern=ID_PATTERN)

    @model_validator(mode="after")
    def _is_given_once(self) -> "FileIn":
        if self.file_url is not None:
            message = "Files are not fetched here: send 'file_id' of one that was uploaded, or 'file_data'"
            raise PydanticCustomError("file_url", "{remedy}", {"remedy": message})
        _given_once("file", file_data=self.file_data, file_id=self.file_id)
        return self


PartIn = Annotated[TextIn | RefusalIn | ImageIn | FileIn, Field(discriminator="type")]
