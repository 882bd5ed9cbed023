"""Branches are shown to whoever has the link: read-only, without a key, and nothing that was not meant."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from maru.app import READS_AT_ONCE
from maru.protocol.items import InputText, Message
from support.files import DOT
from support.socket_server import InProcess, in_process, turn

SECRET = "SECRET"


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with maru.session.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def _shared(maru: InProcess, path: str) -> tuple[int, Any]:
    """What a reader gets who has the link and no key."""
    return await _ask(maru, "GET", path.replace("/s/", "/v1/shared/"))


async def _talked(maru: InProcess) -> str:
    """A conversation in which there is much that nobody else should see."""
    said = {"type": "message", "role": "developer", "content": f"{SECRET} instructions"}
    body = {"maru:title": f"{SECRET} title", "metadata": {"note": SECRET}, "items": [said]}
    id_ = str((await _ask(maru, "POST", "/v1/conversations", body))[1]["id"])
    await _ask(maru, "POST", "/v1/memory", {"enabled": True})
    await _ask(maru, "POST", "/v1/memory/facts", {"text": f"{SECRET} fact"})
    base = f"/v1/conversations/{id_}"
    async with maru.socket() as socket:
        await turn(socket, input="which tea?", model="echo", conversation=id_, instructions=SECRET)
        tree = (await _ask(maru, "GET", f"{base}/tree"))[1]
        question = tree["items"][1]["id"]
        await turn(socket, input=f"{SECRET} branch", model="echo", conversation=id_, **{"maru:parent": question})
        await turn(socket, input="한 잔 더?", model="echo", conversation=id_, **{"maru:parent": tree["head"]})
    await _ask(maru, "POST", f"{base}/items/{tree['head']}/rating", {"value": "down", "comment": SECRET})
    return id_


async def test_a_reader_sees_what_was_said_and_nothing_else(maru: InProcess) -> None:
    """No instructions, facts, other branches, feedback, ids or models."""
    id_ = await _talked(maru)
    status, share = await _ask(maru, "POST", f"/v1/conversations/{id_}/shares", {})
    assert (status, share["object"], share["title"], share["path"][:3]) == (200, "maru.share", "which tea?", "/s/")
    assert len(share["path"]) == 3 + 32
    status, body = await _shared(maru, share["path"])
    assert status == 200
    assert {message["role"] for message in body["messages"]} == {"user", "assistant"}
    assert [message["text"] for message in body["messages"]] == ["which tea?", "which tea?", "한 잔 더?", "한 잔 더?"]
    assert body == {
        "object": "maru.shared",
        "title": "which tea?",
        "created_at": share["created_at"],
        "messages": [
            {"role": role, "text": text, "pictures": 0, "files": 0}
            for text in ("which tea?", "한 잔 더?")
            for role in ("user", "assistant")
        ],
    }
    assert SECRET not in str(body)


async def test_it_is_a_snapshot(maru: InProcess) -> None:
    """What is said, renamed or put elsewhere later is not shown; a leaf can be named."""
    id_ = await _talked(maru)
    base = f"/v1/conversations/{id_}"
    tree = (await _ask(maru, "GET", f"{base}/tree"))[1]
    first = next(item["id"] for item in tree["items"] if item.get("role") == "user")
    _, short = await _ask(maru, "POST", f"{base}/shares", {"leaf": first})
    _, share = await _ask(maru, "POST", f"{base}/shares", {})
    before = await _shared(maru, share["path"])
    async with maru.socket() as socket:
        await turn(socket, input=SECRET, model="echo", conversation=id_)
    await _ask(maru, "POST", base, {"maru:title": SECRET})
    assert await _shared(maru, share["path"]) == before
    assert [one["text"] for one in (await _shared(maru, short["path"]))[1]["messages"]] == ["which tea?"]


async def test_the_title_is_of_the_branch(maru: InProcess) -> None:
    """The conversation is called after its first message, which may be in another branch or deleted by now."""
    id_ = (await _ask(maru, "POST", "/v1/conversations", {}))[1]["id"]
    base = f"/v1/conversations/{id_}"
    async with maru.socket() as socket:
        await turn(socket, input=f"{SECRET} draft", model="echo", conversation=id_)
        await turn(socket, input="which tea?", model="echo", conversation=id_, **{"maru:parent": None})
        await turn(socket, input="how hot?", model="echo", conversation=id_)
    assert SECRET in (await _ask(maru, "GET", base))[1]["maru:title"]
    _, share = await _ask(maru, "POST", f"{base}/shares", {})
    assert share["title"] == "which tea?"
    tree = (await _ask(maru, "GET", f"{base}/tree"))[1]
    question = next(item["id"] for item in tree["items"] if item["content"][0]["text"] == "which tea?")
    for title in ("which tea?", "how hot?"):
        assert (await _shared(maru, share["path"]))[1]["title"] == title
        assert [one["title"] for one in (await _ask(maru, "GET", "/v1/shares"))[1]["data"]] == [title]
        await _ask(maru, "DELETE", f"{base}/items/{question}")


async def test_thinking_tools_pictures_and_files_are_not_shown(maru: InProcess) -> None:
    """A picture is told of, as what is said may speak of it."""
    content = [{"type": "input_text", "text": "look"}, {"type": "input_image", "image_url": DOT}]
    items = [
        {"type": "message", "role": "user", "content": content},
        {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": SECRET}]},
        {"type": "function_call", "call_id": "c", "name": SECRET, "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": SECRET},
        {"type": "message", "role": "system", "content": SECRET},
    ]
    id_ = (await _ask(maru, "POST", "/v1/conversations", {"items": items}))[1]["id"]
    _, share = await _ask(maru, "POST", f"/v1/conversations/{id_}/shares", {})
    _, body = await _shared(maru, share["path"])
    assert body["messages"] == [{"role": "user", "text": "look", "pictures": 1, "files": 0}]
    assert DOT not in str(body)


async def test_shares_are_listed_and_taken_back_at_once(maru: InProcess) -> None:
    """A link that was taken back looks like one that never was."""
    id_ = await _talked(maru)
    made = [(await _ask(maru, "POST", f"/v1/conversations/{id_}/shares", {}))[1] for _ in range(2)]
    assert await _ask(maru, "GET", "/v1/shares") == (200, {"object": "list", "data": made[::-1]})
    status, gone = await _ask(maru, "DELETE", f"/v1/shares/{made[0]['id']}")
    assert (status, gone["object"]) == (200, "maru.share.deleted")
    taken_back, never = await _shared(maru, made[0]["path"]), await _shared(maru, "/s/" + "A" * 32)
    assert taken_back == never
    assert (never[0], never[1]["error"]["code"]) == (404, "share_not_found")
    assert (await _shared(maru, made[1]["path"]))[0] == 200


async def test_what_is_deleted_is_gone_for_readers(maru: InProcess) -> None:
    """One message, then the conversation."""
    id_ = await _talked(maru)
    base = f"/v1/conversations/{id_}"
    _, share = await _ask(maru, "POST", f"{base}/shares", {})
    tree = (await _ask(maru, "GET", f"{base}/tree"))[1]
    await _ask(maru, "DELETE", f"{base}/items/{tree['head']}")
    assert len((await _shared(maru, share["path"]))[1]["messages"]) == 3
    await _ask(maru, "DELETE", base)
    assert (await _shared(maru, share["path"]))[0] == 404
    assert (await _ask(maru, "GET", "/v1/shares"))[1]["data"] == []


async def test_a_stranger_shares_and_takes_back_nothing(maru: InProcess) -> None:
    """Of somebody else's; and an empty conversation has nothing to share."""
    id_ = await _talked(maru)
    _, share = await _ask(maru, "POST", f"/v1/conversations/{id_}/shares", {})
    key = await maru.key_of_a_stranger()
    assert (await _ask(maru, "POST", f"/v1/conversations/{id_}/shares", {}, key))[0] == 404
    assert (await _ask(maru, "DELETE", f"/v1/shares/{share['id']}", None, key))[0] == 404
    assert (await _ask(maru, "GET", "/v1/shares", None, key))[1]["data"] == []
    assert (await _shared(maru, share["path"]))[0] == 200
    empty = (await _ask(maru, "POST", "/v1/conversations", {}))[1]["id"]
    assert (await _ask(maru, "POST", f"/v1/conversations/{empty}/shares", {}))[0] == 400
    assert (await _ask(maru, "POST", f"/v1/conversations/{empty}/shares", {"leaf": share["leaf"]}))[0] == 404


