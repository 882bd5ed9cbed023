"""The door joins the decision and the store, and reads the facts from a request."""

from typing import Any

import pytest

from maru.identity.access import RequestFacts
from maru.identity.door import AccessDenied, Door, facts_of
from maru.identity.keys import make_key
from maru.store.in_memory import InMemoryStore

LOCAL = RequestFacts(client="127.0.0.1", listens_on="127.0.0.1", port=8000, host="127.0.0.1:8000")


def scope(*headers: tuple[str, str], **parts: Any) -> dict[str, Any]:
    """An ASGI scope of a request from this machine."""
    return {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        **parts,
    }


async def test_local_owner_comes_in() -> None:
    """Without a key, always as the same user."""
    store = InMemoryStore()
    door = Door(store, clock=lambda: 5.0)
    first, second = await door.identify(LOCAL), await door.identify(LOCAL)
    assert first == second
    assert (first.id, first.via) == ((await store.local_owner()).id, "loopback")


async def test_key_lets_its_user_in_until_it_is_revoked() -> None:
    """The next request after revoking is refused: nothing about keys is remembered here."""
    store, new = InMemoryStore(), make_key()
    user = await store.local_owner()
    key = await store.create_key(user.id, name="k", secret_hash=new.secret_hash, prefix=new.prefix, now=1)
    door = Door(store, clock=lambda: 5.0)
    facts = RequestFacts("10.0.0.1", "0.0.0.0", 8000, "maru.example", authorization=f"Bearer {new.secret}")  # noqa: S104
    owner = await door.identify(facts)
    assert (owner.id, owner.via) == (user.id, "key")
    assert (await store.keys_of(user.id))[0].last_used_at == 5
    await store.revoke_key(user.id, key.id, now=6)
    with pytest.raises(AccessDenied) as refused:
        await door.identify(facts)
    assert (refused.value.status, refused.value.code) == (401, "invalid_api_key")
    assert new.secret not in refused.value.message


async def test_refusal_is_passed_on() -> None:
    """With what the client is told."""
    with pytest.raises(AccessDenied) as refused:
        await Door(InMemoryStore(), clock=lambda: 0).identify(RequestFacts("10.0.0.1", "127.0.0.1", 8000, "x"))
    assert (refused.value.status, refused.value.code) == (401, "missing_api_key")


def test_facts_of_a_request() -> None:
    """Every header that the decision looks at."""
    facts = facts_of(
        scope(
            ("Host", "localhost:8000"),
            ("Origin", "http://localhost:8000"),
            ("Authorization", "Bearer k"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Sec-Fetch-Mode", "cors"),
        ),
        "localhost",
    )
    assert facts == RequestFacts(
        client="127.0.0.1",
        listens_on="localhost",
        port=8000,
        host="localhost:8000",
        method="POST",
        origin="http://localhost:8000",
        authorization="Bearer k",
        sec_fetch_site="same-origin",
        sec_fetch_mode="cors",
    )


def test_facts_of_a_websocket() -> None:
    """It has no method, and offers subprotocols."""
    asked = scope(type="websocket", scheme="wss", subprotocols=["a", "b"])
    del asked["method"]
    facts = facts_of(asked, "::1")
    assert (facts.is_websocket, facts.scheme, facts.subprotocols) == (True, "https", ("a", "b"))


@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"]
)
def test_any_trace_of_a_proxy_is_seen(header: str) -> None:
    """An empty one too: a proxy has been there."""
    assert facts_of(scope(("Host", "localhost:8000"), (header, "")), "127.0.0.1").is_forwarded


def test_doubled_host_is_no_host() -> None:
    """Which of the two is meant would be a guess."""
    facts = facts_of(scope(("Host", "localhost:8000"), ("host", "evil.example")), "127.0.0.1")
    assert facts.host == "localhost:8000, evil.example"


def test_missing_addresses_are_nobody() -> None:
    """A Unix socket has no client address."""
    facts = facts_of(scope(client=None, server=None), "127.0.0.1")
    assert (facts.client, facts.port) == (None, 0)
