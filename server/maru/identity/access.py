"""Who asks, as far as the request alone tells: a pure decision, table by table in its tests.

Three answers: the local owner (reaches a server that listens on this machine only, from this machine, without a key),
the bearer of a key (which the store then checks), or nobody, with the reason.

A browser is a machine that other people's pages can steer, so being on this machine is not enough. A page of another
site shows itself by its Origin or Sec-Fetch-Site; one that points its own name to 127.0.0.1 (DNS rebinding) shows
itself by its Host. A request that came through a proxy comes from anywhere, whatever its address says.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Literal

from maru.identity.keys import KEY_PREFIX

KEY_PROTOCOL = "openai-insecure-api-key."
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
FORWARDING_HEADERS = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "cf-connecting-ip"}
)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_READING_METHODS = frozenset({"GET", "HEAD"})

KEY_REMEDY = "Make one on the server's machine with: maru keys create"


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What is known of a request before anything of it is trusted.

    Attributes:
        client: address of the connection's other end, as the kernel tells it; None where there is none.
        listens_on: the host that the server was told to listen on.
        port: the port on which the request came in.
        scheme: "http" or "https", also for WebSockets.
        method: of HTTP; "GET" for a WebSocket.
        is_forwarded: whether any of `FORWARDING_HEADERS` is there.
        subprotocols: what the WebSocket offers, in order.
    """

    client: str | None
    listens_on: str
    port: int
    host: str | None
    scheme: Literal["http", "https"] = "http"
    method: str = "GET"
    is_websocket: bool = False
    origin: str | None = None
    authorization: str | None = None
    sec_fetch_site: str | None = None
    sec_fetch_mode: str | None = None
    is_forwarded: bool = False
    subprotocols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalOwner:
    """The person at this machine."""


@dataclass(frozen=True, slots=True, repr=False)
class KeyBearer:
    """Somebody who shows a key; whose it is only the store knows."""

    secret: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody: `status` of HTTP, `code` for programs, `message` for people."""

    status: Literal[401, 403]
    code: str
    message: str


Decision = LocalOwner | KeyBearer | Refused


def decide(facts: RequestFacts) -> Decision:
    """Who asks. A key of ours always counts, also from this machine: a wrong one must not pass unnoticed."""
    shown = _shown_key(facts)
    if isinstance(shown, KeyBearer) and not shown.secret.startswith(KEY_PREFIX):
        # SDKs do not start without some key, so people write anything there; on their own machine it shows no key.
        without = _without_key(facts)
        return without if isinstance(without, LocalOwner) else shown
    return shown if shown is not None else _without_key(facts)


def _without_key(facts: RequestFacts) -> LocalOwner | Refused:
    if not is_loopback(facts.listens_on):
        return _no_key("This server can be reached from other machines, so every request needs an API key.")
    if facts.is_forwarded:
        return _no_key("The request came through a proxy, so it needs an API key.")
    if facts.client is None or not is_loopback(facts.client):
        return _no_key("The request came from another machine, so it needs an API key.")
    return _of_this_machine(facts)


def is_loopback(address: str) -> bool:
    """Whether this host name or address reaches only the machine itself."""
    if address.lower() == "localhost":
        return True
    try:
        ip = ip_address(address.removeprefix("[").removesuffix("]").split("%")[0])
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return ip.is_loopback if mapped is None else mapped.is_loopback


def accepted_subprotocol(offered: Sequence[str]) -> str | None:
    """What a WebSocket's handshake answers: a browser hangs up unless one of its offers comes back.

    The key itself comes back only where nothing else was offered.
    """
    return next((name for name in offered if not name.startswith(KEY_PROTOCOL)), offered[0] if offered else None)


def _shown_key(facts: RequestFacts) -> KeyBearer | Refused | None:
    if facts.authorization is not None:
        scheme, _, secret = facts.authorization.strip().partition(" ")
        if scheme.lower() != "bearer":
            return Refused(401, "invalid_api_key", "Send the API key as: Authorization: Bearer <key>.")
        # SDKs send the header also when their user left the key empty: that shows no key.
        return KeyBearer(secret.strip()) if secret.strip() else None
    for name in facts.subprotocols if facts.is_websocket else ():
        if name.startswith(KEY_PROTOCOL):
            return KeyBearer(name.removeprefix(KEY_PROTOCOL))
    return None


def _of_this_machine(facts: RequestFacts) -> LocalOwner | Refused:
    authority = _authority(facts.host or "", facts.scheme)
    if authority is None or authority[0] not in LOOPBACK_NAMES or authority[1] != facts.port:
        return Refused(
            403,
            "forbidden_host",
            f"Without an API key this server answers only at http://localhost:{facts.port} and "
            f"http://127.0.0.1:{facts.port}, not at {facts.host or 'no host'!r}.",
        )
    if facts.origin is not None and _origin(facts.origin) != (facts.scheme, *authority):
        return Refused(
            403, "forbidden_origin", f"The page {facts.origin[:100]!r} may not use this server without an API key."
        )
    is_foreign = facts.sec_fetch_site not in {None, "same-origin", "none"}
    if is_foreign and not _is_navigation(facts):
        return Refused(403, "forbidden_origin", "A page of another site may not use this server without an API key.")
    return LocalOwner()


def _is_navigation(facts: RequestFacts) -> bool:
    """A link to Maru on another site may be followed: the other page learns nothing of the answer."""
    return facts.sec_fetch_mode == "navigate" and facts.method in _READING_METHODS and not facts.is_websocket


def _authority(text: str, scheme: str) -> tuple[str, int] | None:
    """Host in lower case and port of `host[:port]`; None for anything else."""
    host, colon, port = text.lower().rpartition(":")
    if not colon or port.endswith("]"):
        return text.lower(), _DEFAULT_PORTS[scheme]
    return (host, int(port)) if port.isascii() and port.isdigit() else None


def _origin(text: str) -> tuple[str, str, int] | None:
    scheme, separator, authority = text.lower().partition("://")
    if not separator or scheme not in _DEFAULT_PORTS:
        return None
    found = _authority(authority, scheme)
    return None if found is None else (scheme, *found)


def _no_key(reason: str) -> Refused:
    return Refused(401, "missing_api_key", f"{reason} {KEY_REMEDY}")
