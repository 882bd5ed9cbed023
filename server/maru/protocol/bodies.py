"""The JSON of every answer that is neither a Response nor an event. Pure data."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from maru.protocol.errors import ErrorType
from maru.protocol.feedback import FeedbackBody
from maru.protocol.items import Item
from maru.protocol.response import ContextReport, IncompleteDetails, ResponseError, ResponseUsage, Status, Timing
from maru.protocol.summary_bodies import SummaryBody
from maru_backends.base import Feature


class ErrorDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What was wrong, and what to change."""

    message: str
    type: ErrorType
    param: str | None
    code: str | None


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    """Every answer that is not a success."""

    error: ErrorDetails


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all pages of a list; go on with the id of the last element while `has_more`."""

    object: Literal["list"] = "list"
    first_id: str | None
    last_id: str | None
    has_more: bool


class ItemPage(Page, frozen=True, kw_only=True):
    """One page of items."""

    data: tuple[Item, ...]


class Deleted(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that is no longer there."""

    id: str
    object: Literal[
        "response",
        "file",
        "conversation.deleted",
        "maru.demonstration.deleted",
        "maru.fact.deleted",
        "maru.folder.deleted",
        "maru.prompt.deleted",
        "maru.ranking.deleted",
        "maru.rating.deleted",
        "maru.share.deleted",
        "maru.summary.deleted",
    ]
    deleted: bool = True


class InputTokens(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of a prompt, as the engine counts them."""

    object: Literal["response.input_tokens"] = "response.input_tokens"
    input_tokens: int


class ConversationBody(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation without its items."""

    id: str
    object: Literal["conversation"] = "conversation"
    created_at: int
    metadata: dict[str, str]
    title: str | None = msgspec.field(name="maru:title")
    updated_at: int = msgspec.field(name="maru:updated_at")
    head: str | None = msgspec.field(name="maru:head")
    is_pinned: bool = msgspec.field(name="maru:pinned")
    is_archived: bool = msgspec.field(name="maru:archived")
    folder: str | None = msgspec.field(name="maru:folder")


class ConversationPage(Page, frozen=True, kw_only=True):
    """One page of conversations."""

    data: tuple[ConversationBody, ...]


class ResponseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How an answer of a conversation ended, and the item that it answers, below which it stands."""

    status: Status
    model: str
    error: ResponseError | None
    incomplete_details: IncompleteDetails | None
    usage: ResponseUsage | None
    context: ContextReport | None = msgspec.field(name="maru:context")
    timing: Timing | None = msgspec.field(name="maru:timing")
    answers: str | None = msgspec.field(name="maru:answers")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an item hangs in its tree; stands among the item's own keys."""

    parent: str | None = msgspec.field(name="maru:parent")
    response: str | None = msgspec.field(name="maru:response")
    is_pinned: bool = msgspec.field(name="maru:pinned")
    created_at: int


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A whole conversation: every item with its place, how each answer ended, and what was said about them."""

    object: Literal["maru:tree"] = "maru:tree"
    conversation_id: str
    head: str | None
    items: tuple[dict[str, Any], ...]
    running: tuple[str, ...]
    responses: dict[str, ResponseSummary]
    summaries: tuple[SummaryBody, ...]
    feedback: FeedbackBody


class ModelBody(msgspec.Struct, frozen=True, kw_only=True):
    """A model, whether it can answer now, and what it can be sent: only text while it is not known to see.

    `away`: it could answer, and its engine does not at the moment; `out`: its operator took it out of service.
    `maru:features`: what it honours, in order.
    """

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: Literal["maru"] = "maru"
    backend: str = msgspec.field(name="maru:backend")
    state: Literal["loading", "ready", "failed", "away", "out"] = msgspec.field(name="maru:state")
    detail: str = msgspec.field(name="maru:detail")
    is_default: bool = msgspec.field(name="maru:default")
    context_window: int | None = msgspec.field(name="maru:context_window")
    features: tuple[Feature, ...] = msgspec.field(name="maru:features")
    input_modalities: tuple[Literal["text", "image"], ...]


class ModelList(msgspec.Struct, frozen=True, kw_only=True):
    """Every model, in the order of the settings."""

    object: Literal["list"] = "list"
    data: tuple[ModelBody, ...]


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Whether each part can be used; `stopping`: running answers end, and new ones are refused."""

    status: Literal["ready", "waiting", "stopping"]
    store: Literal["ready", "failed"]
    model: Literal["loading", "ready", "failed", "out"]


def item_page(items: Sequence[Item], *, has_more: bool) -> ItemPage:
    """A page of these items."""
    first, last = (items[0].id, items[-1].id) if items else (None, None)
    return ItemPage(data=tuple(items), first_id=first, last_id=last, has_more=has_more)


def conversation_page(data: Sequence[ConversationBody], *, has_more: bool) -> ConversationPage:
    """A page of these conversations."""
    first, last = (data[0].id, data[-1].id) if data else (None, None)
    return ConversationPage(data=tuple(data), first_id=first, last_id=last, has_more=has_more)