async def test_nothing_of_it_is_kept_or_indexed(maru: InProcess) -> None:
    """Neither the words nor the page; the page knows nobody and has the same policy as any other."""
    id_ = await _talked(maru)
    _, share = await _ask(maru, "POST", f"/v1/conversations/{id_}/shares", {})
    async with maru.session.get(share["path"].replace("/s/", "/v1/shared/")) as answer:
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["cache-control"] == "no-store"
    async with maru.session.get(share["path"], headers={"Accept": "text/html"}) as page:
        if page.status != 503:  # the page is built
            assert "noindex" in page.headers["x-robots-tag"]
            assert "default-src 'self'" in page.headers["content-security-policy"]
            assert "set-cookie" not in page.headers
            assert "which tea?" not in await page.text()


async def test_a_server_that_asks_everybody_for_a_key_asks_no_reader() -> None:
    """The link is the key; everything else needs one."""
    async with in_process(host="0.0.0.0") as maru:  # noqa: S104 (nobody hears it: the test asks from this machine)
        assert (await _ask(maru, "GET", "/v1/shares"))[0] == 401
        owner = (await maru.store.local_owner()).id
        item = Message(id="m", role="user", status="completed", content=(InputText(text="hi"),))
        made = await maru.store.create_conversation(owner, metadata={}, title=None, items=[item], now=1)
        await maru.store.share(owner, made.id, "m", token="t" * 32, title=None, now=1)
        status, body = await _shared(maru, "/s/" + "t" * 32)
        assert (status, body["messages"][0]["text"]) == (200, "hi")
        assert (await _ask(maru, "GET", f"/v1/conversations/{made.id}"))[0] == 401


async def test_an_address_that_guesses_is_slowed_down(maru: InProcess) -> None:
    """And told when to come back; whoever has a key is not concerned."""
    statuses = [(await _shared(maru, f"/s/{number}"))[0] for number in range(READS_AT_ONCE + 5)]
    assert statuses[:READS_AT_ONCE] == [404] * READS_AT_ONCE
    assert 429 in statuses[READS_AT_ONCE:]
    async with maru.session.get("/v1/shared/x") as answer:
        assert answer.status == 429
        assert int(answer.headers["retry-after"]) >= 1
    assert (await _ask(maru, "GET", "/v1/shares"))[0] == 200
