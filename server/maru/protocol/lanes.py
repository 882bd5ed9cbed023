"""Lanes of one socket: the names that a client gives to its sequences of answers (digest section 10). Pure."""

import re

from maru.protocol.errors import ApiError, invalid, shown

MAX_LANES = 32

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")


class Lanes:
    """The names used on one socket so far."""

    def __init__(self) -> None:
        """None yet; frames without a name are in the default lane, which has none."""
        self._names: set[str] = set()

    def join(self, name: object) -> str | None:
        """The lane that a frame's `stream_id` means; None: the default one.

        Raises:
            ApiError: it is no name, or one more than a socket may use.
        """
        if name is None:
            return None
        lane = lane_named(name)
        if lane is None:
            message = f"{shown(name)} names no lane: use 1 to 256 of the characters A-Z a-z 0-9 _ . -"
            raise invalid(message, "stream_id", "invalid_stream_id")
        if lane not in self._names and len(self._names) >= MAX_LANES:
            message = f"This socket uses {MAX_LANES} lanes already; use one of them again, or open another socket."
            raise ApiError(400, message, code="websocket_stream_limit_reached", param="stream_id")
        self._names.add(lane)
        return lane


def lane_named(name: object) -> str | None:
    """The name itself, if it is one that a lane may have."""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None
