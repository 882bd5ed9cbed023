"""The wire to an OpenAI-like engine: a pooled session, streams with a watchdog, one retry.

Knows sockets, statuses and time; what a chunk means is the reader's business. aiohttp, because clients built on httpx
cost twice the CPU and five times the time to first token at 32 streams.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Protocol
from urllib.parse import urlencode

import aiohttp

from maru_backends.base import BackendEvent
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    EngineLostError,
    RequestRefusedError,
)
from maru_backends.openai_errors import error_from_response
from maru_backends.sse import MAX_EVENT_BYTES, EventTooLargeError, SseParser

CHAT_PATH = "chat/completions"
RETRY_DELAY_S = 0.25
LONGEST_RETRY_DELAY_S = 2.0
# After its finish reason an engine still owes the usage and the end mark; some keep the connection open for ever.
END_GRACE_S = 2.0
DRAIN_GRACE_S = 0.05
ASK_TIMEOUT_S = 30.0
MAX_ERROR_BYTES = 16 * 1024

_LOST = (aiohttp.ClientError, OSError)


class StreamReader(Protocol):
    """Reads one streamed answer: fed every event's data, then ended. Each may raise `BackendError`."""

    @property
    def is_finished(self) -> bool:
        """Whether the engine said why it stopped; what still comes may be late."""
        ...

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be read any more."""
        ...

    def read(self, data: str, *, event_name: str = "") -> list[BackendEvent]:
        """The events in one event's data; often none."""
        ...

    def end(self) -> list[BackendEvent]:
        """The last events, `Finished` at their end."""
        ...


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine is and how patient we are.

    Attributes:
        base_url: ends in the version, as in `http://host:8000/v1`; never shown to people.
        headers: sent with every call; may hold a key, so never shown at all.
        query: sent with every call, as Azure's version.
        api_key_env: the variable the key came from, for the operator's eyes.
        first_token_timeout_s: from the request to the first event; a busy engine may queue and prefill for long.
        stall_timeout_s: between two events; keep-alive comments do not count as life.
    """

    base_url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    api_key_env: str | None = None
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    connect_timeout_s: float = 10.0
    first_token_timeout_s: float = 120.0
    stall_timeout_s: float = 60.0

    @property
    def root_url(self) -> str:
        """The address without the version: vLLM's `/health`, `/metrics` and `/tokenize` live there."""
        return self.base_url.removesuffix("/v1")


class _NoAnswerError(Exception):
    """Nothing was said yet and the same request may be sent once more."""

    def __init__(self, error: BackendError) -> None:
        super().__init__(str(error))
        self.error = error

    @property
    def retry_after_s(self) -> float:
        told = self.error.retry_after_s if isinstance(self.error, BackendBusyError) else None
        return RETRY_DELAY_S if told is None else told


