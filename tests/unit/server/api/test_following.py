"""Rules of `api/following.py`: work that nobody waits for is stopped."""

import asyncio

from starlette.requests import Request
from starlette.types import Message

from maru.api.following import DONE, MAX_CHUNK_BYTES, followed_events, unless_left
from maru.protocol.builder import ResponseBuilder
from maru.turns.log import EventLog
from maru_backends.base import Finished, TextDelta
from support.responses import a_response


def _request(*messages: str) -> Request:
    """A request whose client sends these, and then stays silent."""
    waiting = list(messages)

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return {"type": waiting.pop(0)}

    return Request({"type": "http"}, receive)


async def test_work_is_cancelled_when_its_client_leaves() -> None:
    """An engine must not write a summary for nobody."""
    ended = asyncio.Event()

    async def work() -> str:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    assert await unless_left(_request("http.request", "http.disconnect"), work()) is None
    await asyncio.wait_for(ended.wait(), 1)


async def test_work_is_awaited_while_its_client_stays() -> None:
    """The usual end."""

    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    assert await unless_left(_request(), work()) == "done"


async def test_a_long_log_goes_out_in_pieces() -> None:
    """A slow reader must not hold a copy of all of it; the bytes are the same."""
    builder = ResponseBuilder(a_response(), lambda prefix: f"{prefix}_1")
    events = list(builder.started())
    for _ in range(2_000):
        events += builder.feed(TextDelta("word "), now=1)
    events += builder.feed(Finished("stop"), now=1)
    chunks = [chunk async for chunk in followed_events(EventLog(events), -1)]
    longest = max(len(event.sse()) for event in events)
    assert max(map(len, chunks)) < MAX_CHUNK_BYTES + longest
    assert b"".join(chunks) == b"".join(event.sse() for event in events) + DONE
