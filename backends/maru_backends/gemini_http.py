"""The wire to Gemini: Google's SDK as the client, with a bound on what it reads and a hand on its connections.

The SDK joins the lines of an event without end and keeps its response to itself; so its HTTP client is one of ours,
which counts the bytes and closes a response when its stream is closed.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, cast

from maru_backends.errors import (
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.gemini_errors import gemini_error
from maru_backends.hosted_settings import ApiKey
from maru_backends.hosted_stream import ConnectionLostError
from maru_backends.sse import MAX_EVENT_BYTES, EventTooLargeError

if TYPE_CHECKING:
    from google.genai import Client

Json = dict[str, object]

ASK_TIMEOUT_S = 30.0
_STREAM_HEADER = "x-maru-stream"  # between us and our HTTP client; it never leaves this process
_NOT_READ = {"sdk_http_response"}
_NONSENSE = "The engine sent something that is not an answer of Gemini's."


class GeminiHttp:
    """One provider's connections."""

    def __init__(self, client: "Client", http: Any, *, key_place: str | None, retries: int) -> None:  # noqa: ANN401 (see `_client_type`)
        """Use `client`, which speaks through `http`; `key_place` is for the operator's eyes."""
        self._client = client
        self._http = http
        self._responses: dict[str, Any] = http.responses
        self._key_place = key_place
        self._retries = retries
        self._streams = 0
        self.is_closed = False

    async def answer(self, model: str, body: Mapping[str, object]) -> AsyncGenerator[Mapping[str, object], None]:
        """The pieces of one answer; closing the generator closes the connection, at which the engine stops.

        Raises:
            BackendError: as the seam has it.
        """
        if self.is_closed:
            raise self._unreachable()
        self._streams += 1
        name = str(self._streams)
        contents, config = _typed(body, {_STREAM_HEADER: name})
        try:
            stream = self._client.aio.models.generate_content_stream(model=model, contents=contents, config=config)
            pieces = cast("AsyncGenerator[Any, None]", await self._translated(lambda: stream))
            async with aclosing(pieces):
                while True:
                    try:
                        piece = await self._translated(lambda: anext(pieces))
                    except StopAsyncIteration:
                        break
                    yield piece.model_dump(
                        mode="json", exclude_none=True, exclude={"sdk_http_response"}, warnings=False
                    )
        finally:
            response = self._responses.pop(name, None)
            if response is not None:
                await response.aclose()
        if self.is_closed:
            raise self._unreachable()

    async def count(self, model: str, body: Mapping[str, object]) -> int | None:
        """The tokens of a prompt, as the provider counts them; None where it tells no number.

        Raises:
            BackendError: the provider cannot be asked.
        """
        contents, _ = _typed(body, {})
        whole = {"generateContentRequest": {"model": f"models/{model}", **body}}
        config = {"http_options": {"extra_body": whole, "retry_options": {"attempts": self._retries + 1}}}
        models = cast("Any", self._client.aio.models)
        told = await self._asked(lambda: models.count_tokens(model=model, contents=contents, config=config))
        count: object = told.total_tokens
        return count if isinstance(count, int) else None

    async def model(self, name: str, *, timeout_s: float = ASK_TIMEOUT_S) -> Mapping[str, object]:
        """What the provider says of a model, with the SDK's spelling of the names.

        Raises:
            BackendError: the provider cannot be asked, or knows none of that name.
        """
        told = await self._asked(lambda: self._client.aio.models.get(model=name), timeout_s)
        found: dict[str, object] = told.model_dump(mode="json", exclude_none=True, warnings=False)
        return found

    async def close(self) -> None:
        """Cut every connection; running streams end with an error."""
        self.is_closed = True
        for response in tuple(self._responses.values()):
            await response.aclose()
        await self._http.aclose()  # ours, which the SDK leaves open
        await self._client.aio.aclose()

    async def _asked(self, call: Callable[[], Awaitable[Any]], timeout_s: float = ASK_TIMEOUT_S) -> Any:  # noqa: ANN401 (the SDK's answers)
        if self.is_closed:
            raise self._unreachable()
        try:
            async with asyncio.timeout(timeout_s):
                return await self._translated(call)
        except TimeoutError as error:
            raise BackendUnavailableError(f"The engine did not answer within {timeout_s:g} s.") from error

    async def _translated(self, call: Callable[[], Awaitable[Any]]) -> Any:  # noqa: ANN401 (the SDK's answers)
        """What the call gives; what it raises becomes our error."""
        import httpx2
        from google.genai.errors import APIError

        try:
            return await call()
        except APIError as error:
            told = cast("Any", error)  # typed in part
            headers = dict(getattr(told.response, "headers", None) or {})
            raise gemini_error(error.code, told.details, headers, key_place=self._key_place) from error
        except EventTooLargeError as error:
            raise BackendStreamBrokenError("The engine sent an event without end.") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise self._unreachable() from error
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError, RuntimeError) as error:
            # Whatever a strange piece makes the SDK trip over; its own words may hold that piece.
            raise (self._unreachable() if self.is_closed else BackendStreamBrokenError(_NONSENSE)) from error

    def _unreachable(self) -> ConnectionLostError:
        return ConnectionLostError("This backend was closed." if self.is_closed else "The engine cannot be reached.")


