"""Requests about what a model is shown (ours)."""

from pydantic import Field, StrictBool

from maru.protocol.requests import Incoming


class ItemUpdate(Incoming):
    """Changes to one item of a conversation."""

    is_pinned: StrictBool = Field(alias="maru:pinned")
