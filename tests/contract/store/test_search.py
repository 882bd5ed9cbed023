"""What every store promises about finding words."""

from unicodedata import normalize

import pytest

from maru.ids import new_id
from maru.protocol.items import InputFile, InputImage, InputText, Item, Message
from maru.store.base import Conversation, NotFoundError, Store
from maru.store.search import Hit, SearchQuery
from maru.store.words import words_of
from support.stores import finished, message, new_response, run


async def begin(store: Store, owner: str, *items: Item, title: str | None = None, now: int = 1) -> Conversation:
    """A conversation with these items."""
    return await store.create_conversation(owner, metadata={}, title=title, items=items, now=now)


async def find(store: Store, owner: str, query: str, *, limit: int = 20, after: str | None = None) -> list[Hit]:
    """One page of hits; the same whether what was said is in an index or not."""
    hits, _ = await store.search(owner, SearchQuery(words_of(query), limit, after))
    while await store.index_some():
        pass
    again, _ = await store.search(owner, SearchQuery(words_of(query), limit, after))
    assert hits == again
    return list(hits)


async def found(store: Store, owner: str, query: str) -> list[str]:
    """Ids of all hits."""
    return [hit.id for hit in await find(store, owner, query)]


@pytest.mark.parametrize(
    "query", ["국수", "칼", "칼국수", "수를", "먹었", "점심 먹었다", normalize("NFD", "국수"), "MARU", "ar", "r"]
)
async def test_a_part_of_a_word_is_found(store: Store, owner: str, query: str) -> None:
    """Also one of two letters or one, which is a whole word in Korean."""
    said = message("점심에 칼국수를 먹었다 on the Maru")
    made = await begin(store, owner, said, message("Sonne"), title="t")
    assert await find(store, owner, query) == [Hit(made.id, "t", said, 1)]


@pytest.mark.parametrize("query", ["국시", "수칼", "mara", "점심 저녁", "zz"])
async def test_what_nobody_said_is_not_found(store: Store, owner: str, query: str) -> None:
    """Also where its pieces stand here and there."""
    await begin(store, owner, message("점심에 칼국수를 먹었다 on the Maru, mar ara"), title="칼")
    assert await found(store, owner, query) == []


async def test_titles_come_first_then_messages_newest_first(store: Store, owner: str) -> None:
    """Titles by the last change of their conversations."""
    first, second = message("maru one"), message("maru two", "assistant")
    old = await begin(store, owner, first, title="The Maru", now=1)
    new = await begin(store, owner, second, title="maru again", now=2)
    await begin(store, owner, message("nothing"), now=3)
    hits = await find(store, owner, "maru")
    assert [(hit.id, hit.at) for hit in hits] == [(new.id, 2), (old.id, 1), (second.id, 2), (first.id, 1)]


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("query", ["maru", "ma", "!"])
async def test_pages_give_every_hit_once(store: Store, owner: str, query: str, limit: int) -> None:
    """Also of more messages than are read or indexed at once."""
    expected: list[str] = []
    for number in range(3):
        made = await begin(store, owner, title="maru!" if number else "other", now=5)
        expected += [made.id] if number else []
    expected = sorted(expected, reverse=True)
    said = [message(f"maru! {number}" if number % 3 else "other") for number in range(150)]
    await begin(store, owner, *said)
    expected += [item.id for number, item in reversed(list(enumerate(said))) if number % 3]
    for _ in range(2):
        seen: list[str] = []
        more = True
        while more:
            query_ = SearchQuery(words_of(query), limit, seen[-1] if seen else None)
            hits, more = await store.search(owner, query_)
            seen += [hit.id for hit in hits]
        assert seen == expected
        await store.index_some()


