"""Conversations leave over HTTP: one as JSON or Markdown, all as JSON lines."""

import json
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from aiohttp import FormData

from support.socket_server import InProcess, in_process, turn


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None) -> Any:
    async with maru.session.request(method, path, json=body) as answer:
        assert answer.status == 200
        return await answer.json()


async def _conversation(maru: InProcess, *words: str) -> str:
    conversation = str((await _ask(maru, "POST", "/v1/conversations", {"maru:title": words[0]}))["id"])
    async with maru.socket() as socket:
        for said in words:
            await turn(socket, input=said, model="echo", conversation=conversation)
    return conversation


async def test_one_leaves_as_json_with_all_branches(maru: InProcess) -> None:
    """And what was said about its answers, and how they ended."""
    id_ = await _conversation(maru, "차 한 잔?", "and why?")
    base = f"/v1/conversations/{id_}"
    tree = await _ask(maru, "GET", f"{base}/tree")
    first = tree["items"][0]["id"]
    async with maru.socket() as socket:
        again: dict[str, Any] = {"input": [], "model": "echo", "conversation": id_, "maru:parent": first}
        await turn(socket, **again)
    tree = await _ask(maru, "GET", f"{base}/tree")
    await _ask(maru, "POST", f"{base}/items/{tree['items'][1]['id']}/rating", {"value": "up"})
    await _ask(maru, "POST", f"{base}/items/{first}", {"maru:pinned": True})
    tree = await _ask(maru, "GET", f"{base}/tree")
    async with maru.session.get(f"{base}/export") as answer:
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["content-disposition"] == f'attachment; filename="{id_}.json"'
        assert answer.headers["cache-control"] == "no-store"
        out = await answer.json()
    assert (out["object"], out["version"], out["id"], out["title"]) == ("maru.conversation", 1, id_, "차 한 잔?")
    assert out["items"] == tree["items"]
    assert out["feedback"] == tree["feedback"]
    assert {one["id"]: one["model"] for one in out["responses"]} == dict.fromkeys(tree["responses"], "echo")
    assert out["head"] == tree["head"]


async def test_one_with_files_leaves_as_lines(maru: InProcess) -> None:
    """Each file once, then the conversation; taken in again, it is whole."""
    form = FormData()
    form.add_field("purpose", "user_data")
    form.add_field("file", b"barley", filename="tea.txt", content_type="text/plain")
    async with maru.session.post("/v1/files", data=form) as answer:
        assert answer.status == 200
        file = await answer.json()
    part = {"type": "input_file", "file_id": file["id"]}
    items = [{"type": "message", "role": "user", "content": [part, part]}]
    there = await _ask(maru, "POST", "/v1/conversations", {"items": items})
    path = f"/v1/conversations/{there['id']}"
    async with maru.session.get(f"{path}/export") as answer:
        assert answer.headers["content-type"] == "application/x-ndjson"
        assert answer.headers["content-disposition"] == f'attachment; filename="{there["id"]}.jsonl"'
        assert answer.headers["cache-control"] == "no-store"
        content = await answer.read()
    first, second = (json.loads(line) for line in content.splitlines())
    assert first == {
        "object": "maru.file",
        "id": file["id"],
        "filename": "tea.txt",
        "purpose": "user_data",
        "media_type": "text/plain; charset=utf-8",
        "piece": 1,
        "pieces": 1,
        "content": "YmFybGV5",
    }
    assert [part["file_id"] for part in second["items"][0]["content"]] == [file["id"]] * 2
    await _ask(maru, "DELETE", path)
    async with maru.session.post("/v1/import?name=c.jsonl", data=content) as answer:
        (told, sums) = (json.loads(line) for line in (await answer.text()).splitlines())
    assert (told["outcome"], told["detail"], sums["imported"]) == ("imported", None, 1)
    tree = await _ask(maru, "GET", f"/v1/conversations/{told['conversation']}/tree")
    (back,) = {part["file_id"] for part in tree["items"][0]["content"]}
    assert back != file["id"]
    async with maru.session.get(f"/v1/files/{back}/content") as answer:
        assert await answer.read() == b"barley"


async def test_what_is_shown_leaves_as_markdown(maru: InProcess) -> None:
    """With headings in the reader's language, and nothing of other branches."""
    id_ = await _conversation(maru, "Is **tea** warm?", "```\ncode\n```")
    base = f"/v1/conversations/{id_}"
    first = (await _ask(maru, "GET", f"{base}/tree"))["items"][0]["id"]
    async with maru.session.get(f"{base}/export?format=markdown&language=ko") as answer:
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        text = await answer.text()
    assert text.startswith("# Is **tea** warm?\n\n*")
    assert text.count("**나**") == 2
    assert text.count("**답변**") == 2
    assert "```\ncode\n```" in text
    await _ask(maru, "POST", base, {"maru:head": first})
    async with maru.session.get(f"{base}/export?format=markdown") as answer:
        text = await answer.text()
    assert ("**You**" in text, "**Answer**" in text, "code" in text) == (True, False, False)
    async with maru.session.get(f"{base}/export?format=pdf") as answer:
        assert answer.status == 400


async def test_everything_leaves_line_by_line(maru: InProcess) -> None:
    """Oldest change first, each as it leaves alone; an answer that still runs is left out."""
    ids = [await _conversation(maru, f"Tea {number}") for number in range(3)]
    running = str((await _ask(maru, "POST", "/v1/conversations", {}))["id"])
    async with maru.socket() as socket:
        create = {"type": "response.create", "input": "count", "model": "slow", "conversation": running}
        await socket.send_json(create)
        await socket.receive()
        async with maru.session.get("/v1/export") as answer:
            assert answer.headers["content-type"].startswith("application/x-ndjson")
            lines = [json.loads(line) for line in (await answer.text()).splitlines()]
    assert (lines[0]["object"], lines[0]["version"]) == ("maru.export", 1)
    assert sorted(line["id"] for line in lines[1:]) == sorted([*ids, running])
    (going,) = (line for line in lines[1:] if line["id"] == running)
    assert (going["responses"], [item["maru:response"] for item in going["items"]]) == ([], [None])
    for line in lines[1:]:
        if line["id"] != running:
            assert line == await _ask(maru, "GET", f"/v1/conversations/{line['id']}/export")


async def test_a_stranger_takes_nothing_away(maru: InProcess) -> None:
    """Neither one nor all."""
    id_ = await _conversation(maru, "mine")
    headers = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    for query in ("", "?format=markdown"):
        async with maru.session.get(f"/v1/conversations/{id_}/export{query}", headers=headers) as answer:
            assert answer.status == 404
    async with maru.session.get("/v1/export", headers=headers) as answer:
        assert len((await answer.text()).splitlines()) == 1
