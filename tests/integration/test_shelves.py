"""Pins and the archive over HTTP."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from support.socket_server import InProcess, in_process


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with maru.session.request(method, f"/v1/conversations{path}", json=body) as answer:
        return answer.status, await answer.json()


async def _listed(maru: InProcess, query: str) -> list[str]:
    return [one["maru:title"] for one in (await _ask(maru, "GET", query))[1]["data"]]


async def test_conversations_are_pinned_and_put_away(maru: InProcess) -> None:
    """And listed by that; what is absent stays as it was."""
    ids: dict[str, str] = {}
    for title in ("a", "b", "c"):
        _, made = await _ask(maru, "POST", "", {"maru:title": title})
        assert (made["maru:pinned"], made["maru:archived"]) == (False, False)
        ids[title] = made["id"]
    _, pinned = await _ask(maru, "POST", f"/{ids['a']}", {"maru:pinned": True})
    _, archived = await _ask(maru, "POST", f"/{ids['b']}", {"maru:archived": True})
    assert (pinned["maru:pinned"], pinned["maru:archived"], pinned["maru:title"]) == (True, False, "a")
    assert (archived["maru:pinned"], archived["maru:archived"]) == (False, True)
    assert await _listed(maru, "?pinned=true") == ["a"]
    assert await _listed(maru, "?archived=true") == ["b"]
    assert sorted(await _listed(maru, "?archived=false")) == ["a", "c"]
    assert await _listed(maru, "?archived=false&pinned=false") == ["c"]
    assert sorted(await _listed(maru, "")) == ["a", "b", "c"]
    _, back = await _ask(maru, "POST", f"/{ids['b']}", {"maru:archived": False})
    assert back["maru:archived"] is False


@pytest.mark.parametrize(
    ("query", "param"), [("?pinned=maybe", "pinned"), ("?archived=2", "archived"), ("?limit=1000", "limit")]
)
async def test_a_shelf_that_does_not_exist_is_refused(maru: InProcess, query: str, param: str) -> None:
    """With the name of what is wrong."""
    status, body = await _ask(maru, "GET", query)
    assert (status, body["error"]["param"]) == (400, param)


async def test_a_pin_that_is_no_truth_value_is_refused(maru: InProcess) -> None:
    """A word is not taken for one."""
    _, made = await _ask(maru, "POST", "", {})
    status, body = await _ask(maru, "POST", f"/{made['id']}", {"maru:pinned": "yes"})
    assert (status, body["error"]["param"]) == (400, "maru:pinned")
