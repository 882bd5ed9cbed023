"""A new chat that begins as a branch of another."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from support.files import upload
from support.socket_server import InProcess, in_process, turn


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with maru.session.request(method, f"/v1/conversations{path}", json=body) as answer:
        return answer.status, await answer.json()


async def _conversation(maru: InProcess, *words: str) -> str:
    _, made = await _ask(maru, "POST", "", {"maru:title": words[0], "metadata": {"colour": "red"}})
    async with maru.socket() as socket:
        for said in words:
            await turn(socket, input=said, model="echo", conversation=made["id"])
    return str(made["id"])


def _said(tree: dict[str, Any]) -> list[str]:
    return [part["text"] for item in tree["items"] for part in item["content"]]


async def test_it_begins_with_what_was_said_so_far_and_goes_its_own_way(maru: InProcess) -> None:
    """With ids of its own; neither changes with the other, nor is deleted with it."""
    old = await _conversation(maru, "one", "two", "three")
    before = (await _ask(maru, "GET", f"/{old}/tree"))[1]
    rated = before["items"][1]["id"]
    async with maru.session.post(f"/v1/conversations/{old}/items/{rated}/rating", json={"value": "up"}) as answer:
        assert answer.status == 200
    before = (await _ask(maru, "GET", f"/{old}/tree"))[1]
    wish = {"item": before["items"][3]["id"], "maru:title": "other"}
    status, new = await _ask(maru, "POST", f"/{old}/fork", wish)
    assert (status, new["maru:title"], new["metadata"]) == (200, "other", {"colour": "red"})
    tree = (await _ask(maru, "GET", f"/{new['id']}/tree"))[1]
    assert _said(tree) == ["one", "one", "two", "two"]
    assert tree["head"] == tree["items"][3]["id"] == new["maru:head"]
    assert not {item["id"] for item in tree["items"]} & {item["id"] for item in before["items"]}
    assert [one["model"] for one in tree["responses"].values()] == ["echo", "echo"]
    assert tree["feedback"]["ratings"] == []
    async with maru.socket() as socket:
        await turn(socket, input="four", model="echo", conversation=new["id"])
    assert (await _ask(maru, "GET", f"/{old}/tree"))[1] == before
    await _ask(maru, "DELETE", f"/{old}")
    assert _said((await _ask(maru, "GET", f"/{new['id']}/tree"))[1]) == ["one", "one", "two", "two", "four", "four"]


async def test_another_branch_does_not_come_along(maru: InProcess) -> None:
    """Only the way from the beginning; the same item may be branched off from twice, with the title of the old one."""
    old = await _conversation(maru, "one", "two")
    tree = (await _ask(maru, "GET", f"/{old}/tree"))[1]
    first = tree["items"][0]["id"]
    async with maru.socket() as socket:
        await turn(socket, input="else", model="echo", conversation=old, **{"maru:parent": tree["items"][1]["id"]})
    for _ in range(2):
        _, new = await _ask(maru, "POST", f"/{old}/fork", {"item": first})
        assert new["maru:title"] == "one"
        assert _said((await _ask(maru, "GET", f"/{new['id']}/tree"))[1]) == ["one"]
    assert len((await _ask(maru, "GET", ""))[1]["data"]) == 3


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({}, 400, "item"),
        ({"item": 3}, 400, "item"),
        ({"item": "msg_missing"}, 404, None),
        ({"item": "msg_x", "maru:title": ""}, 400, "maru:title"),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_made(
    maru: InProcess, body: dict[str, Any], status: int, param: str | None
) -> None:
    """With the name of what is wrong."""
    old = await _conversation(maru, "one")
    refused, answer = await _ask(maru, "POST", f"/{old}/fork", body)
    assert (refused, answer["error"]["param"]) == (status, param)
    assert len((await _ask(maru, "GET", ""))[1]["data"]) == 1


async def test_a_stranger_forks_nothing(maru: InProcess) -> None:
    """Nor learns that it is there."""
    old = await _conversation(maru, "one")
    tree = (await _ask(maru, "GET", f"/{old}/tree"))[1]
    headers = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    wish = {"item": tree["head"]}
    async with maru.session.post(f"/v1/conversations/{old}/fork", json=wish, headers=headers) as answer:
        assert answer.status == 404


async def test_a_file_is_in_both_until_both_are_gone(maru: InProcess) -> None:
    """What branches off refers to the same file, which goes with the last of them."""
    _, file = await upload(maru, b"words", maru__goes_with_chat="true")
    _, conversation = await _ask(maru, "POST", "", {})
    content = [{"type": "input_file", "file_id": file["id"]}]
    create = {"input": [{"role": "user", "content": content}], "conversation": conversation["id"]}
    async with maru.session.post("/v1/responses", json=create) as answer:
        response = await answer.json()
    path = f"/{conversation['id']}"
    _, forked = await _ask(maru, "POST", f"{path}/fork", {"item": response["output"][0]["id"]})
    _, tree = await _ask(maru, "GET", f"/{forked['id']}/tree")
    assert tree["items"][0]["content"] == [{"type": "input_file", "filename": "a.txt", "file_id": file["id"]}]
    for gone, status in ((path, 200), (f"/{forked['id']}", 404)):
        await _ask(maru, "DELETE", gone)
        async with maru.session.get(f"/v1/files/{file['id']}") as answer:
            assert answer.status == status
