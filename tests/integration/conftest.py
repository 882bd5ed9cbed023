"""Servers that the integration tests share."""

from collections.abc import Generator

import pytest

from support.live_server import LiveServer, live_server
from support.vllm_server import VllmServer

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

VLLM = """
[[models]]
id = "vllm"
backend = "vllm"
base_url = "{base_url}"
model = "{model}"
"""


@pytest.fixture(scope="session")
def maru(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server with the house model in process, and two echo models."""
    with live_server(tmp_path_factory.mktemp("maru"), HOUSE) as server:
        yield server


@pytest.fixture(scope="session")
def maru_on_vllm(tmp_path_factory: pytest.TempPathFactory, vllm_server: VllmServer) -> Generator[LiveServer]:
    """A server whose model `vllm` is served by the shared engine."""
    config = VLLM.format(base_url=vllm_server.base_url, model=vllm_server.model)
    with live_server(tmp_path_factory.mktemp("maru-vllm"), config) as server:
        yield server
