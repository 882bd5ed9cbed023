"""Servers that the integration tests share."""

from collections.abc import Generator

import pytest

from support.live_server import LiveServer, live_server

HOUSE = """
default_model = "house"

[[models]]
id = "house"
backend = "transformers"
source = "house"

[[models]]
id = "echo"
backend = "echo"

[[models]]
id = "slow"
backend = "echo"
script = "count"
tokens = 100000
pace_tokens_per_s = 50
"""


@pytest.fixture(scope="session")
def maru(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server with the house model in process, and two echo models."""
    with live_server(tmp_path_factory.mktemp("maru"), HOUSE) as server:
        yield server