class OpenAIHttp:
    """One engine's connections; make it inside the event loop, close it once."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Open no connection yet."""
        self.endpoint = endpoint
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=20),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity", **endpoint.headers},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=endpoint.connect_timeout_s),
        )

    async def answer(
        self,
        body: Mapping[str, object],
        headers: Mapping[str, str],
        new_reader: Callable[[], StreamReader],
        *,
        path: str = CHAT_PATH,
    ) -> AsyncGenerator[BackendEvent, None]:
        """Stream one answer of this path; closing the generator closes the connection, at which the engine stops.

        Raises:
            BackendError: as the seam has it. A second attempt is made once, when no event was told.
        """
        data = _encoded(body)
        for may_retry in (True, False):
            try:
                async with aclosing(self._attempt(path, data, headers, new_reader())) as events:
                    async for event in events:
                        yield event
            except _NoAnswerError as lost:
                wait_s = lost.retry_after_s
                if not may_retry or self._session.closed or wait_s > LONGEST_RETRY_DELAY_S:
                    raise lost.error from lost
                await asyncio.sleep(wait_s)
            else:
                return

    async def ask(
        self, path: str, body: Mapping[str, object] | None = None, *, timeout_s: float = ASK_TIMEOUT_S
    ) -> str:
        """The text of one short answer; `path` is below the base, or below the root when it starts with a slash.

        Raises:
            BackendError: the engine is not there, or did not answer 200.
        """
        response, text = await self._asked(path, body, timeout_s)
        if response.status != HTTPStatus.OK:
            raise self._refusal(path, response, text)
        return text

    async def answered(
        self, path: str, body: Mapping[str, object], *, timeout_s: float = ASK_TIMEOUT_S
    ) -> tuple[int, str]:
        """Status and text of one short answer, whatever they are; for calls whose refusals have a meaning of their own.

        Raises:
            BackendUnavailableError: nobody answers.
        """
        response, text = await self._asked(path, body, timeout_s)
        return response.status, text

    async def status(self, path: str, *, timeout_s: float = ASK_TIMEOUT_S) -> int:
        """The status of one page alone.

        Raises:
            BackendUnavailableError: nobody answers.
        """
        return (await self._asked(path, None, timeout_s))[0].status

    async def close(self) -> None:
        """Cut every connection; running streams end with an error."""
        await self._session.close()

    async def _asked(
        self, path: str, body: Mapping[str, object] | None, timeout_s: float
    ) -> tuple[aiohttp.ClientResponse, str]:
        method, data = ("GET", None) if body is None else ("POST", _encoded(body))
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.request(method, self._url(path), data=data, allow_redirects=False) as response,
            ):
                return response, await _limited_text(response, MAX_EVENT_BYTES)
        except TimeoutError as error:
            raise BackendUnavailableError(f"The engine did not answer within {timeout_s:g} s.") from error
        except _LOST as error:
            raise BackendUnavailableError("The engine cannot be reached.") from error
        except RuntimeError as error:
            raise self._closed_or(error) from error

    async def _attempt(
        self, path: str, data: bytes, headers: Mapping[str, str], reader: StreamReader
    ) -> AsyncGenerator[BackendEvent, None]:
        deadline = asyncio.get_running_loop().time() + self.endpoint.first_token_timeout_s
        was_told = False
        try:
            response = await self._opened(path, data, headers, deadline)
            try:
                async with aclosing(self._events(response, reader, deadline)) as events:
                    async for event in events:
                        was_told = True
                        yield event
            finally:
                if not response.content.at_eof():
                    response.close()  # cut at once: the engine notices and stops
                response.release()
        except _LOST as error:
            if was_told:
                raise EngineLostError("The connection to the engine broke in the middle.") from error
            raise _NoAnswerError(BackendUnavailableError("The engine cannot be reached.")) from error
        except RuntimeError as error:
            raise self._closed_or(error) from error

    async def _opened(
        self, path: str, data: bytes, headers: Mapping[str, str], deadline: float
    ) -> aiohttp.ClientResponse:
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._session.post(self._url(path), data=data, headers=headers, allow_redirects=False)
                if response.status == HTTPStatus.OK:
                    return response
                async with response:
                    refusal = self._refusal(path, response, await _limited_text(response, MAX_ERROR_BYTES))
        except aiohttp.ServerTimeoutError:  # of the connection alone, and a TimeoutError by inheritance
            raise
        except TimeoutError as error:
            raise self._stalled(self.endpoint.first_token_timeout_s) from error
        if response.status == HTTPStatus.SERVICE_UNAVAILABLE:
            raise _NoAnswerError(refusal)
        raise refusal

    async def _events(
        self, response: aiohttp.ClientResponse, reader: StreamReader, deadline: float
    ) -> AsyncGenerator[BackendEvent, None]:
        if response.content_type == "text/html":
            raise BackendSetupError("The engine answered with a web page; check the setting base_url.")
        if response.content_type == "application/json":  # an engine that does not stream
            for event in [*reader.read(await self._whole(response, deadline)), *reader.end()]:
                yield event
            return
        parser = SseParser()
        watchdog = _Watchdog(response, deadline, self.endpoint.first_token_timeout_s)
        at_end = False
        try:
            while not (at_end or reader.is_over):
                chunk = await self._chunk(response, reader, watchdog)
                at_end = not chunk
                is_alive = False
                for parsed in parser.feed(chunk) if chunk else parser.end():
                    for event in reader.read(parsed.data, event_name=parsed.name):
                        is_alive = True
                        yield event
                if is_alive or reader.is_finished:
                    watchdog.feed(END_GRACE_S if reader.is_finished else self.endpoint.stall_timeout_s)
        except EventTooLargeError as error:
            raise BackendStreamBrokenError("The engine sent an event without end.") from error
        finally:
            watchdog.rest()
        for event in reader.end():
            yield event
        await _drain(response)

    async def _chunk(self, response: aiohttp.ClientResponse, reader: StreamReader, watchdog: "_Watchdog") -> bytes:
        """The next bytes; none at the end, or once the finish reason is here and the rest does not come."""
        try:
            return await response.content.readany()
        except _LOST as error:
            if reader.is_finished:
                return b""
            if watchdog.has_bitten:
                raise self._stalled(watchdog.limit_s) from error
            raise

    async def _whole(self, response: aiohttp.ClientResponse, deadline: float) -> str:
        try:
            async with asyncio.timeout_at(deadline):
                return await _limited_text(response, MAX_EVENT_BYTES)
        except TimeoutError as error:
            raise self._stalled(self.endpoint.first_token_timeout_s) from error

    def _refusal(self, path: str, response: aiohttp.ClientResponse, body: str) -> BackendError:
        key = self.endpoint.api_key_env
        return error_from_response(response.status, body, response.headers, api_key_env=key, path=path)

    def _url(self, path: str) -> str:
        endpoint = self.endpoint
        url = endpoint.root_url + path if path.startswith("/") else f"{endpoint.base_url}/{path}"
        return f"{url}?{urlencode(endpoint.query)}" if endpoint.query else url

    def _closed_or(self, error: RuntimeError) -> Exception:
        return BackendUnavailableError("This backend was closed.") if self._session.closed else error

    @staticmethod
    def _stalled(limit_s: float) -> BackendError:
        return EngineLostError(f"The engine sent no token for {limit_s:g} s.")


