"""A real server of scripted models, one for each thing that an engine can do: quick, and the same on every machine."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from support.live_server import LiveServer, live_server

WORDS_OF_SLOW = 100_000
CONFIG = f"""
default_model = "echo"

[[models]]
id = "echo"
backend = "echo"

[[models]]
id = "caller"
backend = "echo"
script = "tool"

[[models]]
id = "thinker"
backend = "echo"
script = "reason"

[[models]]
id = "refuser"
backend = "echo"
script = "refuse"

[[models]]
id = "slow"
backend = "echo"
script = "count"
tokens = {WORDS_OF_SLOW}
pace_tokens_per_s = 50

[[models]]
id = "broken"
backend = "echo"
script = "break"
tokens = 3
"""


@contextmanager
def scripted_server(folder: Path) -> Generator[LiveServer]:
    """Models `echo` (the default), `caller` of tools, `thinker`, `refuser`, `slow` and `broken`."""
    with live_server(folder, CONFIG) as server:
        yield server
