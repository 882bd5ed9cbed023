"""Summaries over HTTP: written ahead, shown where the cut was made, edited, written anew, deleted."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from maru.memory.compaction import Compactor
from maru.memory_settings import MemorySettings
from maru.turns.summaries import TRIES
from maru_backends.echo import EchoSettings
from maru_backends.errors import BackendBusyError
from support.socket_server import InProcess, in_process, turn

MODELS = {
    "small": EchoSettings(context_window=400),
    "scribe": EchoSettings(script="count", tokens=5),
    "down": EchoSettings(script="break", tokens=0),
}
SUMMARISES = MemorySettings(policy="summarise", summary_model="scribe")


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone, whose small model has another one write its summaries."""
    async with in_process(MODELS, memory={"small": SUMMARISES}) as server:
        yield server


async def _talk(maru: InProcess, conversation: str, count: int) -> list[Any]:
    """The responses of some turns; between them, summaries are written."""
    ends: list[Any] = []
    async with maru.socket() as socket:
        for number in range(count):
            words = f"turn {number} " + "word " * 12
            end = await turn(socket, input=words, model="small", conversation=conversation, truncation="auto")
            ends.append(end["response"])
            await asyncio.sleep(0)
            await maru.server.rooms.hub.summaries.idle()
    return ends


