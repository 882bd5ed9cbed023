"""What speech into words takes and gives: OpenAI's transcriptions, and what the page asks about its microphone."""

from typing import Annotated, Literal

import msgspec
from pydantic import Field, StringConstraints

from maru.protocol.incoming import Incoming

TranscriptFormat = Literal["json", "text", "srt", "verbose_json", "vtt"]


class TranscriptionForm(Incoming):
    """The fields of `POST /v1/audio/transcriptions` beside `file`; any `model` will do, the operator's is asked."""

    model: Annotated[str, StringConstraints(max_length=200)] = ""
    language: (
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$", max_length=35)] | None
    ) = None
    prompt: Annotated[str, StringConstraints(max_length=4000)] | None = None
    response_format: TranscriptFormat = "json"
    temperature: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)
    stream: Literal["false", "False"] = "false"


class TranscriptionBody(msgspec.Struct, frozen=True, kw_only=True):
    """What was said."""

    text: str


class VoiceBody(msgspec.Struct, frozen=True, kw_only=True):
    """What the page may do with a microphone.

    Attributes:
        recogniser: whether the server writes recordings down.
        browser: whether the browser may, where the server does not.
        max_bytes: of one recording.
        max_seconds: of one recording.
    """

    object: Literal["maru.voice"] = "maru.voice"
    recogniser: bool
    browser: bool
    max_bytes: int
    max_seconds: int
