"""Unit tests do no IO: a test that opens a socket fails here; other sorts of tests live in other folders."""

from collections.abc import Iterator

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _no_sockets() -> Iterator[None]:
    """Refuse sockets; the pair that an asyncio loop wakes itself with is a Unix socket and allowed."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()
