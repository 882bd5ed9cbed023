"""An adapter on several engines: each has it, one that was restarted gets it again, and none keeps it that is out."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from maru_backends import pool
from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, Finished, Health, TextPart
from maru_backends.errors import BackendSetupError
from maru_backends.vllm import VllmBackend, VllmSettings, open_backend
from maru_backends.vllm_adapter import adapter_in
from support.live_server import free_port
from support.paced_engine import PacedEngine, paced_engine
from support.socket_server import InProcess, in_process

SOURCE = "/on/another/machine/helpful-2"
SEVERAL_LOOKS = 8


@asynccontextmanager
async def _pair(folder: Path) -> AsyncGenerator[tuple[InProcess, tuple[PacedEngine, PacedEngine]]]:
    with paced_engine(folder, free_port()) as first, paced_engine(folder, free_port()) as second:
        rider = VllmSettings(adapter_of="pair", adapter=SOURCE)
        models = {"rider": rider, "pair": VllmSettings(base_url=(first.base_url, second.base_url))}
        async with in_process(models) as maru:
            yield maru, (first, second)


async def _name() -> str:
    return (await adapter_in(SOURCE, is_near=False)).name


async def _has(maru: InProcess, engine: PacedEngine) -> bool:
    async with maru.session.get(f"{engine.base_url}/models") as answer:
        return await _name() in [model["id"] for model in (await answer.json())["data"]]


async def _until_has(maru: InProcess, engine: PacedEngine) -> None:
    async with asyncio.timeout(60):
        while not await _has(maru, engine):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)


async def _status(maru: InProcess, model: str) -> str:
    async with maru.session.post("/v1/responses", json={"model": model, "input": "words=2"}) as answer:
        body = await answer.json()
        return str(body["status"] if answer.status == 200 else body["error"]["message"])


async def _order(maru: InProcess, action: str) -> int:
    async with maru.session.post(f"/v1/engines/{action}", json={"model": "rider"}) as answer:
        return answer.status


async def _until_state(maru: InProcess, state: str) -> None:
    async with asyncio.timeout(60):
        while True:
            async with maru.session.get("/v1/engines") as answer:
                if {one["state"] for one in (await answer.json())["data"] if one["model"] == "rider"} == {state}:
                    return
            await asyncio.sleep(0.05)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each look at an engine, which are more frequent than usual."""
    monkeypatch.setattr(pool, "LOOK_INTERVAL_S", 0.2)
    made: list[str] = []
    look = VllmBackend.health

    async def noted(backend: VllmBackend) -> Health:
        health = await look(backend)
        made.append(health.detail)
        return health

    monkeypatch.setattr(VllmBackend, "health", noted)
    return made


async def test_each_engine_has_the_adapter_as_long_as_it_is_in_service(tmp_path: Path, looks: list[str]) -> None:
    """Whichever a conversation prefers, and whatever happened to it."""
    async with _pair(tmp_path) as (maru, engines):
        assert await _status(maru, "rider") == "completed"
        assert [await _has(maru, engine) for engine in engines] == [True, True]
        await asyncio.to_thread(engines[0].send, signal.SIGKILL)
        await asyncio.to_thread(engines[0].start)
        await _until_has(maru, engines[0])
        assert await _order(maru, "take_out") == 200
        await _until_state(maru, "out")
        assert await _status(maru, "rider") == "The model 'rider' was taken out of service."
        assert await _status(maru, "pair") == "completed"
        before = len(looks)
        async with asyncio.timeout(60):
            while len(looks) < before + SEVERAL_LOOKS:  # noqa: ASYNC110 (no signal tells)
                await asyncio.sleep(0.05)
        assert [await _has(maru, engine) for engine in engines] == [False, False]
        assert await _order(maru, "take_in") == 200
        assert await _status(maru, "rider") == "completed"


async def test_a_turn_that_finds_it_gone_loads_it_first(tmp_path: Path) -> None:
    """Somebody else's engine is restarted between two looks at it, or unloads what it likes."""
    async with _pair(tmp_path) as (maru, engines):
        assert await _status(maru, "rider") == "completed"
        for _ in range(4):  # whichever of the two each conversation prefers
            for engine in engines:
                async with maru.session.post(
                    f"{engine.base_url}/unload_lora_adapter", json={"lora_name": await _name()}
                ):
                    pass
            assert await _status(maru, "rider") == "completed"


async def test_a_turn_that_finds_it_gone_goes_on_when_a_look_has_loaded_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the engine's refusal and our own look at what it has."""
    with paced_engine(tmp_path, free_port()) as engine:
        base = await open_backend(VllmSettings(base_url=engine.base_url))
        assert isinstance(base, VllmBackend)
        rider = base.with_adapter(
            await adapter_in(SOURCE, is_near=False), VllmSettings(adapter_of="pair", adapter=SOURCE)
        )
        stream = VllmBackend.stream

        async def overtaken(backend: VllmBackend, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
            try:
                async with aclosing(stream(backend, request)) as events:
                    async for event in events:
                        yield event
            except BackendSetupError:
                await rider.health()
                raise

        monkeypatch.setattr(VllmBackend, "stream", overtaken)
        request = ChatRequest((ChatMessage("user", (TextPart("words=2"),)),))
        async with aclosing(rider.stream(request)) as events:
            assert isinstance([event async for event in events][-1], Finished)
        await rider.close()
        await base.close()
