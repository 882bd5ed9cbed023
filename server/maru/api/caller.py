"""Who asks: every route takes an `Owner`, and every socket asks `admitted` before it is accepted."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request, WebSocket
from starlette.requests import HTTPConnection

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
        owner = await rooms.door.identify(facts_of(request.scope, rooms.settings.host))
    except AccessDenied as denied:
        raise _told(denied) from denied
    request.state.has_key = owner.via == "key"
    return owner.id


Owner = Annotated[str, Depends(_owner_of)]
"""Id of who asks; the request is refused before the route runs when that is nobody."""


async def _operator_of(request: Request, owner: Owner) -> str:
    if owner != (await rooms_of(request).store.local_owner()).id:
        raise ApiError(403, "Only the operator of this server may do that.", code="not_the_operator")
    return owner


Operator = Annotated[str, Depends(_operator_of)]
"""Id of who asks, who owns this server: by its own computer, or by a key that `maru keys create` made."""


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


async def until_shut_out(connection: HTTPConnection) -> None:
    """Return when who opened this socket or asked this might not do so any more: the key was revoked."""
    rooms = rooms_of(connection)
    await rooms.door.until_shut_out(facts_of(connection.scope, rooms.settings.host))


def _told(denied: AccessDenied) -> ApiError:
    return ApiError(denied.status, denied.message, code=denied.code)
