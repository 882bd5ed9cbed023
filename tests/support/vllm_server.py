"""One real vLLM on the CPU for the whole session, started by the product's own supervisor."""

import asyncio
import os
import threading
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.request import urlopen

import pytest

from maru_backends.errors import BackendSetupError
from maru_backends.vllm import VllmBackend, VllmSettings, open_backend
from maru_backends.vllm_launch import ArgValue, engine_python
from support.live_server import LiveServer, live_server
from support.tool_templates import HOUSE_WITH_TOOLS

HOUSE_MODEL = Path(__file__).parents[2] / "backends" / "maru_backends" / "house_model"
START_TIMEOUT_S = 240.0
MODEL = "shared"
TOOLS: dict[str, ArgValue] = {"enable-auto-tool-choice": True, "tool-call-parser": "hermes"}
CONFIG = """
[[models]]
id = "vllm"
backend = "vllm"
base_url = "{base_url}"
model = "{model}"
"""
# `text` of a create whose answer is long: the shortest JSON of this shape has 600 tokens or more.
ENDLESS_FORMAT = {
    "format": {
        "type": "json_schema",
        "name": "numbers",
        "schema": {"type": "array", "items": {"type": "integer"}, "minItems": 600},
    }
}


@dataclass(frozen=True, slots=True)
class VllmServer:
    """A running engine without a key, to be used by address; `folder` holds its model."""

    base_url: str
    model: str
    folder: Path


def require_vllm() -> None:
    """Skip where the engine is not installed, unless the run must not skip (`make test`)."""
    try:
        engine_python(None)
    except BackendSetupError as error:
        if os.environ.get("MARU_REQUIRE_VLLM", "0") not in {"", "0"}:
            raise
        pytest.skip(str(error))


@dataclass(frozen=True, slots=True)
class RunningVllm:
    """An engine of our own with the event loop that supervises it; its backend is used on that loop only."""

    backend: VllmBackend
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[object, object, None]) -> None:
        """Do this on the supervisor's loop."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result()


@contextmanager
def running_vllm(settings: VllmSettings) -> Generator[RunningVllm]:
    """An engine on an event loop of its own: a session outlives the loops of its tests."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="vllm supervisor")
    thread.start()
    try:
        running = RunningVllm(asyncio.run_coroutine_threadsafe(_opened(settings), loop).result(), loop)
        try:
            yield running
        finally:
            running.run(running.backend.close())
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def servable_model(spare: Path) -> Path:
    """The house model where it lies ready, else a random one that is put into the spare folder."""
    if (HOUSE_MODEL / "model.safetensors").is_file():
        return HOUSE_MODEL
    # Imported here: this module is a plugin of every test run, and PyTorch takes seconds to load.
    from transformers import LlamaConfig, LlamaForCausalLM

    from support.tiny_model import save_tiny_model

    save_tiny_model(spare)
    shapes: Any = LlamaConfig  # transformers is typed in part
    config = shapes.from_pretrained(spare)
    config.head_dim = 64  # vLLM has no attention for the tiny model's 16 on CPUs
    model: Any = LlamaForCausalLM(config)
    model.save_pretrained(spare)
    return spare


@pytest.fixture(scope="session")
def vllm_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VllmServer]:
    """The shared engine, on the house model where it lies ready."""
    require_vllm()
    folder = servable_model(Path(tmp_path_factory.mktemp("model")))
    template = Path(tmp_path_factory.mktemp("template")) / "chat_template.jinja"
    template.write_text(HOUSE_WITH_TOOLS)
    settings = VllmSettings(
        source=str(folder),
        model=MODEL,
        engine_args={**TOOLS, "chat-template": str(template)},
        env={"VLLM_API_KEY": ""},
        start_timeout_s=START_TIMEOUT_S,
        stop_grace_s=2,
    )
    with running_vllm(settings) as running:
        process = running.backend.process
        assert process is not None
        yield VllmServer(base_url=process.base_url, model=MODEL, folder=folder)


@pytest.fixture(scope="session")
def maru_on_vllm(tmp_path_factory: pytest.TempPathFactory, vllm_server: VllmServer) -> Iterator[LiveServer]:
    """A server whose model `vllm` is served by the shared engine."""
    config = CONFIG.format(base_url=vllm_server.base_url, model=vllm_server.model)
    with live_server(tmp_path_factory.mktemp("maru-vllm"), config) as server:
        yield server


def core_below(pid: int) -> int:
    """The process below this one, at whatever depth, in which an engine computes, on Linux."""
    below = [pid]
    for parent in below:
        threads = Path(f"/proc/{parent}/task").iterdir()
        below += (int(child) for thread in threads for child in (thread / "children").read_text().split())
    return next(process for process in below if "Core" in Path(f"/proc/{process}/cmdline").read_text())


def running_requests(engine: VllmServer) -> int:
    """`num_requests_running`, as the engine reports it."""
    with urlopen(engine.base_url.removesuffix("/v1") + "/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return sum(int(float(line.rsplit(" ", 1)[1])) for line in lines if line.startswith("vllm:num_requests_running"))


async def _opened(settings: VllmSettings) -> VllmBackend:
    return cast("VllmBackend", await open_backend(settings))
