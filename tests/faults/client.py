"""A small real client that writes down what it sees: asks, loses its connection, comes back, goes on where it was.

One connection carries the events of one response, because deltas do not name theirs.
"""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import aiohttp

from faults.history import Afterwards, Exchange, Frame, History, Json, Leg
from faults.stories import TERMINAL, made_conversations, response_id_of, stories_of

SILENCE_S = 15.0  # after which a connection is taken for dead
PATIENCE_S = 60.0  # for one answer, a restart of the server included
OPEN = frozenset({"queued", "in_progress"})
Transport = Literal["socket", "sse"]


@dataclass(slots=True)
class Client:
    """Somebody with a name, a way to the server, and a notebook.

    Attributes:
        urls: servers that serve the same data; after a loss the next one is tried.
        key: an API key; without one the local owner asks.
        silence_s: seconds without a word after which a connection is taken for dead.
    """

    history: History
    name: str
    urls: Sequence[str]
    session: aiohttp.ClientSession
    owner: str = "local"
    key: str | None = None
    transport: Transport = "socket"
    silence_s: float = SILENCE_S
    chance: Random = field(default_factory=lambda: Random(0))
    _turn: int = 0

    @property
    def url(self) -> str:
        """The server that is asked now."""
        return self.urls[self._turn % len(self.urls)]

    async def ask(self, prompt: str, *, race: str | None = None, **create: Any) -> Leg:
        """Ask, and see the answer to its end over as many connections as it takes; the last one is returned.

        It comes back early where no answer was begun, as far as the client can know, and where the events of an
        answer are no longer kept.
        """
        metadata = {"prompt": prompt, **({} if race is None else {"race": race})}
        asked = {"type": "response.create", "input": prompt, "metadata": metadata, "maru:detach": True, **create}
        async with asyncio.timeout(PATIENCE_S):
            leg = await self.leg(asked)
            response_id = response_id_of(leg)
            return leg if response_id is None else await self._to_the_end(leg, response_id)

    async def follow(self, response_id: str, starting_after: int = -1) -> Leg:
        """See the rest of an answer to its end; the last connection is returned."""
        async with asyncio.timeout(PATIENCE_S):
            leg = await self._follow(response_id, starting_after)
            return await self._to_the_end(leg, response_id, starting_after)

    async def leg(self, asked: Json) -> Leg:
        """One connection, until the answer ends, is refused, or the connection is lost."""
        leg = Leg(self.name, self.owner, asked, time.monotonic())
        self.history.legs.append(leg)
        carry = self._over_socket if self.transport == "socket" else self._over_sse
        try:
            async with aclosing(carry(asked)) as texts:
                async for text in texts:
                    leg.frames.append(Frame(time.monotonic(), text))
                    if leg.frames[-1].body()["type"] in {*TERMINAL, "error"}:
                        return leg
            leg.lost = "closed"
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            leg.lost = repr(error)
        return leg

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """One HTTP request; its decoded answer, None where there was none."""
        asked_at, status, text = time.monotonic(), None, ""
        try:
            timeout = aiohttp.ClientTimeout(self.silence_s)
            request = self.session.request(method, self.url + path, json=body, headers=self._headers, timeout=timeout)
            async with request as answer:
                status, text = answer.status, await answer.text()
        except (aiohttp.ClientError, OSError, TimeoutError):
            status = None
        ended_at = time.monotonic()
        self.history.exchanges.append(Exchange(self.name, self.owner, method, path, asked_at, ended_at, status, text))
        return None if status is None else json.loads(text)

    async def stop(self, response_id: str) -> None:
        """Stop over HTTP."""
        await self.call("POST", f"/v1/responses/{response_id}/cancel")

    async def stop_by_frame(self, response_id: str) -> None:
        """Stop over a socket that carries nothing else."""
        asked_at = time.monotonic()
        async with self.session.ws_connect(f"{self.url}/v1/responses", headers=self._headers) as socket:
            await socket.send_json({"type": "response.cancel", "response_id": response_id})
            path = f"/v1/responses/{response_id}/cancel"
            self.history.exchanges.append(
                Exchange(self.name, self.owner, "frame", path, asked_at, time.monotonic(), None, "")
            )

    @property
    def _headers(self) -> dict[str, str]:
        return {} if self.key is None else {"Authorization": f"Bearer {self.key}"}

    async def _to_the_end(self, leg: Leg, response_id: str, last: int = -1) -> Leg:
        while leg.lost is not None:
            last = max([last, *(frame.body()["sequence_number"] for frame in leg.frames)])
            self._turn += 1
            await asyncio.sleep(self.chance.uniform(0.05, 0.25))
            leg = await self._follow(response_id, last)
        return leg

    async def _follow(self, response_id: str, starting_after: int) -> Leg:
        asked = {"type": "maru:response.follow", "response_id": response_id, "starting_after": starting_after}
        return await self.leg(asked)

    async def _over_socket(self, asked: Json) -> AsyncGenerator[str]:
        async with asyncio.timeout(self.silence_s):
            socket = await self.session.ws_connect(f"{self.url}/v1/responses", headers=self._headers, max_msg_size=0)
        try:
            await socket.send_json(asked)
            while True:
                message = await socket.receive(timeout=self.silence_s)
                if message.type is not aiohttp.WSMsgType.TEXT:
                    return
                yield message.data
        finally:
            # The other side may be dead: whoever has read the end need not wait for its good-bye.
            with suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await socket.close()

    async def _over_sse(self, asked: Json) -> AsyncGenerator[str]:
        timeout = aiohttp.ClientTimeout(total=None, sock_read=self.silence_s, sock_connect=self.silence_s)
        options: dict[str, Any] = {"headers": self._headers, "timeout": timeout}
        if asked["type"] == "response.create":
            fields = {name: value for name, value in asked.items() if name not in {"type", "maru:detach"}}
            body = {**fields, "stream": True, "background": True}
            request = self.session.post(f"{self.url}/v1/responses", json=body, **options)
        else:
            query = {"stream": "true", "starting_after": str(asked["starting_after"])}
            url = f"{self.url}/v1/responses/{asked['response_id']}"
            request = self.session.get(url, params=query, **options)
        async with request as answer:
            if answer.status != 200:
                yield json.dumps({"type": "error", **json.loads(await answer.text())})
                return
            async for data in _data_lines(answer.content):
                yield data


