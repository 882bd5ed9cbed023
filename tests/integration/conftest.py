"""Servers that the integration tests share."""

from collections.abc import AsyncGenerator, Generator

import aiohttp
import pytest
from openai import OpenAI

from support.echo_models import ECHO, SLOW
from support.live_server import LiveServer, live_server

HOUSE = """
default_model = "house"

[[models]]
id = "house"
backend = "transformers"
source = "house"
"""


@pytest.fixture(scope="session")
def maru(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server with the house model in process, and two echo models."""
    with live_server(tmp_path_factory.mktemp("maru"), HOUSE + ECHO + SLOW) as server:
        yield server


@pytest.fixture
async def session(server: LiveServer) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client of the `server` of a file."""
    async with aiohttp.ClientSession(server.url, timeout=aiohttp.ClientTimeout(120)) as session:
        yield session


@pytest.fixture
def client(server: LiveServer) -> Generator[OpenAI]:
    """The SDK before the `server` of a file, as everybody uses it."""
    with OpenAI(base_url=f"{server.url}/v1", api_key="not-needed-here", max_retries=0, timeout=60) as client:
        yield client
