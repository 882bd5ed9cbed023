"""Finding words over HTTP: what comes back, whose it is, and what is refused."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from support.socket_server import InProcess, in_process, turn


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _search(
    maru: InProcess, q: str, key: str | None = None, *, after: str | None = None, limit: int = 20
) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with maru.session.get(
        "/v1/conversations/search",
        params={"q": q, "limit": limit, **({"after": after} if after else {})},
        headers=headers,
    ) as answer:
        return answer.status, await answer.json()


async def _conversation(maru: InProcess, said: str) -> str:
    async with maru.session.post("/v1/conversations", json={}) as answer:
        conversation = str((await answer.json())["id"])
    async with maru.socket() as socket:
        await turn(socket, input=said, conversation=conversation)
    return conversation


async def test_a_hit_tells_where_the_words_stand(maru: InProcess) -> None:
    """Title, question and answer, each with its snippet; the answer is what the echo said."""
    conversation = await _conversation(maru, "점심에 칼국수를 먹었다")
    status, page = await _search(maru, "국수 먹")
    assert (status, page["object"], page["has_more"]) == (200, "list", False)
    title, answer, question = page["data"]
    assert (page["first_id"], page["last_id"]) == (title["id"], question["id"])
    assert title == {
        "id": conversation,
        "object": "maru.hit",
        "conversation": conversation,
        "title": "점심에 칼국수를 먹었다",
        "item": None,
        "role": None,
        "at": title["at"],
        "snippet": [
            {"text": "점심에 칼", "match": False},
            {"text": "국수", "match": True},
            {"text": "를 ", "match": False},
            {"text": "먹", "match": True},
            {"text": "었다", "match": False},
        ],
    }
    assert [(hit["role"], hit["item"] == hit["id"]) for hit in (answer, question)] == [
        ("assistant", True),
        ("user", True),
    ]
    async with maru.session.get(f"/v1/conversations/{conversation}/items/{question['item']}") as found:
        assert (await found.json())["content"][0]["text"] == "점심에 칼국수를 먹었다"


async def test_pages_follow_each_other(maru: InProcess) -> None:
    """By the id of the last hit."""
    await _conversation(maru, "one two three")
    ids: list[str] = []
    more = True
    while more:
        _, page = await _search(maru, "two", limit=1, after=ids[-1] if ids else None)
        ids += [hit["id"] for hit in page["data"]]
        more = page["has_more"]
    assert len(ids) == len(set(ids)) == 3


async def test_nobody_finds_what_is_not_theirs(maru: InProcess) -> None:
    """Nor goes on from it."""
    conversation = await _conversation(maru, "a secret")
    key = await maru.key_of_a_stranger()
    assert (await _search(maru, "secret", key))[1]["data"] == []
    status, body = await _search(maru, "secret", key, after=conversation)
    assert (status, conversation in body["error"]["message"]) == (404, True)


@pytest.mark.parametrize(
    ("q", "limit", "param"),
    [
        ("", 1, "q"),
        (" \t\u3000", 1, "q"),
        ("x" * 201, 1, "q"),
        ("x" * 10_000, 1, "q"),
        ("x", 0, "limit"),
        ("x", 101, "limit"),
    ],
)
async def test_what_cannot_be_looked_for_is_refused(maru: InProcess, q: str, limit: int, param: str) -> None:
    """With the name of what is wrong."""
    status, body = await _search(maru, q, limit=limit)
    assert (status, body["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    "q", ['"', '" OR ""', "a AND NOT b", "*", "\0", "'; DROP TABLE items; --", "😀", "%_\\", "x " * 100]
)
async def test_hostile_words_find_nothing_and_break_nothing(maru: InProcess, q: str) -> None:
    """They are words like others."""
    await _conversation(maru, "hello")
    assert await _search(maru, q) == (
        200,
        {"object": "list", "data": [], "first_id": None, "last_id": None, "has_more": False},
    )


async def test_a_conversation_named_search_is_not_in_the_way(maru: InProcess) -> None:
    """The address without words is no conversation's."""
    async with maru.session.get("/v1/conversations/search") as answer:
        assert (answer.status, (await answer.json())["error"]["param"]) == (400, "q")


async def test_searches_at_once_do_not_wait_for_each_other(maru: InProcess) -> None:
    """Somebody types."""
    await _conversation(maru, "hello world")
    found = await asyncio.gather(*(_search(maru, "hello world"[:length]) for length in range(1, 12)))
    assert {status for status, _ in found} == {200}
    assert all(page["data"] for _, page in found)
