"""The JSON of what was found. Pure data."""

from typing import Literal

import msgspec

from maru.protocol.bodies import Page


class SnippetPart(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a snippet; all in a row are its text."""

    text: str
    match: bool


class HitBody(msgspec.Struct, frozen=True, kw_only=True):
    """A message in which all words stand, or without `item` a title.

    `at` is when the message was made, or the conversation changed last, in Unix seconds.
    """

    id: str
    object: Literal["maru.hit"] = "maru.hit"
    conversation: str
    title: str | None
    item: str | None
    role: Literal["user", "assistant"] | None
    at: int
    snippet: tuple[SnippetPart, ...]


class HitPage(Page, frozen=True, kw_only=True):
    """One page of what was found: titles, then messages."""

    data: tuple[HitBody, ...]
