"""What models are shown, told over HTTP: contexts of responses, pins, and the cut that stays where it was."""

import asyncio
import base64
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from maru.memory.counting import Counter
from maru.memory_settings import MemorySettings
from maru_backends.echo import EchoSettings
from support.socket_server import InProcess, in_process, turn

SMALL = {"small": EchoSettings(context_window=400), "large": EchoSettings(context_window=4000)}


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone, with a small model and a large one."""
    async with in_process(SMALL) as server:
        yield server


async def _conversation(maru: InProcess) -> str:
    async with maru.session.post("/v1/conversations", json={}) as answer:
        return str((await answer.json())["id"])


async def _talk(maru: InProcess, conversation: str, count: int, model: str = "small") -> list[Any]:
    """The responses of some turns."""
    async with maru.socket() as socket:
        ends = [
            await turn(
                socket, input=f"turn {n} " + "word " * 12, model=model, conversation=conversation, truncation="auto"
            )
            for n in range(count)
        ]
    return [end["response"] for end in ends]


async def _get(maru: InProcess, path: str) -> tuple[int, Any]:
    async with maru.session.get(path) as answer:
        return answer.status, await answer.json()


async def _pin(maru: InProcess, conversation: str, item: str, *, is_pinned: bool) -> Any:
    path = f"/v1/conversations/{conversation}/items/{item}"
    async with maru.session.post(path, json={"maru:pinned": is_pinned}) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_a_context_tells_of_every_turn_what_became_of_it(maru: InProcess) -> None:
    """People must not have to guess what the model still knows."""
    conversation = await _conversation(maru)
    responses = await _talk(maru, conversation, 12)
    assert all(response["status"] == "completed" for response in responses)
    last = responses[-1]
    status, context = await _get(maru, f"/v1/responses/{last['id']}/context")
    assert status == 200
    states = [one["state"] for one in context["turns"]]
    assert len(states) == 12
    assert states == sorted(states)  # left_out before sent
    assert set(states) == {"left_out", "sent"}
    shown = last["maru:context"]
    first_sent = next(one for one in context["turns"] if one["state"] == "sent")
    assert first_sent["items"][0]["id"] == shown["first_item"]
    assert sum(len(one["items"]) for one in context["turns"] if one["state"] == "left_out") == shown["items_left_out"]
    assert context["used"] == shown["used"] == last["usage"]["input_tokens"] <= context["budget"] < context["window"]
    tokens = [one["tokens"] for one in context["turns"] if one["state"] == "sent"]
    assert all(tokens)
    assert sum(tokens) <= context["used"]
    assert (context["policy"], context["model"], context["summary"]) == ("block", "small", None)


async def test_a_pinned_turn_is_sent_from_before_the_cut(maru: InProcess) -> None:
    """Until it is unpinned."""
    conversation = await _conversation(maru)
    first = (await _talk(maru, conversation, 1))[0]
    pinned = first["maru:input"][0]
    assert (await _pin(maru, conversation, pinned, is_pinned=True))["maru:pinned"] is True
    last = (await _talk(maru, conversation, 12))[-1]
    assert last["maru:context"]["pinned"] == [pinned]
    _, context = await _get(maru, f"/v1/responses/{last['id']}/context")
    assert [one["state"] for one in context["turns"]][:2] == ["pinned", "left_out"]
    _, tree = await _get(maru, f"/v1/conversations/{conversation}/tree")
    assert [item["id"] for item in tree["items"] if item["maru:pinned"]] == [pinned]
    await _pin(maru, conversation, pinned, is_pinned=False)
    after = (await _talk(maru, conversation, 1))[0]
    assert after["maru:context"]["pinned"] == []


async def test_a_cut_stays_where_it_was_after_a_restart() -> None:
    """The ledger keeps it; what the engine has in its cache begins there."""
    async with in_process(SMALL) as maru:
        conversation = await _conversation(maru)
        before = {"items_left_out": 0}
        while not before["items_left_out"]:
            before = (await _talk(maru, conversation, 1))[0]["maru:context"]
        async with in_process(SMALL, store=maru.store) as other:
            after = (await _talk(other, conversation, 1))[0]["maru:context"]
    assert after["first_item"] == before["first_item"]


async def test_a_chain_without_a_store_remembers_its_cut(maru: InProcess) -> None:
    """On its own socket."""
    async with maru.socket() as socket:
        shown, previous = list[Any](), None
        for number in range(14):
            end = await turn(
                socket,
                input=f"turn {number} " + "word " * 12,
                model="small",
                store=False,
                truncation="auto",
                previous_response_id=previous,
            )
            previous = end["response"]["id"]
            shown.append(end["response"]["maru:context"])
    left_out = [one["items_left_out"] for one in shown]
    assert left_out == sorted(left_out)
    assert 2 <= len(set(left_out)) <= 6


async def test_another_model_in_the_middle_of_a_chat(maru: InProcess) -> None:
    """The small one leaves out what the large one shows again."""
    conversation = await _conversation(maru)
    large = (await _talk(maru, conversation, 12, "large"))[-1]
    assert large["maru:context"]["items_left_out"] == 0
    small = (await _talk(maru, conversation, 1, "small"))[0]
    assert (small["status"], small["maru:context"]["items_left_out"] > 0) == ("completed", True)
    again = (await _talk(maru, conversation, 1, "large"))[0]
    assert again["maru:context"]["items_left_out"] == 0


async def test_a_giant_message_is_refused_and_the_chat_goes_on(maru: InProcess) -> None:
    """Nothing is lost: what was sent is in the conversation, and the next turn is answered."""
    conversation = await _conversation(maru)
    await _talk(maru, conversation, 3)
    async with maru.socket() as socket:
        end = await turn(socket, input="huge " * 3000, model="small", conversation=conversation, truncation="auto")
    assert end["response"]["error"]["code"] == "context_length_exceeded"
    assert "Shorten it" in end["response"]["error"]["message"]
    (after,) = await _talk(maru, conversation, 1)
    assert after["status"] == "completed"
    _, tree = await _get(maru, f"/v1/conversations/{conversation}/tree")
    assert any("huge huge" in str(item) for item in tree["items"])


async def test_a_context_tells_the_facts_that_were_shown(maru: InProcess) -> None:
    """People see what of their memory reached the model, for as long as it did."""
    conversation = await _conversation(maru)
    async with maru.session.post("/v1/memory/facts", json={"text": "Name: Mina"}) as answer:
        fact = (await answer.json())["id"]
    async with maru.session.post("/v1/memory", json={"enabled": True}) as answer:
        assert answer.status == 200
    (with_it,) = await _talk(maru, conversation, 1)
    async with maru.session.delete(f"/v1/memory/facts/{fact}") as answer:
        assert answer.status == 200
    (without_it,) = await _talk(maru, conversation, 1)
    _, context = await _get(maru, f"/v1/responses/{with_it['id']}/context")
    assert context["notes"].endswith("- Name: Mina")
    assert (await _get(maru, f"/v1/responses/{without_it['id']}/context"))[1]["notes"] is None


async def test_keep_all_says_so_instead_of_cutting() -> None:
    """The operator's choice for a model whose chats must be whole."""
    memory = {"small": MemorySettings(policy="keep-all")}
    async with in_process(SMALL, memory=memory) as maru:
        conversation = await _conversation(maru)
        responses = await _talk(maru, conversation, 12)
    failed = [response for response in responses if response["status"] == "failed"]
    assert failed
    assert "leave nothing out" in failed[0]["error"]["message"]


