"""Which split a topic, name or value belongs to: decided by its own letters, so that no list has to be kept."""

from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

from maru_training.house.families.base import Split
from maru_training.house.families.phrasing import wordings

HELD_OUT_SHARE: Final = 5  # one in five


def split_of(text: str) -> Split:
    """The one split that may show this text; the same on every machine."""
    return "train" if crc32(text.casefold().encode()) % HELD_OUT_SHARE else "held_out"


def only(split: Split, texts: Iterable[str]) -> tuple[str, ...]:
    """The texts that belong to a split, in their order."""
    return tuple(text for text in texts if split_of(text) == split)


def expanded(split: Split, templates: Iterable[str]) -> Sequence[Sequence[str]]:
    """The wordings of each template that belong to a split; templates without any are left out."""
    groups = (only(split, wordings(template)) for template in templates)
    return tuple(group for group in groups if group)
