"""Rules of `identity/key_watch.py`."""

import asyncio
from dataclasses import dataclass, field

from maru.identity.key_watch import KeyWatch
from maru.store.base import StoreError

SOON_S = 0.005


@dataclass(slots=True)
class _Keys:
    """What a store knows of keys, and how often it was asked."""

    revoked: set[str] = field(default_factory=set[str])
    asked: list[str] = field(default_factory=list[str])
    is_broken: bool = False

    async def opens(self, secret_hash: str) -> bool:
        self.asked.append(secret_hash)
        await asyncio.sleep(0)
        if self.is_broken:
            raise StoreError("broken")
        return secret_hash not in self.revoked

    async def asked_times(self, count: int) -> None:
        self.asked.clear()
        async with asyncio.timeout(5):
            while len(self.asked) < count:  # noqa: ASYNC110 (the look-ups of another task)
                await asyncio.sleep(0)


def _waiting(watch: KeyWatch, *keys: str) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(watch.until_revoked(key)) for key in keys]


async def test_a_revoked_key_ends_the_wait_of_all_who_showed_it() -> None:
    """And of nobody else."""
    keys = _Keys()
    watch = KeyWatch(keys.opens, every_s=SOON_S)
    *lost, other = _waiting(watch, "a", "a", "a", "b")
    await keys.asked_times(4)
    keys.revoked.add("a")
    await asyncio.wait_for(asyncio.gather(*lost), 5)
    await keys.asked_times(2)
    assert not other.done()
    other.cancel()


async def test_many_connections_of_one_key_cost_one_look_up() -> None:
    """A program may open a thousand."""
    keys = _Keys()
    watch = KeyWatch(keys.opens, every_s=60)
    waiting = _waiting(watch, *["a"] * 100, "b")
    await asyncio.sleep(0.01)
    assert sorted(keys.asked) == ["a", "b"]
    for one in waiting:
        one.cancel()


async def test_a_key_without_connections_is_not_looked_up() -> None:
    """The first to leave takes nothing from the others; the last one ends it, and it may begin again."""
    keys = _Keys()
    watch = KeyWatch(keys.opens, every_s=SOON_S)
    first, last = _waiting(watch, "a", "a")
    await keys.asked_times(1)
    first.cancel()
    await keys.asked_times(2)
    last.cancel()
    await asyncio.wait([first, last])
    assert [task for task in asyncio.all_tasks() if task.get_name() == "key watch" and not task.cancelling()] == []
    keys.revoked.add("a")
    await asyncio.wait_for(watch.until_revoked("a"), 5)


async def test_a_store_that_cannot_be_asked_shuts_nobody_out() -> None:
    """A full disk must not close every socket."""
    keys = _Keys(is_broken=True)
    watch = KeyWatch(keys.opens, every_s=SOON_S)
    (waiting,) = _waiting(watch, "a")
    await keys.asked_times(3)
    assert not waiting.done()
    keys.is_broken, keys.revoked = False, {"a"}
    await asyncio.wait_for(waiting, 5)