async def test_contexts_that_cannot_be_told(maru: InProcess) -> None:
    """Each with its reason."""
    async with maru.socket() as socket:
        warm = (await turn(socket, input="hi", generate=False))["response"]
        await socket.send_json({"type": "response.create", "input": "go", "model": "slow", "maru:detach": True})
        running = (await socket.receive_json())["response"]["id"]
    for response_id, code in (("resp_none", None), (warm["id"], "context_not_kept")):
        status, body = await _get(maru, f"/v1/responses/{response_id}/context")
        assert (status, body["error"]["code"]) == (404, code)
    status, body = await _get(maru, f"/v1/responses/{running}/context")
    assert (status, body["error"]["code"]) == (400, "response_not_finished")
    await asyncio.sleep(0)


@pytest.mark.parametrize("body", [{}, {"maru:pinned": "yes"}, {"maru:pinned": 1}, []])
async def test_a_pin_is_yes_or_no(maru: InProcess, body: object) -> None:
    """Nothing else is guessed at."""
    conversation = await _conversation(maru)
    (response,) = await _talk(maru, conversation, 1)
    path = f"/v1/conversations/{conversation}/items/{response['maru:input'][0]}"
    async with maru.session.post(path, json=body) as answer:
        assert answer.status == 400


async def test_files_of_all_turns_have_one_bound(maru: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the texts of hundreds of turns would be held together to be counted."""
    monkeypatch.setattr("maru.turns.attachments.MOST_SHOWN_TEXT_CHARS", 100)
    data = base64.b64encode(b"word " * 100).decode()
    part = {"type": "input_file", "filename": "a.txt", "file_data": data}
    create = {"model": "large", "max_output_tokens": 16, "input": [{"role": "user", "content": [part]}]}
    previous: str | None = None
    async with maru.socket() as socket:
        for _ in range(3):
            end = await turn(socket, **create, previous_response_id=previous)
            previous = end["response"]["id"]
    maru.server.rooms.contexts._counter = Counter()  # the first two were counted whole when they were asked
    _, context = await _get(maru, f"/v1/responses/{previous}/context")
    first, second, third = (one["tokens"] for one in context["turns"])
    assert first == second < third / 2
