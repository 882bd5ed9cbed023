"""Who asks: every route takes an `Owner`, and every socket asks `admitted` before it is accepted."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, WebSocket

from maru.api.http import error_response
from maru.api.rooms import rooms_of
from maru.identity.access import accepted_subprotocol
from maru.identity.door import AccessDenied, facts_of
from maru.protocol.errors import ApiError


@dataclass(frozen=True, slots=True)
class SocketCaller:
    """Who opened a socket.

    Attributes:
        owner: the id of the user.
        subprotocol: which of the offered ones is answered.
        has_key: whether it was opened with a key, which may be revoked while the socket lives.
    """

    owner: str
    subprotocol: str | None
    has_key: bool


async def _owner_of(request: Request) -> str:
    rooms = rooms_of(request)
    try:
        return (await rooms.door.identify(facts_of(request.scope, rooms.settings.host))).id
    except AccessDenied as denied:
        raise _told(denied) from denied


Owner = Annotated[str, Depends(_owner_of)]
"""Id of who asks; the request is refused before the route runs when that is nobody."""


async def admitted(websocket: WebSocket) -> SocketCaller | None:
    """Who opens this socket; None after the handshake was refused with an HTTP answer."""
    rooms = rooms_of(websocket)
    try:
        owner = await rooms.door.identify(facts_of(websocket.scope, rooms.settings.host))
    except AccessDenied as denied:
        await websocket.send_denial_response(error_response(_told(denied)))
        return None
    subprotocol = accepted_subprotocol(websocket.scope.get("subprotocols", ()))
    return SocketCaller(owner.id, subprotocol, has_key=owner.via == "key")


async def until_shut_out(websocket: WebSocket) -> None:
    """Return when who opened this socket might not open it any more: the key was revoked."""
    rooms = rooms_of(websocket)
    await rooms.door.until_shut_out(facts_of(websocket.scope, rooms.settings.host))


def _told(denied: AccessDenied) -> ApiError:
    return ApiError(denied.status, denied.message, code=denied.code)
