"""Reads the tables of wordings in `house/data`. Knows their place and form, not what they say."""

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any


@cache
def table(name: str) -> dict[str, Any]:
    """One TOML table, such as "refusals"; the same object every time, not to be changed."""
    return tomllib.loads(text(f"{name}.toml"))


def text(file: str) -> str:
    """A data file as it stands."""
    return (resources.files("maru_training.house") / "data" / file).read_text(encoding="utf-8")


def texts(entry: dict[str, Any], key: str) -> Sequence[str]:
    """The list of texts under a key.

    Raises:
        KeyError: the entry has no such key.
        TypeError: something in the list is not a text.
    """
    found = tuple(entry[key])
    if not all(isinstance(one, str) for one in found):
        raise TypeError(f"{key} holds something that is not a text: {found!r}")
    return found
