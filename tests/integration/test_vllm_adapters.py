"""LoRA adapters on a real vLLM: loaded while it serves, unloaded, and there again after it was restarted."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from maru.engines import Engines, ModelConfig
from maru_backends.base import (
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    JsonFormat,
    Sampling,
    TextDelta,
    TextPart,
)
from maru_backends.errors import BackendError, BackendSetupError, BackendUnavailableError
from maru_backends.vllm import VllmBackend, VllmSettings, open_backend
from maru_backends.vllm_adapter import CANNOT_LOAD
from maru_backends.vllm_process import VllmProcess
from support.tiny_adapter import save_tiny_adapter
from support.vllm_server import START_TIMEOUT_S, VllmServer, require_vllm, servable_model

ASKED = ChatRequest((ChatMessage("user", (TextPart("What is the capital of France?"),)),), Sampling(temperature=0), 12)
DRAIN_S = 60.0
# The shortest JSON of this shape has 200 tokens, whatever the model would rather say.
LONG = JsonFormat(schema={"type": "array", "items": {"type": "boolean"}, "minItems": 100, "maxItems": 101})


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The base."""
    require_vllm()
    return servable_model(Path(tmp_path_factory.mktemp("base")))


@pytest.fixture(scope="module")
def adapters(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Path:
    """A folder of adapters: `first` and `second` answer each in their own way, `none` like the base."""
    folder = tmp_path_factory.mktemp("adapters")
    for seed, (name, scale) in enumerate({"first": 0.5, "second": 0.5, "none": 0.0}.items()):
        save_tiny_adapter(model, folder / name, seed=seed, scale=scale)
    return folder


async def _said(engines: Engines, model: str) -> str:
    """The answer of a model, asked once more where its engine was lost, as a turn does."""
    for is_last in (False, True):
        backend = await engines.ready(model)
        try:
            async with aclosing(backend.stream(ASKED)) as events:
                said = [event async for event in events]
        except BackendUnavailableError:
            if is_last:
                raise
        else:
            assert isinstance(said[-1], Finished)
            return "".join(event.text for event in said if isinstance(event, TextDelta))
    raise AssertionError


async def _long_answer(engines: Engines, model: str) -> list[BackendEvent]:
    request = replace(ASKED, json_format=LONG, max_tokens=None)
    async with aclosing((await engines.ready(model)).stream(request)) as events:
        return [event async for event in events]


async def _told_while_loading(engines: Engines) -> set[str]:
    """All that people read of a model until its engine is ready."""
    told: set[str] = set()
    while engines.known_limits("base") is None:
        told |= {status.detail for status in await engines.statuses()}
        await asyncio.sleep(0.005)
    return told


def _process_of(engines: Engines) -> VllmProcess:
    host = engines._engines["base"].backend
    assert isinstance(host, VllmBackend)
    assert host.process is not None
    return host.process


async def _until_ready(process: VllmProcess, *, is_ready: bool) -> None:
    async with asyncio.timeout(START_TIMEOUT_S):
        while process.is_ready is not is_ready:  # noqa: ASYNC110 (another process decides)
            await asyncio.sleep(0.05)


async def _until(engines: Engines, model: str, *states: str) -> None:
    async with asyncio.timeout(START_TIMEOUT_S):
        while (state := {one.model: one.state for one in await engines.reports()}[model]) not in states:
            assert state != "failed", await engines.statuses()
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _serving(model: Path, adapters: Path) -> AsyncGenerator[Engines]:
    base = VllmSettings(
        source=str(model),
        engine_args={"enable-lora": True, "max-lora-rank": 8, "max-loras": 2},
        start_timeout_s=START_TIMEOUT_S,
        stop_grace_s=1,
    )
    configs = [
        ModelConfig(name, "vllm", VllmSettings(adapter_of="base", adapter=str(adapters / name)))
        for name in ("first", "second", "none", "missing")
    ]
    engines = Engines([*configs, ModelConfig("base", "vllm", base)], "base")
    engines.start()
    try:
        yield engines
    finally:
        await engines.close()


async def test_adapters_are_loaded_unloaded_and_there_again_after_a_restart(model: Path, adapters: Path) -> None:
    """One engine, four versions of a model, and no start of an engine for any of them."""
    async with _serving(model, adapters) as engines:
        told = await _told_while_loading(engines)
        assert "It waits for the model 'base', on whose engine it runs." in told
        assert "vLLM is trying out the model." in told
        assert len([words for words in told if words.startswith("vLLM is ")]) >= 3
        before = await _said(engines, "base")
        said = {name: await _said(engines, name) for name in ("first", "second", "none")}
        assert said["none"] == before
        assert len({before, said["first"], said["second"]}) == 3
        with pytest.raises(BackendUnavailableError, match="does not exist"):
            await engines.ready("missing")
        assert engines.known_limits("first") == engines.known_limits("base")

        engines.take_out("first", DRAIN_S)
        await _until(engines, "first", "out")
        with pytest.raises(BackendUnavailableError, match="taken out of service"):
            await engines.ready("first")
        assert (await _said(engines, "base"), await _said(engines, "second")) == (before, said["second"])

        save_tiny_adapter(model, adapters / "first", seed=77)
        engines.take_in("first")
        renewed = await _said(engines, "first")
        assert renewed not in {before, said["first"], said["second"]}

        process = _process_of(engines)
        assert process.engine_pid is not None
        os.kill(process.engine_pid, signal.SIGKILL)
        await _until_ready(process, is_ready=False)
        with pytest.raises(BackendUnavailableError):
            await _said(engines, "second")
        await _until_ready(process, is_ready=True)
        assert await _said(engines, "second") == said["second"]

        running = asyncio.create_task(_long_answer(engines, "second"))
        while not {one.model: one.answers for one in await engines.reports()}["second"]:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        engines.restart("base", DRAIN_S)
        assert (await running)[-1] == Finished("stop")
        assert (await _said(engines, "first"), await _said(engines, "base")) == (renewed, before)


async def test_an_engine_without_adapters_says_what_to_change(vllm_server: VllmServer, adapters: Path) -> None:
    """Somebody else's server, started without the two words that it takes."""
    base = VllmSettings(base_url=vllm_server.base_url, model=vllm_server.model)
    rider = VllmSettings(adapter_of="base", adapter=str(adapters / "first"))
    engines = Engines([ModelConfig("base", "vllm", base), ModelConfig("first", "vllm", rider)], "base")
    engines.start()
    with pytest.raises(BackendError) as caught:
        await engines.ready("first")
    assert str(caught.value) == CANNOT_LOAD
    assert await _said(engines, "base")
    await engines.close()


async def test_an_adapter_alone_is_one_sentence(adapters: Path) -> None:
    """`maru models test` opens one model by itself."""
    with pytest.raises(BackendSetupError, match="runs on the engine of 'base'"):
        await open_backend(VllmSettings(adapter_of="base", adapter=str(adapters / "first")))