def prompt_key(model: str, body: Mapping[str, object]) -> bytes:
    """The same for two prompts of the same content."""
    return blake2b(model.encode() + _encoded(body), digest_size=16).digest()


def _typed(body: Mapping[str, object], headers: Mapping[str, str]) -> tuple[Any, Any]:
    """The body in the SDK's types: contents, and the rest of it as a config."""
    from google.genai.types import Content, GenerateContentConfig

    config = {name: value for name, value in body.items() if name not in {"contents", "generationConfig"}}
    config |= cast("Json", body.get("generationConfig", {}))
    config |= {"automaticFunctionCalling": {"disable": True}, "httpOptions": {"headers": dict(headers)}}
    contents = [Content.model_validate_json(_encoded(content)) for content in cast("list[Json]", body["contents"])]
    return contents, GenerateContentConfig.model_validate_json(_encoded(config))


def _encoded(value: object) -> bytes:
    try:
        return json.dumps(value, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError(
            "The request holds a number that JSON cannot carry, or is nested too deep."
        ) from error


def _client_type() -> Any:  # noqa: ANN401 (made of a class that is imported late)
    """The SDK's HTTP client with a bound on each event, its open streams by name."""
    import httpx2

    class Bounded(httpx2.AsyncByteStream):
        def __init__(self, inner: httpx2.AsyncByteStream) -> None:
            self._inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            since_event = 0
            tail = b""
            async for chunk in self._inner:
                recent = (tail + chunk).replace(b"\r", b"")
                end = recent.rfind(b"\n\n")
                since_event = since_event + len(chunk) if end < 0 else len(recent) - end
                tail = chunk[-3:]
                if since_event > MAX_EVENT_BYTES:
                    raise EventTooLargeError(f"an event is larger than {MAX_EVENT_BYTES} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._inner.aclose()

    class BoundedClient(httpx2.AsyncClient):
        def __init__(self, **keys: Any) -> None:  # noqa: ANN401 (passed on)
            super().__init__(**keys)
            self.responses: dict[str, Any] = {}

        async def send(self, request: httpx2.Request, *, stream: bool = False, **keys: Any) -> httpx2.Response:  # noqa: ANN401 (passed on)
            name = request.headers.pop(_STREAM_HEADER, None)
            response = await super().send(request, stream=True, **keys)
            response.stream = Bounded(cast("httpx2.AsyncByteStream", response.stream))
            if name is not None:
                self.responses[name] = response
            if not stream:
                await response.aread()
            return response

    return BoundedClient


async def open_http(
    *, base_url: str, key: ApiKey | None, headers: Mapping[str, str], connect_timeout_s: float, retries: int
) -> GeminiHttp:
    """Load the SDK and make its client; nothing is connected yet.

    Raises:
        BackendSetupError: the SDK is not installed.
    """
    try:
        # Beside the event loop: the SDK takes a second to load.
        httpx2, genai = await asyncio.to_thread(_sdk)
    except ImportError as error:
        raise BackendSetupError("The backend 'gemini' needs Google's SDK: pip install 'maru[gemini]'.") from error
    # A redirection would carry the key to another host.
    http = _client_type()(follow_redirects=False, timeout=httpx2.Timeout(None, connect=connect_timeout_s))
    url, version = base_url.rsplit("/", 1)
    options = {
        "base_url": url,
        "api_version": version,
        "headers": {"Accept-Encoding": "identity", **headers},
        "httpx_async_client": http,
        "retry_options": {"attempts": 1},
    }
    client = genai.Client(vertexai=False, api_key=key.value if key else "none", http_options=options)
    return GeminiHttp(client, http, key_place=key.place if key else None, retries=retries)


def _sdk() -> tuple[Any, Any]:
    import httpx2
    from google import genai

    return httpx2, genai
