"""The one door: facts of a request in, the owner out.

Asks `access.py` what to believe, and the store whose key it is.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol, assert_never

from maru.identity.access import FORWARDING_HEADERS, KeyBearer, LocalOwner, Refused, RequestFacts, decide
from maru.identity.key_watch import KeyWatch
from maru.identity.keys import hash_key
from maru.store.people import User


class Users(Protocol):
    """What the door needs of the store."""

    async def local_owner(self) -> User:
        """See `PeopleStore.local_owner`."""
        ...

    async def user_by_key_hash(self, secret_hash: str, *, now: int) -> User | None:
        """See `PeopleStore.user_by_key_hash`."""
        ...


@dataclass(frozen=True, slots=True)
class Owner:
    """Who asks: every query of the store takes `id`."""

    id: str
    name: str
    via: Literal["loopback", "key"]


class AccessDenied(Exception):  # noqa: N818 (a verdict, not a fault)
    """Nobody that may ask; `status` is 401 or 403, `code` is for programs, `message` for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        """Keep what the client is told."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Door:
    """Finds out who asks; one per server."""

    def __init__(self, users: Users, clock: Callable[[], float]) -> None:
        """Look keys up in `users`; `clock` tells Unix seconds."""
        self._users = users
        self._clock = clock
        self._local_owner: Owner | None = None
        self._watch = KeyWatch(self._opens)

    async def identify(self, facts: RequestFacts) -> Owner:
        """Who asks.

        Raises:
            AccessDenied: nobody that may.
            StoreError: the store cannot be asked.
        """
        decision = decide(facts)
        match decision:
            case Refused():
                raise AccessDenied(decision.status, decision.code, decision.message)
            case LocalOwner():
                return await self._local()
            case KeyBearer():
                return await self._bearer(decision)
            case _:
                assert_never(decision)

    async def until_shut_out(self, facts: RequestFacts) -> None:
        """Return about when whoever came in with these facts might not come in again: a key was revoked.

        The local owner is never shut out.
        """
        decision = decide(facts)
        if isinstance(decision, KeyBearer):
            await self._watch.until_revoked(hash_key(decision.secret))
        else:
            await asyncio.Event().wait()

    async def _local(self) -> Owner:
        # The local owner never changes, and is asked for at every request of the page.
        if self._local_owner is None:
            user = await self._users.local_owner()
            self._local_owner = Owner(user.id, user.name, "loopback")
        return self._local_owner

    async def _bearer(self, bearer: KeyBearer) -> Owner:
        user = await self._user(hash_key(bearer.secret))
        if user is None:
            message = "The API key is unknown or revoked. `maru keys list` shows which there are."
            raise AccessDenied(401, "invalid_api_key", message)
        return Owner(user.id, user.name, "key")

    async def _user(self, secret_hash: str) -> User | None:
        # Looked up by its hash: how long the search takes tells nothing about a secret that was never kept.
        return await self._users.user_by_key_hash(secret_hash, now=int(self._clock()))

    async def _opens(self, secret_hash: str) -> bool:
        return await self._user(secret_hash) is not None


def facts_of(scope: Mapping[str, Any], listens_on: str) -> RequestFacts:
    """Facts from an ASGI scope of type http or websocket; `listens_on` is the host that the server listens on.

    The scope must hold the connection's own client address: no middleware may have replaced it by a header's.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name = raw_name.decode("latin-1").lower()
        # Two values for one name are joined, which makes a doubled Host or Origin wrong instead of ambiguous.
        value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    is_websocket = scope["type"] == "websocket"
    client, server = scope.get("client"), scope.get("server")
    return RequestFacts(
        client=client[0] if client else None,
        listens_on=listens_on,
        port=server[1] if server and server[1] is not None else 0,
        host=headers.get("host"),
        scheme="https" if scope.get("scheme") in {"https", "wss"} else "http",
        method=scope.get("method", "GET"),
        is_websocket=is_websocket,
        origin=headers.get("origin"),
        authorization=headers.get("authorization"),
        sec_fetch_site=headers.get("sec-fetch-site"),
        sec_fetch_mode=headers.get("sec-fetch-mode"),
        is_forwarded=not FORWARDING_HEADERS.isdisjoint(headers),
        subprotocols=tuple(scope.get("subprotocols", ())) if is_websocket else (),
    )
