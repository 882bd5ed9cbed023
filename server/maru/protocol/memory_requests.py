"""Requests about what a model is shown (ours)."""

from pydantic import Field, StrictBool

from maru.protocol.incoming import Incoming


class SummaryUpdate(Incoming):
    """Another text for a summary."""

    text: str = Field(min_length=1, max_length=20_000)


class ItemUpdate(Incoming):
    """Changes to one item of a conversation."""

    is_pinned: StrictBool = Field(alias="maru:pinned")
