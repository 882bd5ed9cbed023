"""The wire to Claude: Anthropic's SDK as the client, our own reading of what it receives.

The SDK signs, connects and tells statuses apart. Its events are read here as bytes, because its own reader puts no
bound on one event and takes fields of wrong types as they come.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

from maru_backends.claude_errors import claude_error
from maru_backends.errors import (
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.foreign_json import json_object
from maru_backends.hosted_settings import ApiKey
from maru_backends.hosted_stream import ConnectionLostError
from maru_backends.sse import MAX_EVENT_BYTES, EventTooLargeError, ServerSentEvent, SseParser

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

ASK_TIMEOUT_S = 30.0
_PROMPT_FIELDS = ("model", "system", "messages", "tools", "tool_choice", "thinking", "output_config")


class ClaudeHttp:
    """One provider's connections."""

    def __init__(self, client: "AsyncAnthropic", *, key_place: str | None, retries: int) -> None:
        """Use `client`, which makes no call again by itself; `key_place` is for the operator's eyes."""
        self._client = client
        self._patient = client.with_options(max_retries=retries)
        self._key_place = key_place
        self._responses: set[Any] = set()
        self.is_closed = False

    async def answer(
        self, body: Mapping[str, object], headers: Mapping[str, str]
    ) -> AsyncGenerator[ServerSentEvent, None]:
        """The events of one message; closing the generator closes the connection, at which the engine stops.

        Raises:
            BackendError: as the seam has it.
        """
        encoded(body)
        params = dict(body)
        # The SDK has no names any more for what only older models take.
        extra = {name: params.pop(name) for name in ("temperature", "top_p") if name in params}

        def call() -> Any:  # noqa: ANN401 (the SDK's contexts have no common name)
            create = cast("Any", self._client.messages.with_streaming_response.create)
            return create(**params, extra_body=extra or None, extra_headers=dict(headers))

        parser = SseParser()
        try:
            async with aclosing(self._bytes(call)) as chunks:
                async for chunk in chunks:
                    for event in parser.feed(chunk):
                        yield event
                for event in parser.end():
                    yield event
        except EventTooLargeError as error:
            raise BackendStreamBrokenError("The engine sent an event without end.") from error

    async def count(self, body: Mapping[str, object]) -> int | None:
        """The tokens in this prompt; None where the provider does not say.

        Raises:
            BackendError: the provider cannot be asked.
        """
        params = {name: body[name] for name in _PROMPT_FIELDS if name in body}
        encoded(params)
        told = await self._asked(
            lambda: self._patient.messages.with_streaming_response.count_tokens(**cast("Any", params)), ASK_TIMEOUT_S
        )
        found = told.get("input_tokens")
        return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None

    async def model(self, name: str, *, timeout_s: float = ASK_TIMEOUT_S) -> Mapping[str, object]:
        """What the provider says of a model.

        Raises:
            BackendError: the provider cannot be asked, or knows none of that name.
        """
        return await self._asked(lambda: self._client.models.with_streaming_response.retrieve(name), timeout_s)

    async def close(self) -> None:
        """Cut every connection; running streams end with an error."""
        self.is_closed = True
        for response in tuple(self._responses):
            await response.close()
        await self._client.close()

    async def _asked(self, call: Callable[[], Any], timeout_s: float) -> Mapping[str, object]:
        text = bytearray()
        try:
            async with asyncio.timeout(timeout_s), aclosing(self._bytes(call)) as chunks:
                async for chunk in chunks:
                    text += chunk
                    if len(text) > MAX_EVENT_BYTES:
                        raise BackendUnavailableError("The engine's answer does not end.")
        except TimeoutError as error:
            raise BackendUnavailableError(f"The engine did not answer within {timeout_s:g} s.") from error
        return json_object(bytes(text).decode(errors="replace")) or {}

    async def _bytes(self, call: Callable[[], Any]) -> AsyncGenerator[bytes, None]:
        """The bytes of an answer of status 200; what goes wrong with it becomes our error."""
        from anthropic import AnthropicError, APIStatusError

        if self.is_closed:
            raise self._unreachable()
        try:
            async with call() as response:
                self._responses.add(response)
                try:
                    if response.headers.get("content-type", "").startswith("text/html"):
                        raise BackendSetupError("The engine answered with a web page; check the setting base_url.")
                    async for chunk in response.iter_bytes():
                        yield chunk
                finally:
                    self._responses.discard(response)
        except APIStatusError as error:
            headers = dict(error.response.headers)
            raise claude_error(error.status_code, error.response.text, headers, key_place=self._key_place) from error
        except AnthropicError as error:
            raise self._unreachable() from error
        except _lost() as error:
            raise self._unreachable() from error
        except RuntimeError as error:
            raise (self._unreachable() if self.is_closed else error) from error
        if self.is_closed:
            raise self._unreachable()

    def _unreachable(self) -> ConnectionLostError:
        return ConnectionLostError("This backend was closed." if self.is_closed else "The engine cannot be reached.")


def prompt_key(body: Mapping[str, object]) -> bytes:
    """The same for two bodies whose prompts have the same tokens."""
    return blake2b(encoded({name: body.get(name) for name in _PROMPT_FIELDS}), digest_size=16).digest()


def encoded(body: Mapping[str, object]) -> bytes:
    """The body as JSON.

    Raises:
        RequestRefusedError: JSON cannot carry it.
    """
    try:
        return json.dumps(body, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError(
            "The request holds a number that JSON cannot carry, or is nested too deep."
        ) from error


def _lost() -> tuple[type[Exception], ...]:
    """What a broken connection raises while an answer is read, where the SDK translates it no more."""
    import anyio
    import httpx2

    return (httpx2.HTTPError, httpx2.StreamError, anyio.ClosedResourceError, anyio.BrokenResourceError, OSError)


async def open_http(
    *, base_url: str, key: ApiKey | None, headers: Mapping[str, str], connect_timeout_s: float, retries: int
) -> ClaudeHttp:
    """Load the SDK and make its client; nothing is connected yet.

    Raises:
        BackendSetupError: the SDK is not installed.
    """
    try:
        # Beside the event loop: the SDK takes a second to load.
        anthropic: Any = await asyncio.to_thread(__import__, "anthropic")
        httpx2: Any = await asyncio.to_thread(__import__, "httpx2")
    except ImportError as error:
        raise BackendSetupError("The backend 'claude' needs Anthropic's SDK: pip install 'maru[claude]'.") from error
    timeout = httpx2.Timeout(None, connect=connect_timeout_s)
    client = anthropic.AsyncAnthropic(
        api_key=key.value if key else "none",
        base_url=base_url,
        max_retries=0,
        timeout=timeout,
        default_headers={"Accept-Encoding": "identity", **headers},
        # A redirection would carry the key to another host.
        http_client=anthropic.DefaultAsyncHttpxClient(follow_redirects=False, timeout=timeout),
        open_telemetry=False,
    )
    return ClaudeHttp(client, key_place=key.place if key else None, retries=retries)
