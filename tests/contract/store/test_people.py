"""What every store promises about users and keys."""

import asyncio

import pytest

from maru.store.base import NotFoundError, Store


async def test_local_owner_is_made_once(store: Store) -> None:
    """Two tabs opened at the first start must not become two people."""
    users = await asyncio.gather(*(store.local_owner() for _ in range(8)))
    assert len({user.id for user in users}) == 1
    assert users[0].is_local_owner


async def test_key_opens_for_its_user(store: Store, owner: str, secret_hash: str) -> None:
    """The hash alone finds whose key it is."""
    made = await store.create_key(owner, name="laptop", secret_hash=secret_hash, prefix="maru_sk_ab", now=10)
    user = await store.user_by_key_hash(secret_hash, now=20)
    assert user is not None
    assert user.id == owner
    assert (made.user_id, made.name, made.prefix, made.created_at) == (owner, "laptop", "maru_sk_ab", 10)
    assert made.last_used_at is None


async def test_unknown_key_opens_nothing(store: Store, owner: str) -> None:
    """A hash that was never kept belongs to nobody."""
    assert await store.user_by_key_hash("0" * 64, now=1) is None


async def test_revoked_key_opens_nothing_and_stays_listed(store: Store, owner: str, secret_hash: str) -> None:
    """The list tells when a key was taken away; taking it away again does not change that."""
    key = await store.create_key(owner, name="old", secret_hash=secret_hash, prefix="p", now=10)
    assert (await store.revoke_key(owner, key.id, now=30)).revoked_at == 30
    assert (await store.revoke_key(owner, key.id, now=40)).revoked_at == 30
    assert await store.user_by_key_hash(secret_hash, now=50) is None
    assert [one.revoked_at for one in await store.keys_of(owner)] == [30]


async def test_use_is_noted_at_most_once_a_minute(store: Store, owner: str, secret_hash: str) -> None:
    """A key used a thousand times a second must not write a thousand times."""
    await store.create_key(owner, name="k", secret_hash=secret_hash, prefix="p", now=0)
    seen: list[int | None] = []
    for now in (100, 130, 159, 160, 200):
        await store.user_by_key_hash(secret_hash, now=now)
        seen.append((await store.keys_of(owner))[0].last_used_at)
    assert seen == [100, 100, 100, 160, 160]


async def test_keys_are_listed_newest_first(store: Store, owner: str) -> None:
    """The key just made is the one looked for."""
    for name in ("a", "b", "c"):
        await store.create_key(owner, name=name, secret_hash=name, prefix="p", now=5)
    assert [key.name for key in await store.keys_of(owner)] == ["c", "b", "a"]


async def test_key_of_nobody_is_refused(store: Store, secret_hash: str) -> None:
    """A key must open for somebody."""
    with pytest.raises(NotFoundError):
        await store.create_key("user_none", name="k", secret_hash=secret_hash, prefix="p", now=0)


async def test_healthy_while_open(store: Store) -> None:
    """The readiness check asks the store."""
    assert await store.is_healthy()
