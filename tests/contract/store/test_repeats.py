"""What every store promises about idempotency keys: one start a key, for a day."""

import asyncio

import pytest

from maru.protocol.idempotency import IdempotencyKey
from maru.store.base import (
    IDEMPOTENCY_KEYS_KEPT_S,
    DuplicateIdError,
    IdempotencyKeyTakenError,
    KeyedResponse,
    NotFoundError,
    Store,
)
from support.stores import finished, message, new_response

KEY = IdempotencyKey("key 1", "fingerprint")


async def test_key_finds_the_response_it_started(store: Store, owner: str) -> None:
    """While it runs and after its end, with what the request was."""
    new = new_response(message(), idempotency_key=KEY, created_at=100)
    await store.start_response(owner, new)
    assert await store.keyed_response_for(owner, "key 1", now=100) == KeyedResponse(new.id, "fingerprint")
    await store.finish_response(owner, finished(new.id))
    assert await store.keyed_response_for(owner, "key 1", now=200) == KeyedResponse(new.id, "fingerprint")
    with pytest.raises(NotFoundError):
        await store.keyed_response_for(owner, "key 2", now=100)


async def test_key_starts_one_response_however_many_come_at_once(store: Store, owner: str) -> None:
    """And the others leave nothing behind, not even the lock of the conversation."""
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
    starts = [new_response(message(), conversation_id=conversation.id, idempotency_key=KEY) for _ in range(5)]
    results = await asyncio.gather(*(store.start_response(owner, new) for new in starts), return_exceptions=True)
    assert [type(result) for result in results if result is not None] == [IdempotencyKeyTakenError] * 4
    (started,) = await store.running_responses_of(owner, conversation.id)
    assert (await store.keyed_response_for(owner, "key 1", now=100)).response_id == started
    assert len(await store.tree_for(owner, conversation.id)) == 1


async def test_key_is_free_again_after_a_day(store: Store, owner: str) -> None:
    """Keys would be kept for ever otherwise."""
    old = new_response(message(), idempotency_key=KEY, created_at=100)
    await store.start_response(owner, old)
    end = 100 + IDEMPOTENCY_KEYS_KEPT_S
    assert (await store.keyed_response_for(owner, "key 1", now=end - 1)).response_id == old.id
    with pytest.raises(IdempotencyKeyTakenError):
        await store.start_response(owner, new_response(message(), idempotency_key=KEY, created_at=end - 1))
    with pytest.raises(NotFoundError):
        await store.keyed_response_for(owner, "key 1", now=end)
    again = new_response(message(), idempotency_key=KEY, created_at=end)
    await store.start_response(owner, again)
    assert (await store.keyed_response_for(owner, "key 1", now=end)).response_id == again.id


async def test_key_of_a_start_that_was_refused_is_free(store: Store, owner: str) -> None:
    """Key, response and items are one transaction."""
    taken = message()
    await store.start_response(owner, new_response(taken))
    with pytest.raises(DuplicateIdError):
        await store.start_response(owner, new_response(taken, idempotency_key=KEY))
    with pytest.raises(NotFoundError):
        await store.keyed_response_for(owner, "key 1", now=100)
    await store.start_response(owner, new_response(message(), idempotency_key=KEY))


async def test_deleted_response_frees_its_key(store: Store, owner: str) -> None:
    """There is nothing left to give to a repeat."""
    first = new_response(message(), idempotency_key=KEY)
    other = new_response(message(), idempotency_key=IdempotencyKey("key 2", "fingerprint"))
    for new in (first, other):
        await store.start_response(owner, new)
        await store.finish_response(owner, finished(new.id))
    await store.delete_response(owner, first.id)
    with pytest.raises(NotFoundError):
        await store.keyed_response_for(owner, "key 1", now=100)
    assert (await store.keyed_response_for(owner, "key 2", now=100)).response_id == other.id
    await store.start_response(owner, new_response(message(), idempotency_key=KEY))
