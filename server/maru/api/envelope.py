"""What every HTTP answer carries, added outside of the routes: a request id and the headers of safety."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from maru.ids import new_id


class Envelope:
    """ASGI middleware without buffering, so that streams pass untouched."""

    def __init__(self, app: ASGIApp, headers: Iterable[tuple[str, str]]) -> None:
        """Wrap an app; `headers` are added where the route did not set them."""
        self._app = app
        self._headers = tuple((name.encode(), value.encode()) for name, value in headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, adding headers to the start of each HTTP response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"] = list(message.get("headers", ()))
                present = {name.lower() for name, _ in headers}
                headers.extend(entry for entry in self._headers if entry[0] not in present)
                headers.append((b"x-request-id", new_id("req").encode()))
            await send(message)

        await self._app(scope, receive, send_with_headers)
