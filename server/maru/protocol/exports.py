"""A conversation as it is exported and taken in again (ours). Pure data; `docs/protocol.md` explains it.

One conversation is one JSON object, after a line for each file that it refers to. A whole export is JSON lines: an
`ExportHeader`, then what its person keeps for all conversations, then the conversations; each file stands once, before
the first that refers to it.
"""

from typing import Annotated, Any, Literal

import msgspec

from maru.protocol.feedback import FeedbackBody
from maru.protocol.prompts import MAX_VERSIONS, PromptVersionBody
from maru.protocol.response import IncompleteDetails, ResponseError, ResponseUsage, Timing
from maru.protocol.summary_bodies import SummaryBody

VERSION = 1
CONVERSATION: Literal["maru.conversation"] = "maru.conversation"
PROMPT: Literal["maru.prompt"] = "maru.prompt"
CUSTOM: Literal["maru.instructions"] = "maru.instructions"
FILE: Literal["maru.file"] = "maru.file"

EndedStatus = Literal["completed", "incomplete", "failed", "cancelled"]


class ExportedResponse(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer ended.

    Attributes:
        input_leaf: the last item of what was asked.
        output_leaf: the last item of the answer; that of the input where there is none.
    """

    id: str
    status: EndedStatus
    model: str
    created_at: int
    completed_at: int | None = None
    error: ResponseError | None = None
    incomplete_details: IncompleteDetails | None = None
    usage: ResponseUsage | None = None
    timing: Timing | None = None
    input_leaf: str | None
    output_leaf: str | None


class ExportedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """All of a conversation but what models were shown of it; answers that still run are left out.

    Attributes:
        folder: the name of the one that it lies in.
        items: each as in a tree, parents before children.
    """

    object: Literal["maru.conversation"] = CONVERSATION
    version: Annotated[int, msgspec.Meta(ge=1, le=VERSION)] = VERSION
    id: str
    title: str | None
    created_at: int
    updated_at: int
    metadata: dict[str, str]
    head: str | None
    is_pinned: bool = msgspec.field(name="pinned", default=False)
    is_archived: bool = msgspec.field(name="archived", default=False)
    folder: str | None = None
    items: tuple[dict[str, Any], ...]
    responses: tuple[ExportedResponse, ...]
    summaries: tuple[SummaryBody, ...]
    feedback: FeedbackBody


class ExportedFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file to which conversations after it refer by its id, or a piece of it; pieces stand one after the other.

    Attributes:
        piece: which one it is, from 1.
        pieces: how many the file has.
        content: in Base64.
    """

    object: Literal["maru.file"] = FILE
    id: Annotated[str, msgspec.Meta(max_length=200)]
    filename: str
    purpose: Literal["user_data", "vision"]
    media_type: str
    piece: Annotated[int, msgspec.Meta(ge=1)] = 1
    pieces: Annotated[int, msgspec.Meta(ge=1)] = 1
    content: bytes


class ExportedPrompt(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt with all its versions, oldest first."""

    object: Literal["maru.prompt"] = PROMPT
    created_at: int
    versions: Annotated[tuple[PromptVersionBody, ...], msgspec.Meta(min_length=1, max_length=MAX_VERSIONS)]


class ExportedCustom(msgspec.Struct, frozen=True, kw_only=True):
    """What a person tells all models."""

    object: Literal["maru.instructions"] = CUSTOM
    enabled: bool
    about: str
    style: str


class ExportHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The first line of a whole export."""

    object: Literal["maru.export"] = "maru.export"
    version: int = VERSION
    created_at: int


_encoder = msgspec.json.Encoder()
encode = _encoder.encode


def encode_line(record: msgspec.Struct) -> bytes:
    """The record as a line of its own."""
    return _encoder.encode_lines([record])
