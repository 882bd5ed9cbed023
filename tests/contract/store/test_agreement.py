"""Whatever is done in whatever order, the fake and the database say the same, and the tree stays a tree."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maru.store.base import Store, StoreError
from maru.store.feedback import Demonstration, Ranking, Rating
from maru.store.paging import PageQuery
from maru.store.search import SearchQuery
from maru.store.shelves import NO_FOLDER, Shelf
from support.stores import EVERY_KIND, KINDS, checkpoint, finished, message, new_response, new_store

KINDS_OF_STEPS = (
    "converse",
    "append",
    "start",
    "start outside",
    "start outside",
    "answer again",
    "answer outside",
    "finish",
    "checkpoint",
    "ask to stop",
    "move head",
    "shelve",
    "make folder",
    "file",
    "file",
    "remove folder",
    "delete item",
    "delete branch",
    "delete response",
    "delete response",
    "delete conversation",
    "summarise",
    "summarise",
    "edit summary",
    "renew summary",
    "delete summary",
    "add fact",
    "add fact",
    "change fact",
    "remove fact",
    "remove facts",
    "turn memory",
    "index",
    "index",
    "rate",
    "rate",
    "unrate",
    "rank",
    "rank",
    "unrank",
    "demonstrate",
    "undemonstrate",
    "share",
    "share",
    "unshare",
)
MAKE_ITEMS = frozenset({"converse", "append", "start", "start outside", "finish"})


@dataclass(frozen=True, slots=True)
class Step:
    """One call; the numbers choose what it is about, `n` how many items it brings, all else is the same for both."""

    kind: str
    a: int
    b: int
    n: int


steps = st.lists(
    st.builds(Step, st.sampled_from(KINDS_OF_STEPS), st.integers(0, 2), st.integers(0, 8), st.integers(0, 2)),
    min_size=5,
    max_size=40,
)


@dataclass(slots=True)
class World:
    """One store and the ids that the steps choose from; conversations are numbered, because their ids differ."""

    store: Store
    owner: str
    conversations: list[str] = field(default_factory=list[str])
    items: list[str] = field(default_factory=list[str])
    responses: list[str] = field(default_factory=list[str])
    summaries: list[str] = field(default_factory=list[str])
    facts: list[str] = field(default_factory=list[str])
    folders: list[str] = field(default_factory=list[str])
    said_ids: list[str] = field(default_factory=list[str])
    shares: list[str] = field(default_factory=list[str])

    def conversation(self, number: int) -> str:
        """One of the conversations, deleted ones too."""
        return _one_of(self.conversations, number)

    def said(self, outcome: object) -> str:
        """The outcome in words that do not hold ids of conversations."""
        words = repr(outcome) if not isinstance(outcome, StoreError) else f"{type(outcome).__name__}: {outcome}"
        for number, id_ in enumerate(self.conversations):
            words = words.replace(id_, f"conversation {number}")
        for number, id_ in enumerate(self.summaries):
            words = words.replace(id_, f"summary {number}")
        for number, id_ in enumerate(self.facts):
            words = words.replace(id_, f"fact {number}")
        for number, id_ in enumerate(self.said_ids):
            words = words.replace(id_, f"feedback {number}")
        for number, id_ in enumerate(self.shares):
            words = words.replace(id_, f"share {number}")
        for number, id_ in enumerate(self.folders):
            words = words.replace(id_, f"folder {number}")
        return words


def _one_of(ids: list[str], number: int) -> str:
    """The one that many back from the newest: what is new has most hanging on it."""
    return ids[-1 - number % len(ids)] if ids else "missing"


async def take(world: World, step: Step, now: int) -> object:
    """Do one step in one world; a refusal is an outcome too."""
    store, owner = world.store, world.owner
    new = [message(id_=f"msg_{now}_{number}") for number in range(step.n)]
    conversation, item = world.conversation(step.a), _one_of(world.items, step.b)
    response = _one_of(world.responses, step.b)
    outcome: object = None
    match step.kind:
        case "converse":
            made = await store.create_conversation(owner, metadata={}, title=None, items=new, now=now)
            world.conversations.append(made.id)
            outcome = made
        case "append":
            outcome = await store.append_items(owner, conversation, new, now=now)
        case "start" | "start outside" | "answer again" | "answer outside":
            start = new_response(
                *([] if "answer" in step.kind else new),
                parent_id=item if world.items and step.b % 3 else None,
                conversation_id=None if "outside" in step.kind else conversation,
                created_at=now,
                id_=f"resp_{now:04}",
            )
            world.responses.append(start.id)
            await store.start_response(owner, start)
        case "finish":
            outcome = await store.finish_response(owner, finished(response, *new, completed_at=now))
        case "checkpoint":
            await store.checkpoint(None, [checkpoint(one, first_number=now) for one in world.responses])
        case "ask to stop":
            await store.ask_to_stop(owner, response)
        case "move head":
            outcome = await store.update_conversation(owner, conversation, now=now, head_id=item)
        case "delete item" | "delete branch":
            remove = store.delete_item if step.kind == "delete item" else store.delete_branch
            outcome = await remove(owner, conversation, item)
        case "delete response":
            await store.delete_response(owner, response)
        case _:
            await store.delete_conversation(owner, conversation)
    return outcome


async def take_summary(world: World, step: Step, now: int) -> object:
    """Do one step about summaries; those that are made are numbered, because their ids differ."""
    store, owner, conversation = world.store, world.owner, world.conversation(step.a)
    summary = _one_of(world.summaries, step.b)
    match step.kind:
        case "summarise":
            item = _one_of(world.items, step.b)
            made = await store.add_summary(owner, conversation, last_item_id=item, text="t", model="m", now=now)
            if made.id not in world.summaries:
                world.summaries.append(made.id)
            return made
        case "edit summary":
            return await store.edit_summary(owner, conversation, summary, text=f"at {now}", now=now)
        case "renew summary":
            return await store.renew_summary(owner, conversation, summary, text=f"anew {now}", model="n", now=now)
        case _:
            await store.delete_summary(owner, conversation, summary)
            return None


async def take_fact(world: World, step: Step, now: int) -> object:
    """Do one step about facts, of which some have the same words."""
    store, owner, fact = world.store, world.owner, _one_of(world.facts, step.b)
    match step.kind:
        case "add fact":
            where = world.conversation(step.a) if step.n else None
            made = await store.add_fact(owner, f"Age: {step.b}", conversation_id=where, now=now)
            world.facts.append(made.id)
            return made
        case "change fact":
            return await store.change_fact(owner, fact, f"age: {step.a}", now=now)
        case "remove fact":
            await store.remove_fact(owner, fact)
        case "remove facts":
            await store.remove_facts(owner)
        case _:
            await store.set_memory_on(owner, is_on=step.n > 0)
    return None


async def take_feedback(world: World, step: Step, now: int) -> object:
    """Do one step about feedback; what is said is numbered, because its ids differ."""
    store, owner, conversation = world.store, world.owner, world.conversation(step.a)
    item = _one_of(world.items, step.b)
    made: Rating | Ranking | Demonstration | None = None
    match step.kind:
        case "rate":
            made = await store.rate(
                owner, conversation, item, is_up=step.n > 0, reasons=["clear"] * step.n, comment=None, now=now
            )
        case "unrate":
            await store.remove_rating(owner, conversation, item)
        case "rank":
            others = list(dict.fromkeys(_one_of(world.items, step.b + more) for more in range(1, 4)))
            places = [place for place in (others[: step.n], others[step.n :]) if place]
            made = await store.rank(owner, conversation, item, places, now=now) if len(others) > 1 else None
        case "unrank":
            await store.remove_ranking(owner, conversation, item)
        case "demonstrate":
            made = await store.demonstrate(owner, conversation, item, f"at {now}", now=now)
        case _:
            await store.remove_demonstration(owner, conversation, item)
    if made is not None and made.id not in world.said_ids:
        world.said_ids.append(made.id)
    return made


async def take_share(world: World, step: Step, now: int) -> object:
    """Do one step about shares; those that are made are numbered, because their ids differ."""
    store, owner = world.store, world.owner
    if step.kind == "unshare":
        await store.remove_share(owner, _one_of(world.shares, step.b))
        return None
    where, item = world.conversation(step.a), _one_of(world.items, step.b)
    made = await store.share(owner, where, item, token=f"token {now}", title=None, now=now)
    assert made is not None
    world.shares.append(made.id)
    return made


async def tell(world: World, step: Step, now: int) -> str:
    """The outcome of a step in words."""
    try:
        outcome = await _taker(step.kind)(world, step, now)
    except StoreError as error:
        outcome = error
    if step.kind in MAKE_ITEMS and not isinstance(outcome, StoreError):
        world.items += [f"msg_{now}_{number}" for number in range(step.n)]
    return world.said(outcome)


async def shelve(world: World, step: Step, now: int) -> object:
    """Pin, unpin, archive, bring back; and what is then on the shelves."""
    store, owner = world.store, world.owner
    pin, archive = (None, True, False)[step.n], (None, True, False)[step.b % 3]
    conversation = world.conversation(step.a)
    changed = await store.update_conversation(
        owner, conversation, now=now, shelf=Shelf(is_pinned=pin, is_archived=archive)
    )
    return changed, await store.conversations_of(owner, PageQuery(2), Shelf(pin, archive))


async def take_folder(world: World, step: Step, now: int) -> object:
    """Make a folder, put a conversation into it or out of it, remove it; and what then lies in it."""
    store, owner, folder = world.store, world.owner, _one_of(world.folders, step.b)
    match step.kind:
        case "make folder":
            made = await store.create_folder(owner, f"at {now}", now=now)
            world.folders.append(made.id)
        case "file":
            where = folder if step.n else NO_FOLDER
            await store.update_conversation(owner, world.conversation(step.a), now=now, shelf=Shelf(folder_id=where))
        case _:
            await store.remove_folder(owner, folder)
    shelves = (Shelf(folder_id=folder), Shelf(folder_id=NO_FOLDER))
    return await store.folders_of(owner), [await store.conversations_of(owner, PageQuery(9), one) for one in shelves]


async def take_index(world: World, _: Step, __: int) -> object:
    """Index a part; how much there is to do is not the same for both, what is found is."""
    await world.store.index_some()
    return None


def _taker(kind: str) -> Callable[[World, Step, int], Awaitable[object]]:
    if kind == "index":
        return take_index
    if "folder" in kind or kind == "file":
        return take_folder
    if kind == "shelve":
        return shelve
    if "share" in kind:
        return take_share
    if "summar" in kind:
        return take_summary
    if "rat" in kind or "rank" in kind:
        return take_feedback
    return take_fact if "fact" in kind or "memory" in kind else take


async def picture(world: World) -> list[str]:
    """Everything that can be seen, in words."""
    store, owner = world.store, world.owner
    seen: list[object] = [response for _, response in await store.abandoned_responses()]
    seen += [await store.memory_of(owner), await store.shown_facts(owner)]
    seen += [await store.shared(share.token) for share in await store.shares_of(owner)]
    page, _ = await store.conversations_of(owner, PageQuery(100))
    for conversation in page:
        tree = await store.tree_for(owner, conversation.id)
        check_tree([(stored.item.id, stored.parent_id) for stored in tree], conversation.head_id)
        running = await store.running_responses_of(owner, conversation.id)
        assert len(running) <= 1
        seen += [conversation, tree, running, await store.responses_of(owner, conversation.id)]
        seen.append(await store.branch_for(owner, conversation.head_id))
        seen += [await store.summaries_of(owner, conversation.id), await store.feedback_of(owner, conversation.id)]
    for words in (("hi",), ("h",), ("hello",)):
        hits, _ = await store.search(owner, SearchQuery(words, 100))
        seen.append([(hit.id, hit.at) for hit in hits])
    for id_ in world.items:
        seen.append(await outcome_of_branch(store, owner, id_))
    for id_ in world.responses:
        try:
            seen += [await store.response_for(owner, id_), await store.response_input_for(owner, id_)]
            seen.append(await store.is_running_for(owner, id_))
            seen.append(await store.log_of(owner, id_, starting_after=10))
        except StoreError as error:
            seen.append(error)
    return [world.said(one) for one in seen]


async def outcome_of_branch(store: Store, owner: str, item_id: str) -> object:
    """The branch or why there is none."""
    try:
        return await store.branch_for(owner, item_id)
    except StoreError as error:
        return error


def check_tree(rows: list[tuple[str, str | None]], head_id: str | None) -> None:
    """Every item once, parents before children, the head among them."""
    before: set[str | None] = {None}
    for id_, parent_id in rows:
        assert parent_id in before
        assert id_ not in before
        before.add(id_)
    assert head_id in before


async def play(taken: list[Step], folder: Path, kinds: Sequence[str] = KINDS) -> None:
    """Take the steps in all worlds and compare after each."""
    stores = [new_store(kind, folder) for kind in kinds]
    worlds = [World(store, (await store.local_owner()).id) for store in stores]
    try:
        for now, step in enumerate(taken, start=1):
            told = [await tell(world, step, now) for world in worlds]
            assert told == told[:1] * len(told)
        pictures = [await picture(world) for world in worlds]
        assert pictures == pictures[:1] * len(pictures)
    finally:
        for store in stores:
            await store.close()


@settings(max_examples=40, deadline=None)
@given(steps)
def test_stores_agree(taken: list[Step]) -> None:
    """The fake may stand for the database in every other test only while this holds."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(taken, Path(folder)))


@pytest.mark.postgres
@settings(max_examples=5, deadline=None)
@given(steps)
def test_stores_agree_with_postgresql(taken: list[Step]) -> None:
    """Fewer of them, because each step waits for another process."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(play(taken, Path(folder), EVERY_KIND))
