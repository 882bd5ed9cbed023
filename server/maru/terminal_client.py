"""Talks to a running server as any other client does: over the public API, HTTP and WebSocket.

Knows the events of an answer, not how they are shown.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, cast

import aiohttp

from maru.settings import SettingsError, load_settings

CONNECT_TIMEOUT_S = 5.0
ASK_TIMEOUT_S = 30.0
PROBE_TIMEOUT_S = 3.0  # what has not said by then that it is Maru is something else
LARGEST_FRAME_BYTES = 64 * 2**20  # the last event repeats the whole answer

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 (the address to ask, where the server listens on all)


class ChatError(Exception):
    """The chat cannot go on; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Started:
    """The answer has a name, by which it can be stopped."""

    response_id: str


@dataclass(frozen=True, slots=True)
class Words:
    """More of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Thought:
    """More of what the model thinks before it answers."""

    text: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is over; `problem` says why it is not whole, empty when it is."""

    problem: str = ""


AnswerEvent = Started | Words | Thought | Ended


def event_of(frame: Mapping[str, Any]) -> AnswerEvent | None:
    """What a frame means for a reader of the answer; None for frames that tell a reader nothing."""
    match frame.get("type"):
        case "response.created":
            return Started(frame["response"]["id"])
        case "response.output_text.delta" | "response.refusal.delta":
            return Words(frame["delta"])
        case "response.reasoning_text.delta" | "response.reasoning.delta" | "response.reasoning_summary_text.delta":
            return Thought(frame["delta"])
        case "response.completed":
            return Ended()
        case "response.incomplete":
            return Ended(_why_incomplete(frame["response"]))
        case "response.failed":
            return Ended(str(_part(frame["response"], "error").get("message") or "The answer failed."))
        case "error":
            return Ended(str(_part(frame, "error").get("message") or "The server refused the message."))
        case _:
            return None


def server_url(url: str | None, config: Path | None) -> str:
    """Address of the server: the one given, else the one that the settings would serve at.

    Raises:
        ChatError: it is no address, or the settings are wrong.
    """
    if url is not None:
        if not url.startswith(("http://", "https://")):
            raise ChatError(f"{url!r} is no address of a server; write it like http://127.0.0.1:8000")
        return url.rstrip("/").removesuffix("/v1")
    try:
        settings = load_settings({"config": config})
    except SettingsError as error:
        raise ChatError(str(error)) from error
    host = _ANY_ADDRESS.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"


class Client:
    """One server and one key; used as an async context."""

    def __init__(self, url: str, key: str | None) -> None:
        """Connect at first use."""
        self.url = url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=ASK_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
        # A proxy of the environment is not asked: it could reach neither this machine nor keep a WebSocket.
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def is_up(self) -> bool:
        """Whether a Maru answers at the address."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                return (await self.get("/healthz")).get("status") == "ok"
        except (ChatError, TimeoutError):
            return False

    async def readiness(self) -> str:
        """State of the default model: "loading", "ready", "failed" or "out"; "none" while nothing answers."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S), self._session.get(self.url + "/readyz") as answer:
                return str((await answer.json()).get("model", "none"))
        except (aiohttp.ClientError, TimeoutError, ValueError, AttributeError):
            return "none"

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """The JSON at a path.

        Raises:
            ChatError: no server answers, or it refuses.
        """
        return await self._ask("GET", path, params=query)

    async def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """The JSON that answers a body.

        Raises:
            ChatError: no server answers, or it refuses.
        """
        return await self._ask("POST", path, json=body)

    @asynccontextmanager
    async def socket(self) -> AsyncGenerator["AnswerSocket", None]:
        """A WebSocket for one turn: between turns nobody would answer the server's pings.

        Raises:
            ChatError: no server answers, or it refuses.
        """
        try:
            socket = await self._session.ws_connect(self.url + "/v1/responses", max_msg_size=LARGEST_FRAME_BYTES)
        except aiohttp.WSServerHandshakeError as error:
            raise ChatError(_refusal(error.status, {})) from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise ChatError(self._nobody(error)) from error
        async with socket:
            yield AnswerSocket(socket)

    async def _ask(self, method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 (aiohttp's options)
        try:
            async with self._session.request(method, self.url + path, **options) as answer:
                body = json.loads(await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ChatError(self._nobody(error)) from error
        except ValueError as error:
            raise ChatError(f"What answers at {self.url} is no Maru; give its address with --url.") from error
        if not isinstance(body, dict):
            raise ChatError(f"What answers at {self.url} is no Maru; give its address with --url.")
        found = cast("dict[str, Any]", body)
        if not answer.ok:
            raise ChatError(_refusal(answer.status, found))
        return found

    def _nobody(self, error: BaseException) -> str:
        reason = str(error) or type(error).__name__
        return f"No server answers at {self.url} ({reason}). Start one with: maru serve"


class AnswerSocket:
    """One turn on a WebSocket: ask, read, stop."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take an open socket."""
        self._socket = socket

    async def ask(self, text: str, *, conversation: str, model: str | None) -> None:
        """Say something; the answer comes through `events`."""
        message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}
        create = {"type": "response.create", "conversation": conversation, "input": [message]}
        await self._socket.send_json(create if model is None else {**create, "model": model})

    async def stop(self, response_id: str) -> None:
        """Ask the server to end the answer; its last event still comes."""
        await self._socket.send_json({"type": "response.cancel", "response_id": response_id})

    async def close(self) -> None:
        """Leave; the server ends the answer."""
        await self._socket.close()

    async def events(self) -> AsyncGenerator[AnswerEvent, None]:
        """Everything that the reader of the answer should know; the last one is `Ended`."""
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            event = event_of(json.loads(message.data))
            if event is not None:
                yield event
            if isinstance(event, Ended):
                return
        yield Ended("The connection broke off; what was written is kept on the server.")


def _why_incomplete(response: Mapping[str, Any]) -> str:
    if response.get("status") == "cancelled":
        return "Stopped."
    reason = _part(response, "incomplete_details").get("reason")
    if reason == "max_output_tokens":
        return "The answer reached its greatest length."
    return f"The answer is not whole ({reason})." if reason else "The answer is not whole."


def _refusal(status: int, body: Mapping[str, Any]) -> str:
    message = _part(body, "error").get("message")
    if message is None and status in {401, 403}:
        return "The server wants an API key: give one with --key or MARU_API_KEY (maru keys create makes one)."
    return str(message or f"The server refused the request with status {status}.")


def _part(body: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object below a key; an empty one where there is none."""
    found = body.get(key)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