async def _data_lines(content: aiohttp.StreamReader) -> AsyncIterator[str]:
    while line := (await content.readline()).decode():
        # A line without its end was cut with the connection; the event in it is not there yet.
        if line.startswith("data: ") and line.endswith("\n") and line != "data: [DONE]\n":
            yield line.removeprefix("data: ").removesuffix("\n")


@asynccontextmanager
async def http_session() -> AsyncGenerator[aiohttp.ClientSession]:
    """A session without a bound on connections, for long lines."""
    connector = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=connector, read_bufsize=2**22) as session:
        yield session


async def look_afterwards(history: History, *clients: Client) -> Afterwards:
    """Wait until all is over, ask for everything that anybody saw, and follow everything again.

    Args:
        history: what was seen; grows by what is asked here.
        clients: one for each owner.
    """
    responses: dict[str, Json | None] = {}
    inputs: dict[str, list[Json]] = {}
    trees: dict[str, Json | None] = {}
    for client in clients:
        for story in stories_of(history):
            if story.owner == client.owner:
                responses[story.id] = await _ended(client, story.id)
                page = await client.call("GET", f"/v1/responses/{story.id}/input_items?limit=100")
                inputs[story.id] = page.get("data", [])
                for after in {-1, client.chance.randint(-1, max(story.events, default=0))}:
                    await client.follow(story.id, after)
        for conversation_id, owner in made_conversations(history).items():
            if owner == client.owner:
                tree = await client.call("GET", f"/v1/conversations/{conversation_id}/tree")
                trees[conversation_id] = tree if "items" in tree else None
    return Afterwards(responses, inputs, trees)


async def _ended(client: Client, response_id: str) -> Json | None:
    deadline = time.monotonic() + 30
    while True:
        response = await client.call("GET", f"/v1/responses/{response_id}")
        if (response is not None and response.get("status") not in OPEN) or time.monotonic() > deadline:
            return response if response is not None and "status" in response else None
        await asyncio.sleep(0.1)
