"""A stranger's id and a missing id look the same, whatever is asked."""

from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass

import pytest

from maru.protocol.idempotency import IdempotencyKey
from maru.store.base import NotFoundError, Store, StoreError
from maru.store.custom import CustomStore
from maru.store.facts import FactStore, Memory
from maru.store.feedback import FeedbackStore
from maru.store.files import FileStore, NewFile
from maru.store.folders import FolderStore
from maru.store.moving import MovingStore
from maru.store.paging import PageQuery
from maru.store.people import PeopleStore
from maru.store.prompts import PromptStore, PromptWords
from maru.store.search import SearchQuery, SearchStore
from maru.store.shares import ShareStore
from maru.store.shelves import Shelf
from maru.store.summaries import SummaryStore
from maru.store.titles import TitleStore
from support.stores import finished, message, new_response, run


@dataclass(frozen=True, slots=True)
class Things:
    """Ids of things that somebody has, or that nobody has."""

    conversation: str
    item: str
    response: str
    key: str
    request: str
    summary: str
    fact: str
    share: str
    folder: str
    file: str
    prompt: str


MISSING = Things(
    "conv_missing",
    "msg_missing",
    "resp_missing",
    "key_missing",
    "request missing",
    "sum_missing",
    "fact_missing",
    "share_missing",
    "fold_missing",
    "file_missing",
    "prompt_missing",
)
Ask = Callable[[Store, str, Things], Awaitable[object]]

ASKS: dict[str, Ask] = {
    "revoke_key": lambda store, owner, of: store.revoke_key(owner, of.key, now=1),
    "conversation_for": lambda store, owner, of: store.conversation_for(owner, of.conversation),
    "conversations_of": lambda store, owner, of: store.conversations_of(owner, PageQuery(after=of.conversation)),
    "update_conversation": lambda store, owner, of: store.update_conversation(
        owner, of.conversation, now=1, title="mine now"
    ),
    "file_for": lambda store, owner, of: store.file_for(owner, of.file),
    "content_of_file": lambda store, owner, of: store.content_of_file(owner, of.file),
    "delete_file": lambda store, owner, of: store.delete_file(owner, of.file),
    "files_of": lambda store, owner, of: store.files_of(owner, PageQuery(after=of.file)),
    "rename_folder": lambda store, owner, of: store.rename_folder(owner, of.folder, "mine now"),
    "remove_folder": lambda store, owner, of: store.remove_folder(owner, of.folder),
    "update_conversation into a folder": lambda store, owner, of: store.update_conversation(
        owner, of.conversation, now=1, shelf=Shelf(folder_id=of.folder)
    ),
    "search": lambda store, owner, of: store.search(owner, SearchQuery(("mine",), after=of.conversation)),
    "search after an item": lambda store, owner, of: store.search(owner, SearchQuery(("mine",), after=of.item)),
    "replace_title": lambda store, owner, of: store.replace_title(owner, of.conversation, "t", instead_of="mine"),
    "delete_conversation": lambda store, owner, of: store.delete_conversation(owner, of.conversation),
    "append_items": lambda store, owner, of: store.append_items(owner, of.conversation, [message()], now=1),
    "item_for": lambda store, owner, of: store.item_for(owner, of.conversation, of.item),
    "item_for anywhere": lambda store, owner, of: store.item_for(owner, None, of.item),
    "delete_item": lambda store, owner, of: store.delete_item(owner, of.conversation, of.item),
    "delete_branch": lambda store, owner, of: store.delete_branch(owner, of.conversation, of.item),
    "branch_for": lambda store, owner, of: store.branch_for(owner, of.item),
    "tree_for": lambda store, owner, of: store.tree_for(owner, of.conversation),
    "start_response in": lambda store, owner, of: store.start_response(
        owner, new_response(message(), conversation_id=of.conversation)
    ),
    "start_response below": lambda store, owner, of: store.start_response(
        owner, new_response(message(), parent_id=of.item)
    ),
    "finish_response": lambda store, owner, of: store.finish_response(owner, finished(of.response, message())),
    "ask_to_stop": lambda store, owner, of: store.ask_to_stop(owner, of.response),
    "is_running_for": lambda store, owner, of: store.is_running_for(owner, of.response),
    "response_for": lambda store, owner, of: store.response_for(owner, of.response),
    "keyed_response_for": lambda store, owner, of: store.keyed_response_for(owner, of.request, now=100),
    "response_input_for": lambda store, owner, of: store.response_input_for(owner, of.response),
    "running_responses_of": lambda store, owner, of: store.running_responses_of(owner, of.conversation),
    "responses_of": lambda store, owner, of: store.responses_of(owner, of.conversation),
    "add_summary": lambda store, owner, of: store.add_summary(
        owner, of.conversation, last_item_id=of.item, text="t", model="m", now=1
    ),
    "summaries_of": lambda store, owner, of: store.summaries_of(owner, of.conversation),
    "summary_for": lambda store, owner, of: store.summary_for(owner, of.conversation, of.summary),
    "edit_summary": lambda store, owner, of: store.edit_summary(owner, of.conversation, of.summary, text="t", now=1),
    "renew_summary": lambda store, owner, of: store.renew_summary(
        owner, of.conversation, of.summary, text="t", model="m", now=1
    ),
    "delete_summary": lambda store, owner, of: store.delete_summary(owner, of.conversation, of.summary),
    "share": lambda store, owner, of: store.share(owner, of.conversation, of.item, token="t", title=None, now=1),
    "remove_share": lambda store, owner, of: store.remove_share(owner, of.share),
    "feedback_of": lambda store, owner, of: store.feedback_of(owner, of.conversation),
    "rate": lambda store, owner, of: store.rate(
        owner, of.conversation, of.item, is_up=True, reasons=(), comment=None, now=1
    ),
    "remove_rating": lambda store, owner, of: store.remove_rating(owner, of.conversation, of.item),
    "rank": lambda store, owner, of: store.rank(owner, of.conversation, of.item, [[of.item], [of.item]], now=1),
    "remove_ranking": lambda store, owner, of: store.remove_ranking(owner, of.conversation, of.item),
    "demonstrate": lambda store, owner, of: store.demonstrate(owner, of.conversation, of.item, "t", now=1),
    "remove_demonstration": lambda store, owner, of: store.remove_demonstration(owner, of.conversation, of.item),
    "change_fact": lambda store, owner, of: store.change_fact(owner, of.fact, "mine now", now=1),
    "remove_fact": lambda store, owner, of: store.remove_fact(owner, of.fact),
    "prompt_for": lambda store, owner, of: store.prompt_for(owner, of.prompt),
    "prompt_versions_of": lambda store, owner, of: store.prompt_versions_of(owner, of.prompt),
    "change_prompt": lambda store, owner, of: store.change_prompt(
        owner, of.prompt, PromptWords("t", "mine", "mine now"), now=1
    ),
    "remove_prompt": lambda store, owner, of: store.remove_prompt(owner, of.prompt),
    "delete_response": lambda store, owner, of: store.delete_response(owner, of.response),
}


