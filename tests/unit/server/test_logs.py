"""Rules of `maru/logs.py`."""

import logging

from maru.logs import FORMAT, REFUSED_SOCKET, OneLine, _is_news


def _line(message: str) -> str:
    return OneLine(FORMAT).format(logging.LogRecord("maru.x", logging.INFO, "x.py", 1, message, None, None))


def test_nobody_can_forge_a_line() -> None:
    """A model's name or a header may hold line ends and terminal codes."""
    line = _line("model 'a\n2026-01-01 INFO maru: all is well\x1b[2J\u2028' is unknown")
    assert len(line.splitlines()) == 1
    assert "\\x0a2026" in line
    assert "\x1b" not in line


def test_refused_sockets_are_no_news() -> None:
    """Anybody could fill the log with them."""
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "x.py", 1, REFUSED_SOCKET, None, None)
    assert not _is_news(record)
    assert _is_news(logging.LogRecord("uvicorn.error", logging.ERROR, "x.py", 1, "else", None, None))
