"""What a client sends over the WebSocket beside creates: stop, follow."""

from pydantic import Field

from maru.protocol.incoming import ID_PATTERN, Incoming
from maru.protocol.requests import MOST_EVENTS, STREAM_ID_PATTERN


class StopRequest(Incoming):
    """`response.cancel`; without an id it means the turn that runs on this socket, or in this lane of it."""

    response_id: str | None = Field(default=None, pattern=ID_PATTERN)
    stream_id: str | None = Field(default=None, pattern=STREAM_ID_PATTERN)


class FollowRequest(Incoming):
    """`maru:response.follow`: events of a response after a number."""

    response_id: str = Field(pattern=ID_PATTERN)
    starting_after: int = Field(default=-1, ge=-1, lt=MOST_EVENTS)
    stream_id: str | None = Field(default=None, pattern=STREAM_ID_PATTERN)
