"""`/v1/engines` and `maru engines`: an operator takes engines out of service and puts them back while people ask."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from maru_backends.vllm import VllmSettings
from support.live_server import free_port
from support.paced_engine import EngineCall, PacedEngine, paced_engine
from support.socket_server import InProcess, in_process

PEOPLE = 12


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server of this test alone."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
    async with maru.session.request(method, f"/v1/{path}", json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def _states(maru: InProcess) -> dict[str | None, str]:
    _, listed = await _ask(maru, "GET", "engines")
    return {engine["engine"] or engine["model"]: engine["state"] for engine in listed["data"]}


async def _until(maru: InProcess, engine: str, state: str) -> None:
    async with asyncio.timeout(30):
        while (await _states(maru))[engine] != state:  # noqa: ASYNC110 (asked over HTTP)
            await asyncio.sleep(0.02)


async def _end(socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
    while True:
        event: dict[str, Any] = await socket.receive_json()
        if event["type"] in {"response.completed", "response.incomplete", "response.failed", "error"}:
            return event


async def test_an_answer_ends_before_its_engine_is_stopped(maru: InProcess) -> None:
    """Others are refused with the reason until it is back; one that begins during a restart is answered after it."""
    async with maru.socket() as first, maru.socket() as second:
        create = {"type": "response.create", "model": "slow", "input": "go"}
        await first.send_json(create)
        event = await first.receive_json()
        while event["type"] != "response.output_text.delta":
            event = await first.receive_json()
        status, listed = await _ask(maru, "POST", "engines/take_out", {"model": "slow", "drain_s": 0.5})
        (slow,) = [engine for engine in listed["data"] if engine["model"] == "slow"]
        assert (status, slow["state"], slow["answers"]) == (200, "draining", 1)
        await second.send_json(create)
        refused = await _end(second)
        assert refused["type"] in {"error", "response.failed"}
        assert "taken out of service" in str(refused)
        assert (await _ask(maru, "POST", "engines/restart", {"model": "slow"}))[0] == 409
        await _until(maru, "slow", "out")
        _, models = await _ask(maru, "GET", "models")
        assert {model["id"]: model["maru:state"] for model in models["data"]} == {"echo": "ready", "slow": "out"}
        assert (await _ask(maru, "POST", "engines/take_in", {"model": "slow"}))[0] == 200
        await second.send_json(create)
        event = await second.receive_json()
        while event["type"] != "response.output_text.delta":
            event = await second.receive_json()


@pytest.mark.parametrize("action", ["take_out", "take_in", "restart"])
async def test_wrong_orders_are_refused(maru: InProcess, action: str) -> None:
    """By name, and whoever does not own the server is not obeyed at all."""
    status, body = await _ask(maru, "POST", f"engines/{action}", {"model": "nope"})
    assert (status, body["error"]["code"], body["error"]["param"]) == (404, "model_not_found", "model")
    wrong = {"model": "slow", "drain_s": -1} if action != "take_in" else {"model": ""}
    assert (await _ask(maru, "POST", f"engines/{action}", wrong))[0] == 400
    status, body = await _ask(maru, "POST", f"engines/{action}", {"model": "slow", "drian_s": 1})
    assert (status, body["error"]["param"]) == (400, "drian_s")
    key = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    status, body = await _ask(maru, "POST", f"engines/{action}", {"model": "echo"}, **key)
    assert (status, body["error"]["code"]) == (403, "not_the_operator")
    assert (await _ask(maru, "GET", "engines", **key))[0] == 403
    assert set((await _states(maru)).values()) == {"ready"}


@asynccontextmanager
async def _pair(folder: Path) -> AsyncGenerator[tuple[InProcess, tuple[PacedEngine, PacedEngine]]]:
    with paced_engine(folder, free_port()) as first, paced_engine(folder, free_port()) as second:
        models = {"pair": VllmSettings(base_url=(first.base_url, second.base_url))}
        async with in_process(models) as maru:
            yield maru, (first, second)


async def _answered(maru: InProcess, prompt: str, conversation: str) -> str:
    asked = {"model": "pair", "input": prompt, "conversation": conversation}
    status, body = await _ask(maru, "POST", "responses", asked)
    return str(body["status"]) if status == 200 else f"{status}"


def _turns(engine: PacedEngine) -> list[EngineCall]:
    """What it was asked in conversations; a title is asked for between two of them, where there is time."""
    return [call for call in engine.calls() if call.session]


async def test_one_of_two_engines_is_taken_out_under_load(tmp_path: Path) -> None:
    """Nobody loses an answer: what ran there ends there, and everything new goes to the other one."""
    async with _pair(tmp_path) as (maru, engines):
        chats = [(await _ask(maru, "POST", "conversations", {}))[1]["id"] for _ in range(PEOPLE)]
        running = [asyncio.create_task(_answered(maru, "words=500", chat)) for chat in chats]
        async with asyncio.timeout(30):
            while sum(len(_turns(engine)) for engine in engines) < PEOPLE:  # noqa: ASYNC110 (another process)
                await asyncio.sleep(0.02)
        leaving, staying = engines if _turns(engines[0]) else engines[::-1]
        before = len(_turns(leaving))
        order = {"model": "pair", "engine": leaving.base_url}
        status, _ = await _ask(maru, "POST", "engines/take_out", order)
        assert status == 200
        assert (await _states(maru))[leaving.base_url] == "draining"
        assert await asyncio.gather(*running) == ["completed"] * PEOPLE
        assert (await _states(maru))[leaving.base_url] == "out"
        again = await asyncio.gather(*(_answered(maru, "words=2", chat) for chat in chats))
        assert again == ["completed"] * PEOPLE
        assert len(_turns(leaving)) == before
        assert len(_turns(staying)) == 2 * PEOPLE - before
        assert (await _ask(maru, "POST", "engines/take_in", order))[0] == 200
        await _until(maru, leaving.base_url, "ready")
        wrong = {"model": "pair", "engine": "http://127.0.0.1:1/v1"}
        assert (await _ask(maru, "POST", "engines/take_out", wrong))[1]["error"]["code"] == "engine_not_found"
        assert (await _ask(maru, "POST", "engines/take_out", {**wrong, "model": "echo"}))[0] == 409


async def _maru(maru: InProcess, *words: str) -> tuple[int | None, str]:
    command = (sys.executable, "-m", "maru", "engines", *words, "--url", f"http://127.0.0.1:{maru.port}")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


async def test_the_command_tells_how_far_it_is(maru: InProcess) -> None:
    """It ends when the engine is where it was wanted; what cannot be done is one sentence."""
    status, output = await _maru(maru, "out", "slow", "--drain", "1")
    assert (status, "slow is out" in output) == (0, True)
    status, output = await _maru(maru, "list")
    assert status == 0
    assert [line.split()[:3] for line in output.splitlines()[1:3]] == [
        ["echo", "echo", "ready"],
        ["slow", "echo", "out"],
    ]
    assert (await _maru(maru, "in", "slow"))[1].splitlines()[-1].strip() == "slow is ready"
    assert (await _maru(maru, "in", "slow")) == (1, "maru: The model 'slow' is not out of service.\n")
    assert (await _maru(maru, "restart", "slow"))[1].splitlines()[-1].strip() == "slow is ready"


async def test_figures_are_for_the_operator(maru: InProcess) -> None:
    """In the form that Prometheus reads; a stranger's key opens nothing."""
    async with maru.session.get("/metrics") as answer:
        assert answer.content_type == "text/plain"
        assert 'maru_engine_state{model="slow",engine="",state="ready"} 1' in (await answer.text()).splitlines()
    key = {"Authorization": f"Bearer {await maru.key_of_a_stranger()}"}
    async with maru.session.get("/metrics", headers=key) as answer:
        assert answer.status == 403
