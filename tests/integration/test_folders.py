"""Folders over HTTP."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from maru.protocol.folders import MAX_FOLDERS
from support.socket_server import InProcess, in_process


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with maru.session.request(method, f"/v1/{path}", json=body) as answer:
        return answer.status, await answer.json()


async def test_a_conversation_is_moved_listed_and_kept(maru: InProcess) -> None:
    """Into a folder, into none, and when its folder goes."""
    _, folder = await _ask(maru, "POST", "folders", {"name": "  여행 "})
    assert (folder["object"], folder["name"]) == ("maru.folder", "여행")
    _, made = await _ask(maru, "POST", "conversations", {"maru:title": "Gyeongju"})
    path = f"conversations/{made['id']}"
    _, moved = await _ask(maru, "POST", path, {"maru:folder": folder["id"]})
    assert moved == {**made, "maru:folder": folder["id"]}
    _, untouched = await _ask(maru, "POST", path, {"maru:pinned": False})
    assert untouched["maru:folder"] == folder["id"]
    _, inside = await _ask(maru, "GET", f"conversations?folder={folder['id']}")
    _, outside = await _ask(maru, "GET", "conversations?folder=none")
    assert ([one["id"] for one in inside["data"]], outside["data"]) == ([made["id"]], [])
    _, renamed = await _ask(maru, "POST", f"folders/{folder['id']}", {"name": "Travel"})
    assert (await _ask(maru, "GET", "folders"))[1]["data"] == [renamed] == [{**folder, "name": "Travel"}]
    assert (await _ask(maru, "POST", path, {"maru:folder": "none"}))[1] == made
    await _ask(maru, "POST", path, {"maru:folder": folder["id"]})
    _, gone = await _ask(maru, "DELETE", f"folders/{folder['id']}")
    assert gone == {"id": folder["id"], "object": "maru.folder.deleted", "deleted": True}
    assert (await _ask(maru, "GET", path))[1] == made
    assert (await _ask(maru, "POST", path, {"maru:folder": folder["id"]}))[0] == 404


async def test_what_is_refused_moves_nothing(maru: InProcess) -> None:
    """A move and what else is asked with it are one change."""
    _, folder = await _ask(maru, "POST", "folders", {"name": "여행"})
    _, made = await _ask(maru, "POST", "conversations", {"maru:title": "Gyeongju"})
    path = f"conversations/{made['id']}"
    assert (await _ask(maru, "POST", path, {"maru:folder": folder["id"], "maru:head": "msg_missing"}))[0] == 404
    assert (await _ask(maru, "GET", path))[1] == made


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\u200b", "x" * 81, 7])
async def test_a_name_that_is_none_is_refused(maru: InProcess, name: object) -> None:
    """With the field that is wrong."""
    status, body = await _ask(maru, "POST", "folders", {"name": name})
    assert (status, body["error"]["param"]) == (400, "name")


async def test_there_are_so_many_folders_at_most(maru: InProcess) -> None:
    """The list is sent whole."""
    for number in range(MAX_FOLDERS):
        assert (await _ask(maru, "POST", "folders", {"name": f"f{number}"}))[0] == 200
    status, body = await _ask(maru, "POST", "folders", {"name": "one more"})
    assert (status, body["error"]["code"]) == (400, "too_many_folders")
