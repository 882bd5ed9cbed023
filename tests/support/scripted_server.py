"""A real server of scripted models, one for each thing that an engine can do: quick, and the same on every machine."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from support.echo_models import BROKEN, CALLER, ECHO, REFUSER, SLOW, THINKER
from support.live_server import LiveServer, live_server

CONFIG = f'default_model = "echo"\n{ECHO}{CALLER}{THINKER}{REFUSER}{SLOW}{BROKEN}'


@contextmanager
def scripted_server(folder: Path) -> Generator[LiveServer]:
    """Models `echo` (the default), `caller` of tools, `thinker`, `refuser`, `slow` and `broken`."""
    with live_server(folder, CONFIG) as server:
        yield server
