"""Rules of `api/following.py`: work that nobody waits for is stopped."""

import asyncio

from starlette.requests import Request
from starlette.types import Message

from maru.api.following import unless_left


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