async def test_what_is_said_in_an_answer_is_found(store: Store, owner: str) -> None:
    """Question and answer, on every branch; a chain outside of conversations is not listed, so it is not found."""
    made = await begin(store, owner)
    question, first, second = (
        message("왜 마루인가"),
        message("마루는 넓다", "assistant"),
        message("마루는 좋다", "assistant"),
    )
    await run(store, owner, new_response(question, conversation_id=made.id), first)
    await run(store, owner, new_response(parent_id=question.id, conversation_id=made.id), second)
    await run(store, owner, new_response(message("마루 밖")), message("마루 밖의 답", "assistant"))
    assert await found(store, owner, "마루") == [second.id, first.id, question.id]


async def test_a_file_is_found_by_its_name(store: Store, owner: str) -> None:
    """And an image, behind however many words; not by what stands in it."""
    file = InputFile(filename="여행 계획.txt", file_data="data:text/plain;base64,bWFydQ==")
    image = InputImage(image_url=None, detail="auto", file_id="file_1", filename="Beach.jpg")
    said = Message(
        id=new_id("msg"),
        status="completed",
        role="user",
        content=(InputText(text="x" * 70_000), InputImage(image_url="data:,", detail="auto"), file, image),
    )
    await begin(store, owner, said)
    for words in ("여행 계획", "beach", "jpg x"):
        assert await found(store, owner, words) == [said.id]
    assert await found(store, owner, "maru") == []


async def test_what_was_deleted_is_not_found(store: Store, owner: str) -> None:
    """A message, a conversation; and what comes after in their place is."""
    gone, kept = message("maru gone"), message("maru kept")
    made = await begin(store, owner, kept, gone)
    assert await found(store, owner, "maru") == [gone.id, kept.id]
    await store.delete_item(owner, made.id, gone.id)
    assert await found(store, owner, "maru") == [kept.id]
    (new,) = await store.append_items(owner, made.id, [message("maru new")], now=2)
    assert await found(store, owner, "maru") == [new.item.id, kept.id]
    await store.delete_conversation(owner, made.id)
    assert await found(store, owner, "maru") == []
    other = await begin(store, owner, message("maru other"))
    assert await found(store, owner, "maru") == [other.head_id]


async def test_a_new_title_is_found_at_once(store: Store, owner: str) -> None:
    """And the old one no more."""
    made = await begin(store, owner, title="before")
    assert await found(store, owner, "before") == [made.id]
    await store.update_conversation(owner, made.id, now=2, title="뒤")
    assert await found(store, owner, "before") == []
    assert await found(store, owner, "뒤") == [made.id]


async def test_strangers_find_nothing(store: Store, owner: str) -> None:
    """Nor can they go on from what is not theirs."""
    made = await begin(store, owner, message("secret"), title="secret")
    assert await found(store, "user_stranger", "secret") == []
    for after in (made.id, made.head_id, "conv_missing", "msg_missing"):
        with pytest.raises(NotFoundError):
            await find(store, "user_stranger", "secret", after=after)


@pytest.mark.parametrize(
    "query",
    [
        '"',
        "'",
        '" OR "',
        "maru* OR x",
        "NEAR(a b)",
        "pieces:maru",
        "-maru",
        "\0",
        "a\0b",
        "%",
        "_",
        "\\",
        "(",
        "^ma",
        "😀" * 50,
    ],
)
async def test_hostile_words_are_only_words(store: Store, owner: str, query: str) -> None:
    """What means something to a database means nothing here."""
    said = message(f"before {query} after")
    await begin(store, owner, said, message("maru"))
    assert await found(store, owner, query) == [said.id]


async def test_answers_that_run_are_found_when_they_end(store: Store, owner: str) -> None:
    """The question at once."""
    made = await begin(store, owner)
    new, answer = new_response(message("maru q"), conversation_id=made.id), message("maru a", "assistant")
    await store.start_response(owner, new)
    assert await found(store, owner, "maru") == [new.input_items[0].id]
    await store.finish_response(owner, finished(new.id, answer))
    assert await found(store, owner, "maru") == [answer.id, new.input_items[0].id]
