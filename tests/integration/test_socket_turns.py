"""Turns on one socket of the whole server (digest section 10): order, lanes, continuation, stops, age."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest

from maru.api.socket_queue import MAX_WAITING
from maru.protocol.lanes import MAX_LANES
from maru.store.base import StoreFullError
from maru_backends.echo import EchoSettings
from support.socket_server import InProcess, ask, begun, in_process, said, to_the_end, turn
from support.stores import message, new_response

BROKEN = EchoSettings(script="break", tokens=2)


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process({"broken": BROKEN}) as server:
        yield server


async def test_creates_on_a_busy_socket_wait_and_run_in_order(maru: InProcess) -> None:
    """None is refused merely because another runs, and each gets one terminal frame."""
    async with maru.socket() as socket:
        texts = [f"question {number}" for number in range(MAX_WAITING)]
        for text in texts:
            await ask(socket, text, store=False)
        turns = [await to_the_end(socket) for _ in texts]
        assert [said(frames[-1]) for frames in turns] == texts
        assert [frame["sequence_number"] for frame in turns[1]] == list(range(len(turns[1])))
        with pytest.raises(TimeoutError):
            await socket.receive(timeout=0.2)


async def test_an_error_waits_its_turn(maru: InProcess) -> None:
    """It would be read as the end of the answer that runs."""
    async with maru.socket() as socket:
        await begun(socket, max_output_tokens=40)
        await socket.send_str("{not json")
        await socket.send_json({"type": "maru:nonsense"})
        await ask(socket, "after", store=False)
        ends = [(await to_the_end(socket))[-1] for _ in range(4)]
        assert [end["type"] for end in ends] == ["response.incomplete", "error", "error", "response.completed"]
        assert [end["error"]["code"] for end in ends[1:3]] == ["invalid_json", "unknown_frame_type"]


async def test_too_many_waiting_creates_end_the_socket_with_a_clear_error(maru: InProcess) -> None:
    """Bounded memory; the code 1008 tells that a repeat will not help."""
    async with maru.socket() as socket:
        await begun(socket)
        for number in range(MAX_WAITING + 1):
            await ask(socket, str(number), store=False)
        (*_, last) = await to_the_end(socket)
        assert (last["status"], last["error"]["code"]) == (429, "too_many_requests")
        assert (await socket.receive()).type == aiohttp.WSMsgType.CLOSE
        assert socket.close_code == 1008
    async with asyncio.timeout(5):
        while maru.running:  # noqa: ASYNC110 (the run of another task)
            await asyncio.sleep(0.01)


async def test_too_many_waiting_bytes_are_refused_in_order() -> None:
    """32 of the largest frames would be a gigabyte."""
    async with in_process(max_frame_bytes=4_000) as maru, maru.socket() as socket:
        await begun(socket, max_output_tokens=40)
        for text in ("x" * 3_000, "y" * 3_000, "z"):
            await ask(socket, text, store=False)
        ends = [(await to_the_end(socket))[-1] for _ in range(4)]
        done = "response.completed"
        assert [end["type"] for end in ends] == ["response.incomplete", done, "error", done]
        assert (ends[2]["status"], ends[2]["error"]["code"]) == (429, "too_many_requests")


async def test_an_unstored_chain_goes_on_on_its_own_socket_only(maru: InProcess) -> None:
    """Nothing of it is anywhere else."""
    async with maru.socket() as mine, maru.socket() as other:
        first = await turn(mine, input="one", store=False)
        create = {"input": "two", "store": False, "previous_response_id": first["response"]["id"]}
        second = await turn(mine, **create)
        assert second["response"]["previous_response_id"] == first["response"]["id"]
        refused = await turn(other, **create)
        assert (refused["status"], refused["error"]["code"]) == (400, "previous_response_not_found")
        assert said(await turn(other, input="still here", store=False)) == "still here"


@pytest.mark.parametrize("store", [True, False])
async def test_a_chain_goes_on_from_an_answer_in_a_conversation(maru: InProcess, store: bool) -> None:  # noqa: FBT001
    """Its history is in the store; the socket need not keep it."""
    async with maru.session.post("/v1/conversations", json={}) as answer:
        conversation = (await answer.json())["id"]
    async with maru.socket() as socket:
        first = await turn(socket, input="one two three", conversation=conversation)
        previous = first["response"]["id"]
        second = await turn(socket, input="four", previous_response_id=previous, store=store)
        third = await turn(socket, input="five", previous_response_id=second["response"]["id"], store=store)
    assert [end["response"]["usage"]["input_tokens"] for end in (first, second, third)] == [4, 10, 14]


@pytest.mark.parametrize(
    "broken", [{"input": [{"type": "function_call_output", "call_id": "no", "output": ""}]}, {"model": "broken"}]
)
async def test_a_failed_continuation_evicts_what_it_continued(maru: InProcess, broken: dict[str, Any]) -> None:
    """Whether it is refused or breaks off later; a stored one is still found in the store."""
    async with maru.socket() as socket:
        for store in (False, True):
            first = (await turn(socket, input="one", store=store))["response"]["id"]
            create = {"input": "a b c d", "store": store, "previous_response_id": first}
            failed = await turn(socket, **{**create, **broken})
            assert failed["type"] in {"error", "response.failed"}
            again = await turn(socket, **create)
            assert again["type"] == ("response.completed" if store else "error")
            assert store or again["error"]["code"] == "previous_response_not_found"


async def test_a_stopped_continuation_evicts_nothing(maru: InProcess) -> None:
    """The person goes on from before it, or from the words it had."""
    async with maru.socket() as socket:
        first = (await turn(socket, input="one", store=False))["response"]["id"]
        await begun(socket, store=False, previous_response_id=first)
        await socket.send_json({"type": "response.cancel"})
        stopped = (await to_the_end(socket))[-1]["response"]
        assert stopped["status"] == "cancelled"
        for previous in (first, stopped["id"]):
            assert (await turn(socket, input="on", store=False, previous_response_id=previous))["type"] != "error"


async def test_a_warm_up_gives_an_id_to_go_on_from(maru: InProcess) -> None:
    """`generate: false`: nothing is asked of the engine."""
    async with maru.socket() as socket:
        for create in ({"store": False}, {"store": True}):
            await socket.send_json({"type": "response.create", "input": "ready", "generate": False, **create})
            frames = await to_the_end(socket)
            assert [frame["type"] for frame in frames] == [
                "response.created",
                "response.in_progress",
                "response.completed",
            ]
            assert frames[-1]["response"]["output"] == []
            on = await turn(socket, input="go", previous_response_id=frames[-1]["response"]["id"], **create)
            assert said(on) == "go"


async def test_lanes_are_named_on_every_frame_and_run_one_after_another(maru: InProcess) -> None:
    """Errors too; a client tells its lanes apart by nothing else."""
    async with maru.socket() as socket:
        await ask(socket, "one", store=False, stream_id="a")
        await ask(socket, "two", store=False, stream_id="b.B_9-")
        await ask(socket, "bad", store=False, stream_id="a", model="no such")
        await socket.send_json(
            {"type": "response.create", "response": {"input": "in", "store": False}, "stream_id": "c"}
        )
        await ask(socket, "", store=False, stream_id="a", temperature=[])
        await ask(socket, "none", store=False)
        for lane, end in (
            ("a", "one"),
            ("b.B_9-", "two"),
            ("a", "model_not_found"),
            ("c", "in"),
            ("a", "invalid_type"),
            (None, "none"),
        ):
            frames = await to_the_end(socket)
            assert {frame.get("stream_id") for frame in frames} == {lane}
            last = frames[-1]
            assert end == (last["error"]["code"] if last["type"] == "error" else said(last))


async def test_lanes_are_bounded_and_must_have_names(maru: InProcess) -> None:
    """Those in use go on, and so does the socket."""
    async with maru.socket() as socket:
        for number in range(MAX_LANES):
            assert (await turn(socket, input="x", store=False, stream_id=f"l{number}"))["stream_id"] == f"l{number}"
        refused = await turn(socket, input="x", store=False, stream_id="one-more")
        assert (refused["stream_id"], refused["error"]["code"]) == ("one-more", "websocket_stream_limit_reached")
        for name in ("", "a b", "x" * 257, 5, ["l0"]):
            refused = await turn(socket, input="x", store=False, stream_id=name)
            assert (refused["status"], refused["error"]["code"]) == (400, "invalid_stream_id")
            assert "stream_id" not in refused
        assert said(await turn(socket, input="on", store=False, stream_id="l0")) == "on"


async def test_a_fork_into_another_lane_that_fails_evicts_nothing(maru: InProcess) -> None:
    """The shared parent belongs to the lane that made it."""
    async with maru.socket() as socket:
        first = (await turn(socket, input="one", store=False, stream_id="a"))["response"]["id"]
        create = {"input": "two", "store": False, "previous_response_id": first}
        assert (await turn(socket, **create, stream_id="b", model="no such"))["type"] == "error"
        assert said(await turn(socket, **create, stream_id="b")) == "two"
        assert (await turn(socket, **create, stream_id="a", model="no such"))["type"] == "error"
        assert (await turn(socket, **create, stream_id="a"))["error"]["code"] == "previous_response_not_found"


async def test_a_stop_without_an_id_means_the_turn_that_runs(maru: InProcess) -> None:
    """It ends with one frame, and those that wait go on."""
    async with maru.socket() as socket:
        await begun(socket)
        await ask(socket, "next", store=False)
        await socket.send_json({"type": "response.cancel"})
        stopped = (await to_the_end(socket))[-1]
        assert (stopped["type"], stopped["response"]["status"]) == ("response.incomplete", "cancelled")
        assert said((await to_the_end(socket))[-1]) == "next"


async def test_a_stop_right_after_its_create_is_not_lost(maru: InProcess) -> None:
    """Nothing runs yet when it comes; the turn begins, and ends at once."""
    async with maru.socket() as socket:
        for _ in range(5):
            await ask(socket, "go", model="slow", store=False)
            await socket.send_json({"type": "response.cancel"})
            frames = await to_the_end(socket)
            assert frames[-1]["response"]["status"] == "cancelled"


async def test_a_stop_in_a_lane_means_its_turn_also_when_it_waits(maru: InProcess) -> None:
    """A client of lanes does not know whose turn it is."""
    async with maru.socket() as socket:
        running = await begun(socket, stream_id="a")
        await ask(socket, "waits", store=False, stream_id="b", model="slow")
        await socket.send_json({"type": "response.cancel", "stream_id": "b"})
        await socket.send_json({"type": "response.cancel", "stream_id": "unknown"})
        frame = await socket.receive_json()
        assert (frame["type"], frame["stream_id"]) == ("response.output_text.delta", "a")
        await socket.send_json({"type": "response.cancel", "response_id": running})
        assert (await to_the_end(socket))[-1]["response"]["status"] == "cancelled"
        frames = await to_the_end(socket)
        assert {frame["stream_id"] for frame in frames} == {"b"}
        assert frames[-1]["response"]["status"] == "cancelled"


async def test_a_stray_stop_is_no_error(maru: InProcess) -> None:
    """Unknown, ended, or nothing there at all: the next frame is that of the next turn."""
    async with maru.socket() as socket:
        ended = (await turn(socket, input="x"))["response"]["id"]
        for stop in ({}, {"response_id": "resp_unknown"}, {"response_id": ended}, {"stream_id": "a"}):
            await socket.send_json({"type": "response.cancel", **stop})
        assert said(await turn(socket, input="on")) == "on"


async def test_what_is_meant_for_http_is_ignored_or_refused(maru: InProcess) -> None:
    """Agents SDKs send `stream` in every frame; `background` would change what the socket says."""
    async with maru.socket() as socket:
        assert said(await turn(socket, input="a", stream=True, stream_options={"include_obfuscation": True})) == "a"
        refused = await turn(socket, input="a", background=True)
        assert (refused["status"], refused["error"]["param"]) == (400, "background")


async def test_a_follow_that_can_bring_nothing_is_an_error(maru: InProcess) -> None:
    """Silence would keep the client waiting for ever."""
    async with maru.socket() as socket:
        ended = await turn(socket, input="x")
        last = ended["sequence_number"]
        for response_id, number, code in (
            ("resp_unknown", -1, "events_not_kept"),
            (ended["response"]["id"], last, "invalid_value"),
            (ended["response"]["id"], 10**18, "invalid_value"),
        ):
            follow = {"type": "maru:response.follow", "response_id": response_id, "starting_after": number}
            await socket.send_json({**follow, "stream_id": "f"})
            frame = await socket.receive_json()
            assert (frame["type"], frame["error"]["code"], frame["stream_id"]) == ("error", code, "f")


async def test_a_follow_whose_store_breaks_gets_an_error(maru: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """The response runs on another server, so that its events come from the store."""

    async def broken(*_: Any, **__: Any) -> None:
        raise StoreFullError("The disk is full.")

    owner = (await maru.store.local_owner()).id
    new = new_response(message())
    await maru.store.start_response(owner, new)
    monkeypatch.setattr(maru.store, "log_of", broken)
    async with maru.socket() as socket:
        await socket.send_json({"type": "maru:response.follow", "response_id": new.id, "stream_id": "f"})
        frame = await socket.receive_json()
        assert (frame["type"], frame["status"], frame["stream_id"]) == ("error", 503, "f")


async def test_the_end_of_a_detached_answer_can_be_continued_at_once(maru: InProcess) -> None:
    """Its socket knows of it before its client does."""
    async with maru.socket() as socket:
        first = await turn(socket, **{"input": "one", "store": False, "maru:detach": True})
        on = await turn(socket, input="two", store=False, previous_response_id=first["response"]["id"])
        assert said(on) == "two"


async def test_a_browser_shows_its_key_as_a_subprotocol(maru: InProcess) -> None:
    """It cannot send headers, and an address with a key in it ends up in logs; another subprotocol is answered."""
    offered = ("maru", f"openai-insecure-api-key.{await maru.key_of_a_stranger()}")
    async with maru.session.ws_connect("/v1/responses", protocols=offered) as theirs, maru.socket() as mine:
        assert theirs.protocol == "maru"
        response_id = (await turn(theirs, input="secret"))["response"]["id"]
        follow = {"type": "maru:response.follow", "response_id": response_id}
        await theirs.send_json(follow)
        assert (await to_the_end(theirs))[-1]["type"] == "response.completed"
        await mine.send_json(follow)
        assert (await mine.receive_json())["error"]["code"] == "events_not_kept"


async def test_a_revoked_key_ends_its_open_sockets(maru: InProcess) -> None:
    """At once, not after the rest of the hour; what ran is stopped, others go on."""
    headers = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    async with maru.session.ws_connect("/v1/responses", headers=headers) as theirs, maru.socket() as mine:
        await begun(theirs)
        await asyncio.sleep(1)
        assert maru.running == 1
        (key,) = await maru.store.keys_of("user_stranger")
        await maru.store.revoke_key("user_stranger", key.id, now=1)
        async with asyncio.timeout(1.5):  # a second is promised; the rest is for a slow machine
            async for _ in theirs:
                pass
        assert theirs.close_code == 1008
        assert said(await turn(mine, input="still here")) == "still here"
        async with asyncio.timeout(5):
            while maru.running:  # noqa: ASYNC110 (the run of another task)
                await asyncio.sleep(0.01)


@pytest.mark.parametrize("path", ["responses", "chat/completions"])
async def test_a_revoked_key_ends_its_open_streams(maru: InProcess, path: str) -> None:
    """Those of plain HTTP too: the client is told why, and what ran is stopped."""
    headers = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    asked = {"input": "go"} if path == "responses" else {"messages": [{"role": "user", "content": "go"}]}
    body = {"model": "slow", "stream": True, **asked}
    async with maru.session.post(f"/v1/{path}", json=body, headers=headers) as stream:
        await stream.content.readuntil(b"\n\n")
        (key,) = await maru.store.keys_of("user_stranger")
        await maru.store.revoke_key("user_stranger", key.id, now=1)
        async with asyncio.timeout(1.5):  # a second is promised; the rest is for a slow machine
            rest = await stream.read()
    *_, last = rest.decode().strip().split("\n\n")
    assert json.loads(last.removeprefix("data: "))["error"]["code"] == "invalid_api_key"
    async with asyncio.timeout(5):
        while maru.running:  # noqa: ASYNC110 (the run of another task)
            await asyncio.sleep(0.01)


async def test_a_closed_socket_leaves_nothing_behind(maru: InProcess) -> None:
    """No run, no task."""
    before = {task.get_name() for task in asyncio.all_tasks()}
    async with maru.socket() as socket, maru.socket() as follower:
        running = await begun(socket)
        await ask(socket, "waits")
        await follower.send_json({"type": "maru:response.follow", "response_id": running})
        await follower.receive_json()
    async with asyncio.timeout(5):
        while maru.running or {task.get_name() for task in asyncio.all_tasks()} - before:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
