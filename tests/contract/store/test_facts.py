"""What every store promises about memory across conversations."""

import asyncio

import pytest

from maru.protocol.facts import MAX_FACTS
from maru.store.base import DuplicateFactError, MemoryFullError, NotFoundError, Store
from maru.store.facts import Fact, Memory


async def add(store: Store, owner: str, *texts: str) -> list[Fact]:
    """These facts, in this order."""
    return [await store.add_fact(owner, text, conversation_id=None, now=10) for text in texts]


async def test_memory_is_off_and_empty_until_somebody_wants_it(store: Store, owner: str) -> None:
    """Nobody is remembered unasked."""
    assert await store.memory_of(owner) == Memory(is_on=False, facts=())
    assert await store.shown_facts(owner) == ()


async def test_facts_are_shown_only_while_memory_is_on(store: Store, owner: str) -> None:
    """They may be written before, and they stay when it is turned off."""
    facts = tuple(await add(store, owner, "Name: Mina", "City: Busan"))
    assert await store.memory_of(owner) == Memory(is_on=False, facts=facts)
    assert await store.shown_facts(owner) == ()
    for is_on in (True, True, False, False, True):
        await store.set_memory_on(owner, is_on=is_on)
        assert await store.memory_of(owner) == Memory(is_on, facts)
        assert await store.shown_facts(owner) == (facts if is_on else ())


async def test_memory_can_be_on_without_facts(store: Store, owner: str) -> None:
    """It is turned on first as often as not."""
    await store.set_memory_on(owner, is_on=True)
    assert await store.memory_of(owner) == Memory(is_on=True, facts=())
    assert await store.shown_facts(owner) == ()


@pytest.mark.parametrize(
    "text", ["이름: 지훈 👋", "<b>x</b> & 'y' \"z\"", "\u202eabc \u200fשלום", "100 %s ? :its_owner"]
)
async def test_fact_comes_back_as_it_was_made(store: Store, owner: str, text: str) -> None:
    """Text in any script, and what looks like code."""
    (made,) = await add(store, owner, text)
    assert made == Fact(made.id, text, None, 10, 10)
    assert (await store.memory_of(owner)).facts == (made,)


async def test_changed_fact_keeps_its_place(store: Store, owner: str) -> None:
    """Else the beginning of every prompt would change more than it must."""
    first, second = await add(store, owner, "Name: Mina", "City: Busan")
    changed = await store.change_fact(owner, first.id, "Name: Jihoon", now=20)
    assert changed == Fact(first.id, "Name: Jihoon", None, 10, 20)
    assert (await store.memory_of(owner)).facts == (changed, second)


async def test_fact_outlives_the_conversation_it_was_said_in(store: Store, owner: str) -> None:
    """Forgetting a conversation and forgetting a fact are two wishes."""
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
    fact = await store.add_fact(owner, "Name: Mina", conversation_id=conversation.id, now=10)
    assert fact.conversation_id == conversation.id
    await store.delete_conversation(owner, conversation.id)
    assert (await store.memory_of(owner)).facts == (fact,)


async def test_fact_of_a_missing_conversation_is_refused(store: Store, owner: str) -> None:
    """It would lead nowhere."""
    with pytest.raises(NotFoundError, match="conversation 'conv_none'"):
        await store.add_fact(owner, "Name: Mina", conversation_id="conv_none", now=10)
    assert (await store.memory_of(owner)).facts == ()


@pytest.mark.parametrize("text", ["Name: Mina", "name:  MINA", "Café: Mina"])
async def test_same_words_are_kept_once(store: Store, owner: str, text: str) -> None:
    """Whatever their capitals, spaces and the encoding of their letters; the error names the one that is there."""
    first, second, other = await add(store, owner, "Name: Mina", "Cafe\u0301: Mina", "City: Busan")
    there = second if text.startswith("Caf") else first
    with pytest.raises(DuplicateFactError) as refused:
        await add(store, owner, text)
    assert refused.value.fact_id == there.id
    with pytest.raises(DuplicateFactError) as refused:
        await store.change_fact(owner, other.id, text, now=20)
    assert refused.value.fact_id == there.id
    assert (await store.memory_of(owner)).facts == (first, second, other)


async def test_fact_may_become_itself_in_other_letters(store: Store, owner: str) -> None:
    """A capital is mended by changing it."""
    (fact,) = await add(store, owner, "name: mina")
    assert (await store.change_fact(owner, fact.id, "Name: Mina", now=20)).text == "Name: Mina"


async def test_memory_is_bounded_also_when_many_add_at_once(store: Store, owner: str) -> None:
    """Room comes back with each that goes; those that are there can be changed."""
    facts = await add(store, owner, *(f"Number {number}" for number in range(MAX_FACTS - 1)))
    tries = (add(store, owner, f"Late {number}") for number in range(5))
    refused = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in refused].count(MemoryFullError) == 4
    assert len((await store.memory_of(owner)).facts) == MAX_FACTS
    await store.change_fact(owner, facts[0].id, "Number zero", now=20)
    await store.remove_fact(owner, facts[1].id)
    await add(store, owner, "One more")
    with pytest.raises(MemoryFullError):
        await add(store, owner, "Another")


async def test_words_added_twice_at_once_are_kept_once(store: Store, owner: str) -> None:
    """A button is pressed twice."""
    tries = (add(store, owner, "Name: Mina") for _ in range(4))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(one) for one in outcomes].count(DuplicateFactError) == 3
    assert len((await store.memory_of(owner)).facts) == 1


async def test_removed_fact_is_gone(store: Store, owner: str) -> None:
    """And a second removal finds nothing."""
    first, second = await add(store, owner, "Name: Mina", "City: Busan")
    await store.remove_fact(owner, first.id)
    assert (await store.memory_of(owner)).facts == (second,)
    for ask in (store.remove_fact(owner, first.id), store.change_fact(owner, first.id, "x", now=20)):
        with pytest.raises(NotFoundError):
            await ask


async def test_all_can_be_forgotten_at_once(store: Store, owner: str) -> None:
    """Memory stays on for what comes next; nobody else forgets anything."""
    await store.set_memory_on(owner, is_on=True)
    facts = tuple(await add(store, owner, "Name: Mina", "City: Busan"))
    await store.remove_facts("user_stranger")
    assert await store.shown_facts(owner) == facts
    await store.remove_facts(owner)
    assert await store.memory_of(owner) == Memory(is_on=True, facts=())


async def test_nobody_has_no_memory(store: Store) -> None:
    """What is kept must be somebody's."""
    with pytest.raises(NotFoundError):
        await store.add_fact("user_none", "Name: Mina", conversation_id=None, now=10)
    with pytest.raises(NotFoundError):
        await store.set_memory_on("user_none", is_on=True)
