"""Clients that follow a response over HTTP and over the WebSocket, and keep the bytes they got."""

from typing import Any

import aiohttp
import msgspec

TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})


def kind(data: str) -> str:
    """Type of an event."""
    return str(msgspec.json.decode(data)["type"])


def number(data: str) -> int:
    """Number of an event."""
    return int(msgspec.json.decode(data)["sequence_number"])


def delta(data: str) -> str:
    """Text that an event adds to a message."""
    return str(msgspec.json.decode(data)["delta"]) if kind(data) == "response.output_text.delta" else ""


def response_in(data: str) -> Any:
    """The Response that an event carries."""
    return msgspec.json.decode(data)["response"]


async def next_event(answer: aiohttp.ClientResponse) -> str | None:
    """The JSON of the next server-sent event; None at the mark of the end.

    Raises:
        asyncio.IncompleteReadError: the stream broke off.
    """
    while True:
        block = (await answer.content.readuntil(b"\n\n")).decode()
        if block == "data: [DONE]\n\n":
            return None
        if block.startswith(":"):
            continue
        head, data, *rest = block.split("\n")
        assert rest == ["", ""]
        data = data.removeprefix("data: ")
        assert head == f"event: {kind(data)}"
        return data


async def events_of(answer: aiohttp.ClientResponse) -> list[str]:
    """All events of a stream to the mark of its end, after which nothing comes."""
    assert answer.status == 200, await answer.text()
    events: list[str] = []
    while (event := await next_event(answer)) is not None:
        events.append(event)
    assert await answer.content.read() == b""
    return events


async def create_stream(session: aiohttp.ClientSession, **body: Any) -> list[str]:
    """All events of a new response, as its creator gets them."""
    async with session.post("/v1/responses", json={"stream": True, **body}) as answer:
        return await events_of(answer)


async def follow_by_http(session: aiohttp.ClientSession, response_id: str, starting_after: int) -> list[str]:
    """All events after a number."""
    params = {"stream": "true", "starting_after": str(starting_after)}
    async with session.get(f"/v1/responses/{response_id}", params=params) as answer:
        return await events_of(answer)


async def refused_by_http(session: aiohttp.ClientSession, response_id: str, starting_after: int) -> tuple[int, str]:
    """Status and code of the refusal to follow after a number."""
    params = {"stream": "true", "starting_after": str(starting_after)}
    async with session.get(f"/v1/responses/{response_id}", params=params) as answer:
        return answer.status, (await answer.json())["error"]["code"]


async def refused_by_socket(session: aiohttp.ClientSession, response_id: str, starting_after: int) -> tuple[int, str]:
    """The same on a socket of its own, where it may come late."""
    async with session.ws_connect("/v1/responses") as socket:
        await socket.send_json(
            {"type": "maru:response.follow", "response_id": response_id, "starting_after": starting_after}
        )
        frame = await socket.receive_json(timeout=60)
        return frame["status"], frame["error"]["code"]


async def follow_by_socket(session: aiohttp.ClientSession, response_id: str, starting_after: int) -> list[str]:
    """All events after a number, on a socket of its own; an error is no event."""
    async with session.ws_connect("/v1/responses", max_msg_size=0) as socket:
        follow = {"type": "maru:response.follow", "response_id": response_id, "starting_after": starting_after}
        await socket.send_json(follow)
        events: list[str] = []
        while not events or kind(events[-1]) not in TERMINAL:
            message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.TEXT, message
            if kind(message.data) == "error":
                return events
            events.append(message.data)
        return events
