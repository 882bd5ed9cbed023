"""Rules of `maru/logs.py`."""

import logging

import pytest

from maru.logs import FORMAT, NO_NEWS, OneLine, _is_news


def _line(message: str) -> str:
    return OneLine(FORMAT).format(logging.LogRecord("maru.x", logging.INFO, "x.py", 1, message, None, None))


def test_nobody_can_forge_a_line() -> None:
    """A model's name or a header may hold line ends and terminal codes."""
    line = _line("model 'a\n2026-01-01 INFO maru: all is well\x1b[2J\u2028' is unknown")
    assert len(line.splitlines()) == 1
    assert "\\x0a2026" in line
    assert "\x1b" not in line


@pytest.mark.parametrize("message", sorted(NO_NEWS))
def test_what_peers_do_wrong_on_sockets_is_no_news(message: str) -> None:
    """Anybody could fill the log with them."""
    assert not _is_news(logging.LogRecord("uvicorn.error", logging.ERROR, "x.py", 1, message, None, None))
    assert _is_news(logging.LogRecord("uvicorn.error", logging.ERROR, "x.py", 1, "else", None, None))
