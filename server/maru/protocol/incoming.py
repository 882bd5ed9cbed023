"""What everything that comes in shares: unknown keys are dropped, null means absent, lists end at their first fault."""

from typing import Annotated, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_INPUT_CHARS = 10_485_760

ID_PATTERN = r"^[A-Za-z0-9_-]{1,128}$"

Text = Annotated[str, Field(max_length=MAX_INPUT_CHARS)]
T = TypeVar("T")
# A list ends at its first fault: an error for each of a million wrong elements would take a gigabyte and half a minute.
Many = Annotated[tuple[T, ...], Field(fail_fast=True)]


def as_object(raw: object) -> dict[str, object] | None:
    """Decoded JSON as an object, if it is one."""
    return cast("dict[str, object]", raw) if isinstance(raw, dict) else None


class Incoming(BaseModel):
    """Base of everything that comes in: unknown keys are dropped, null means absent."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _null_is_absent(cls, raw: object) -> object:
        given = as_object(raw)
        return raw if given is None else {key: value for key, value in given.items() if value is not None}