PARTS = (
    *(CustomStore, FactStore, FeedbackStore, FileStore, FolderStore, MovingStore, PeopleStore, PromptStore),
    *(SearchStore, ShareStore, SummaryStore, TitleStore),
)


async def everything(store: Store, owner: str) -> Things:
    """One of each, with a response running in the conversation."""
    item = message()
    conversation = await store.create_conversation(owner, metadata={}, title="mine", items=[item], now=1)
    named = IdempotencyKey("request 1", "fingerprint")
    new = new_response(message(), parent_id=item.id, conversation_id=conversation.id, idempotency_key=named)
    await store.start_response(owner, new)
    key = await store.create_key(owner, name="k", secret_hash="h", prefix="p", now=1)
    summary = await store.add_summary(owner, conversation.id, last_item_id=item.id, text="t", model="m", now=1)
    fact = await store.add_fact(owner, "Name: Mina", conversation_id=conversation.id, now=1)
    share = await store.share(owner, conversation.id, item.id, token="token", title=None, now=1)
    assert share is not None
    await store.rate(owner, conversation.id, item.id, is_up=True, reasons=(), comment=None, now=1)
    await store.rank(owner, conversation.id, item.id, [[item.id], [new.input_items[0].id]], now=1)
    await store.demonstrate(owner, conversation.id, item.id, "t", now=1)
    folder = await store.create_folder(owner, "mine", now=1)
    file = await store.add_file(owner, NewFile("a", "user_data", "text/plain", b"mine"), most_bytes=9, now=1)
    prompt = await store.add_prompt(owner, PromptWords("t", "word", "text"), now=1)
    return Things(
        *(conversation.id, item.id, new.id, key.id, named.value, summary.id, fact.id, share.id, folder.id, file.id),
        prompt.id,
    )


