"""How the server's log reads: time, level, room, one sentence; nothing that people sent can forge a line of it."""

import logging

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# uvicorn says the first of every socket that was refused with an HTTP answer, as the specification of ASGI allows, and
# the second, with a traceback, of a peer's bad text, which its close code tells to the peer.
NO_NEWS = frozenset(
    {"ASGI callable returned without completing handshake.", "Invalid UTF-8 sequence received from client."}
)

_ESCAPED = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {0x2028: "\\u2028", 0x2029: "\\u2029"}


class OneLine(logging.Formatter):
    """Control characters in a message are shown as escapes; tracebacks keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 (logging's name)
        """The line without its traceback."""
        return super().formatMessage(record).translate(_ESCAPED)


def set_up_logging() -> None:
    """Log to standard error from here on: our own rooms from INFO, libraries from WARNING."""
    handler = logging.StreamHandler()
    handler.setFormatter(OneLine(FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("maru", "maru_backends"):
        logging.getLogger(name).setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    return record.getMessage() not in NO_NEWS