class _Watchdog:
    """Closes a response that gives no life for too long. One timer a stream, because one a chunk costs too much."""

    def __init__(self, response: aiohttp.ClientResponse, deadline: float, limit_s: float) -> None:
        """Watch until `deadline` (on the loop's clock), which lies `limit_s` after the request."""
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._deadline = deadline
        self._timer = self._loop.call_at(deadline, self._wake)
        self.limit_s = limit_s
        self.has_bitten = False

    def feed(self, limit_s: float) -> None:
        """There was life: the next must come within `limit_s`."""
        self.limit_s = limit_s
        self._deadline = self._loop.time() + limit_s
        if self._deadline < self._timer.when():
            self._timer.cancel()
            self._timer = self._loop.call_at(self._deadline, self._wake)

    def rest(self) -> None:
        """Watch no more."""
        self._timer.cancel()

    def _wake(self) -> None:
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._wake)
        else:
            self.has_bitten = True
            self._response.close()  # whoever waits for bytes gets an error at once


async def _drain(response: aiohttp.ClientResponse) -> None:
    """Read the transfer's last bytes, so that the connection may serve again; no matter if they do not come."""
    with suppress(*_LOST):
        async with asyncio.timeout(DRAIN_GRACE_S):
            while not response.content.at_eof():
                await response.content.readany()


def _encoded(body: Mapping[str, object]) -> bytes:
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode(errors="replace")
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError(
            "The request holds a number that JSON cannot carry, or is nested too deep."
        ) from error


async def _limited_text(response: aiohttp.ClientResponse, max_bytes: int) -> str:
    body = bytearray()
    while len(body) < max_bytes and (chunk := await response.content.readany()):
        body += chunk
    return bytes(body[:max_bytes]).decode(errors="replace")
