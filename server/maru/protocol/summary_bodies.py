"""The JSON of summaries (ours). Pure data."""

from typing import Literal

import msgspec


class SummaryBody(msgspec.Struct, frozen=True, kw_only=True):
    """What stands for a branch of a conversation from its root to one item; times are Unix seconds.

    Attributes:
        conversation: id of it.
        last_item: id of the last item that the summary stands for.
        text: as models are shown it.
        model: who wrote it.
        edited_at: when a person last changed the text; None: it is as the model wrote it.
    """

    id: str
    object: Literal["maru.summary"] = "maru.summary"
    conversation: str
    last_item: str
    text: str
    model: str
    created_at: int
    edited_at: int | None


class SummaryList(msgspec.Struct, frozen=True, kw_only=True):
    """All summaries of a conversation, oldest first."""

    object: Literal["list"] = "list"
    data: tuple[SummaryBody, ...]
