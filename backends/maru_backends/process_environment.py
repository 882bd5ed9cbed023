"""The environment of this process, of which vLLM in process needs parts to be set before it is imported.

They stay set, as vLLM reads them at any time; engines with a process of their own are given what stood there before.
"""

import os
from collections.abc import Mapping

_before: dict[str, str | None] = {}


def set_for_engine(env: Mapping[str, str]) -> None:
    """Set these variables from now on."""
    for name, value in env.items():
        _before.setdefault(name, os.environ.get(name))
        os.environ[name] = value


def as_started() -> dict[str, str]:
    """The environment without what `set_for_engine` did to it."""
    kept = {name: value for name, value in os.environ.items() if name not in _before}
    return {**kept, **{name: value for name, value in _before.items() if value is not None}}