async def asked(ask: Ask, store: Store, owner: str, of: Things) -> tuple[type[StoreError], str]:
    """Kind and words of the refusal, with ids made alike."""
    with pytest.raises(NotFoundError) as refused:
        await ask(store, owner, of)
    words = str(refused.value)
    for id_ in astuple(of):
        words = words.replace(id_, "ID")
    return type(refused.value), words


@pytest.mark.parametrize("name", ASKS)
async def test_strangers_thing_looks_missing(store: Store, owner: str, name: str) -> None:
    """Who is not the owner learns nothing and changes nothing."""
    theirs = await everything(store, owner)
    before = await snapshot(store, owner, theirs)
    stranger = "user_stranger"
    assert await asked(ASKS[name], store, stranger, theirs) == await asked(ASKS[name], store, stranger, MISSING)
    assert await snapshot(store, owner, theirs) == before


async def snapshot(store: Store, owner: str, of: Things) -> tuple[object, ...]:
    """All that the owner sees."""
    return (
        await store.conversation_for(owner, of.conversation),
        await store.tree_for(owner, of.conversation),
        await store.response_for(owner, of.response),
        await store.keys_of(owner),
        await store.summaries_of(owner, of.conversation),
        await store.memory_of(owner),
        await store.feedback_of(owner, of.conversation),
        await store.shares_of(owner),
        await store.files_of(owner, PageQuery()),
    )


async def test_every_method_that_takes_an_id_is_asked() -> None:
    """A new method of the seam belongs in the list above."""
    free = {
        "local_owner",  # takes no id
        "create_key",  # makes something
        "keys_of",  # lists
        "user_by_key_hash",  # is how the owner becomes known
        "create_conversation",  # makes something
        "custom_instructions_of",  # takes no id
        "prompts_of",  # lists
        "add_prompt",  # makes something
        "keep_custom_instructions",  # takes no id
        "memory_of",  # lists
        "shown_facts",  # lists
        "set_memory_on",  # takes no id
        "add_fact",  # makes something
        "create_folder",  # makes something
        "add_file",  # makes something
        "files_for",  # finds nothing; tested below
        "folders_of",  # lists
        "remove_facts",  # takes no id
        "shares_of",  # lists
        "shared",  # is for everybody who knows the token
        "moved_in",  # takes a name of another program; of a stranger in test_moving.py
        "move_in",  # makes something
        "checkpoint",  # asked by runs, which hold their response already
        "log_of",  # says nothing where there is none; tested below
        "abandoned_responses",  # asked by every server for all owners
        "index_some",  # done by every server for all owners
        "is_healthy",
        "close",
    }
    methods = {name for part in (Store, *PARTS) for name in vars(part) if not name.startswith("_")}
    assert methods == free | {name.split()[0] for name in ASKS}


async def test_lists_of_a_stranger_are_empty(store: Store, owner: str) -> None:
    """Lists do not mix owners."""
    theirs = await everything(store, owner)
    assert await store.conversations_of("user_stranger", PageQuery()) == ((), False)
    assert await store.files_of("user_stranger", PageQuery()) == ((), False)
    assert await store.files_for("user_stranger", [theirs.file]) == {}
    assert await store.keys_of("user_stranger") == ()
    assert await store.shares_of("user_stranger") == ()
    assert await store.memory_of("user_stranger") == Memory(is_on=False, facts=())


async def test_log_of_a_stranger_is_empty(store: Store, owner: str) -> None:
    """As is that of a response that never was."""
    response_id = await run(store, owner, new_response(message()))
    assert len(await store.log_of(owner, response_id, starting_after=-1)) == 1
    for who, what in (("user_stranger", response_id), (owner, "resp_missing")):
        assert await store.log_of(who, what, starting_after=-1) == ()


async def test_item_of_another_conversation_is_missing(store: Store, owner: str) -> None:
    """The path names both; both must fit."""
    mine = await everything(store, owner)
    other = await store.create_conversation(owner, metadata={}, title=None, items=[message()], now=1)
    with pytest.raises(NotFoundError):
        await store.item_for(owner, other.id, mine.item)
    with pytest.raises(NotFoundError):
        await store.delete_item(owner, other.id, mine.item)


async def test_response_id_cannot_be_taken_over(store: Store, owner: str) -> None:
    """A finished response keeps its body against a second start."""
    response_id = await run(store, owner, new_response(message()))
    assert (await store.response_for(owner, response_id)).status == "completed"