async def _ask(maru: InProcess, method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with maru.session.request(method, path, json=body) as answer:
        return answer.status, await answer.json()


async def _conversation(maru: InProcess) -> str:
    return str((await _ask(maru, "POST", "/v1/conversations", {}))[1]["id"])


async def test_a_summary_is_written_ahead_and_takes_the_place_of_what_goes(maru: InProcess) -> None:
    """When the cut comes it is there, and nothing was forgotten in silence."""
    conversation = await _conversation(maru)
    responses = await _talk(maru, conversation, 30)
    assert {response["status"] for response in responses} == {"completed"}
    shown = [response["maru:context"] for response in responses]
    cut = [one for one in shown if one["items_left_out"]]
    assert cut
    assert all(one["summary"] for one in cut)
    _, tree = await _ask(maru, "GET", f"/v1/conversations/{conversation}/tree")
    summaries = {one["id"]: one for one in tree["summaries"]}
    assert len(summaries) >= 3
    places = [item["id"] for item in tree["items"]]
    for one in cut:
        summary = summaries[one["summary"]]
        assert summary["text"].startswith("Facts from earlier in this conversation:\n0x")
        assert (summary["model"], summary["edited_at"]) == ("scribe", None)
        assert places.index(summary["last_item"]) + 1 == places.index(one["first_item"])
    _, context = await _ask(maru, "GET", f"/v1/responses/{responses[-1]['id']}/context")
    assert {one["state"] for one in context["turns"]} == {"summarised", "sent"}
    assert context["notes"] == summaries[context["summary"]]["text"]


async def test_what_a_person_writes_is_what_the_model_is_shown(maru: InProcess) -> None:
    """From the next answer on."""
    conversation = await _conversation(maru)
    last = (await _talk(maru, conversation, 20))[-1]
    path = f"/v1/conversations/{conversation}/summaries/{last['maru:context']['summary']}"
    status, edited = await _ask(maru, "POST", path, {"text": "Facts:\n- Name: Mina"})
    assert (status, edited["text"], edited["edited_at"] is not None) == (200, "Facts:\n- Name: Mina", True)
    assert (await _ask(maru, "GET", path)) == (200, edited)
    (after,) = await _talk(maru, conversation, 1)
    _, context = await _ask(maru, "GET", f"/v1/responses/{after['id']}/context")
    assert (context["summary"], context["notes"]) == (edited["id"], "Facts:\n- Name: Mina")


async def test_a_summary_is_written_anew_and_deleted(maru: InProcess) -> None:
    """People try again, or would rather have none."""
    conversation = await _conversation(maru)
    await _talk(maru, conversation, 20)
    base = f"/v1/conversations/{conversation}/summaries"
    first = (await _ask(maru, "GET", base))[1]["data"][0]
    await _ask(maru, "POST", f"{base}/{first['id']}", {"text": "mine"})
    status, anew = await _ask(maru, "POST", f"{base}/{first['id']}/regenerate")
    assert (status, anew["id"], anew["edited_at"]) == (200, first["id"], None)
    assert anew["text"].startswith("Facts from earlier in this conversation:")
    assert (await _ask(maru, "DELETE", f"{base}/{first['id']}"))[0] == 200
    assert (await _ask(maru, "GET", f"{base}/{first['id']}"))[0] == 404
    for body in ({}, {"text": ""}, {"text": "x" * 20_001}, {"text": 5}):
        assert (await _ask(maru, "POST", f"{base}/{anew['id']}", body))[0] == 400


@pytest.mark.parametrize("failures", [TRIES - 1, TRIES])
async def test_a_writer_that_fails_is_asked_again(
    maru: InProcess, monkeypatch: pytest.MonkeyPatch, failures: int
) -> None:
    """Though nobody says anything more; so often and no oftener."""
    tried: list[int] = []
    write = Compactor.written

    async def written(self: Compactor, *order: Any) -> str:
        tried.append(len(tried))
        if len(tried) <= failures:
            raise BackendBusyError("Too many requests wait for the engine.")
        return await write(self, *order)

    monkeypatch.setattr(Compactor, "written", written)
    monkeypatch.setattr("maru.turns.summaries.TRY_AGAIN_AFTER_S", 0.0)
    conversation, said = await _conversation(maru), 0
    while not tried:
        await _talk(maru, conversation, 1)
        said += 1
        assert said < 20
    _, tree = await _ask(maru, "GET", f"/v1/conversations/{conversation}/tree")
    assert (len(tried), len(tree["summaries"])) == (TRIES, 1 if failures < TRIES else 0)


async def test_a_summariser_that_is_down_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The bound holds, the chat goes on, what is left out is told; a wish for a new text is refused clearly."""
    monkeypatch.setattr("maru.turns.summaries.TRY_AGAIN_AFTER_S", 0.0)
    memory = MemorySettings(policy="summarise", summary_model="down")
    async with in_process(MODELS, memory={"small": memory}) as maru:
        conversation = await _conversation(maru)
        responses = await _talk(maru, conversation, 20)
        assert {response["status"] for response in responses} == {"completed"}
        last = responses[-1]["maru:context"]
        assert (last["summary"], last["items_left_out"] > 0) == (None, True)
        _, tree = await _ask(maru, "GET", f"/v1/conversations/{conversation}/tree")
        assert tree["summaries"] == []
        owner = (await maru.store.local_owner()).id
        kept = await maru.store.add_summary(
            owner, conversation, last_item_id=tree["items"][1]["id"], text="old", model="down", now=1
        )
        path = f"/v1/conversations/{conversation}/summaries/{kept.id}"
        status, body = await _ask(maru, "POST", f"{path}/regenerate")
        assert status == 503
        assert body["error"]["message"]
        assert (await _ask(maru, "GET", path))[1]["text"] == "old"


async def test_nobody_waits_for_a_summary() -> None:
    """It is written after the answers that people wait for, and ends with the server."""
    memory = MemorySettings(policy="summarise", summary_model="late")
    late = EchoSettings(script="count", tokens=1000, pace_tokens_per_s=1)
    async with in_process({**MODELS, "late": late}, memory={"small": memory}) as maru:
        conversation = await _conversation(maru)
        async with maru.socket() as socket, asyncio.timeout(20):
            for number in range(20):
                words = f"turn {number} " + "word " * 12
                end = await turn(socket, input=words, model="small", conversation=conversation, truncation="auto")
                assert end["type"] == "response.completed"
    assert not maru.server.rooms.hub.running


async def test_a_summary_that_fills_the_window_is_not_shown(maru: InProcess) -> None:
    """A person may write as much as they like; the chat goes on without it."""
    conversation = await _conversation(maru)
    last = (await _talk(maru, conversation, 20))[-1]
    path = f"/v1/conversations/{conversation}/summaries/{last['maru:context']['summary']}"
    assert (await _ask(maru, "POST", path, {"text": "many words " * 1500}))[0] == 200
    (after,) = await _talk(maru, conversation, 1)
    assert (after["status"], after["maru:context"]["summary"]) == ("completed", None)
