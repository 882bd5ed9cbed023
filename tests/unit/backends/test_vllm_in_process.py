"""What vLLM in process is given, and what its errors mean; `tests/contract` has the real engine."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from maru_backends import engine_rope, schema_thread, vllm_in_process
from maru_backends.base import ChatMessage, ChatRequest, ImagePart, JsonFormat, Sampling, TextPart, Tool
from maru_backends.errors import BackendBusyError, BackendSetupError, BackendUnavailableError, RequestRefusedError
from maru_backends.vllm_in_process import (
    InProcessBackend,
    InProcessSettings,
    Vllm,
    check_features,
    engine_fields,
    error_of,
    open_backend,
)
from maru_backends.vllm_params import sampling_out, shape_of


def asked(sampling: Sampling | None = None, **fields: object) -> ChatRequest:
    """A request of one message."""
    return ChatRequest((ChatMessage("user", (TextPart("Hello"),)),), sampling or Sampling(), **fields)  # type: ignore[arg-type]


def test_what_is_not_said_is_left_to_the_model() -> None:
    """Its own advice stands where the request says nothing."""
    assert sampling_out(asked(), 50, {"temperature": 0.6, "top_k": 20}) == {
        "temperature": 0.6,
        "top_k": 20,
        "max_tokens": 50,
    }


def test_what_is_said_stands_over_the_advice() -> None:
    """Temperature 0 too, which is no absence."""
    sampling = Sampling(temperature=0, top_p=0.5, seed=0, stop=("\n",), presence_penalty=1, frequency_penalty=-1)
    assert sampling_out(asked(sampling, top_logprobs=0), 50, {"temperature": 0.6}) == {
        "temperature": 0,
        "top_p": 0.5,
        "seed": 0,
        "stop": ["\n"],
        "presence_penalty": 1,
        "frequency_penalty": -1,
        "logprobs": 0,
        "max_tokens": 50,
    }


def test_shape_of_an_answer() -> None:
    """With a schema, or any JSON object."""
    assert shape_of(JsonFormat()) == {"json_object": True}
    assert shape_of(JsonFormat(schema={"type": "array"})) == {"json": {"type": "array"}}


def test_fields_of_the_engine(tmp_path: Path) -> None:
    """Flags are written as on vLLM's command line, and what the operator says stands over the recipe."""
    settings = InProcessSettings(
        source=str(tmp_path),
        context_window=512,
        engine_args={"--block-size": 64, "gpu-memory-utilization": 0.5},
        env={"OMP_NUM_THREADS": "3"},
    )
    fields, env = engine_fields(settings, str(tmp_path), is_cpu=True)
    assert fields["model"] == str(tmp_path)
    assert (fields["max_model_len"], fields["block_size"], fields["gpu_memory_utilization"]) == (512, 64, 0.5)
    assert fields["enable_chunked_prefill"] is False  # with a seed it kills the engine on CPUs
    assert env["OMP_NUM_THREADS"] == "3"
    assert env["VLLM_NO_USAGE_STATS"] == "1"
    assert "HF_HUB_OFFLINE" not in env  # it is set for the whole process, where other models come from the hub
    on_gpu, _ = engine_fields(InProcessSettings(source="a/b"), "a/b", is_cpu=False)
    assert "enforce_eager" not in on_gpu


REFUSED = [
    ("tools", asked(tools=(Tool("f"),))),
    ("reasoning_effort", asked(reasoning_effort="low")),
    ("messages", ChatRequest((ChatMessage("user", (ImagePart("data:,"),)),))),
]


@pytest.mark.parametrize(("param", "request_"), REFUSED, ids=[param for param, _ in REFUSED])
def test_what_it_cannot_do_is_refused(param: str, request_: ChatRequest) -> None:
    """Before any work."""
    with pytest.raises(RequestRefusedError) as caught:
        check_features(request_)
    assert caught.value.param == param


def test_errors_say_who_must_act() -> None:
    """By the names of their kinds: vLLM is not there to import them from."""

    class VLLMClientError(Exception):
        pass

    class VLLMValidationError(VLLMClientError):
        pass

    class QueueOverflowError(Exception):
        pass

    class EngineDeadError(Exception):
        pass

    refused = error_of(VLLMValidationError("temperature, see /srv/secret/model"))
    assert isinstance(refused, RequestRefusedError)
    assert "temperature" in str(refused)
    assert "/srv" not in str(refused)
    assert isinstance(error_of(QueueOverflowError()), BackendBusyError)
    assert "started again" in str(error_of(EngineDeadError()))
    assert isinstance(error_of(KeyError("x")), BackendUnavailableError)


@pytest.mark.skipif(find_spec("vllm") is not None, reason="vLLM is installed here")
async def test_environment_without_vllm_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """With both ways out."""
    monkeypatch.setattr("os.environ", {})
    with pytest.raises(BackendSetupError, match=r"maru\[vllm\].*backend = vllm"):
        await open_backend(InProcessSettings())


async def test_whatever_a_restart_breaks_of_it_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end of an engine that died may raise anything; nobody else would start it."""
    monkeypatch.setattr(vllm_in_process, "RESTART_PAUSES_S", (0.0, 0.0))
    vllm = Vllm({}, library=None)
    starts = iter((OSError("its pipe broke"), None))

    def start() -> None:
        error = next(starts)
        if error is not None:
            raise error

    class Dead:
        errored = True

        def shutdown(self) -> None:
            pass

    engine: Any = Dead()
    monkeypatch.setattr(vllm, "start", start)
    monkeypatch.setattr(vllm, "_engine", engine)
    backend = InProcessBackend(vllm)
    assert not (await backend.health()).is_ready
    async with asyncio.timeout(10):
        while backend._failure:  # noqa: ASYNC110 (a thread's work)
            await asyncio.sleep(0.01)
    await backend.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are held as Linux holds them")
def test_cut_rope_ends_what_hangs_on_it() -> None:
    """However Maru ended."""
    idle = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(idle) as held, subprocess.Popen(idle) as free:
        rope = subprocess.Popen(
            [sys.executable, "-I", "-S", engine_rope.__file__, str(held.pid), "999999999"], stdin=subprocess.PIPE
        )
        with pytest.raises(subprocess.TimeoutExpired):
            held.wait(0.5)
        rope.communicate()
        assert held.wait(30) == -9
        assert free.poll() is None
        free.kill()


class _Reading(Vllm):
    """An engine that reads a schema for as long as the test likes, and answers nothing."""

    def __init__(self) -> None:
        super().__init__({}, library=None)
        self.window = 100
        self.renderer = _Renderer()  # type: ignore[assignment] # the part of one that is asked here
        self.begun, self.go_on = threading.Event(), threading.Event()

    def params(self, fields: Mapping[str, object], request: ChatRequest) -> object:
        return fields

    def verify(self, params: object) -> None:
        self.begun.set()
        assert self.go_on.wait(20), "nobody could say that it may go on: the event loop waited too"

    async def generate(
        self,
        prompt: tuple[int, ...],
        params: object,
        session: str | None,
    ) -> AsyncGenerator[Any, None]:
        if self.window:
            raise RequestRefusedError("asked")
        yield

    def close(self) -> None:
        pass


class _Renderer:
    speller: Any = type("Speller", (), {"spell": None})

    def prompt(self, _: object) -> tuple[int, ...]:
        return (1, 2)

    def is_thinking_after(self, _: object) -> bool:
        return False


SHAPED = asked(json_format=JsonFormat(schema={"type": "object"}))


async def test_a_schema_is_read_beside_the_event_loop() -> None:
    """A hostile one takes seconds, in which no answer of anybody would move."""
    backend = InProcessBackend(vllm := _Reading())
    answering = asyncio.ensure_future(anext(backend.stream(SHAPED)))
    assert await asyncio.to_thread(vllm.begun.wait, 60)
    vllm.go_on.set()
    with pytest.raises(RequestRefusedError, match="asked"):
        await answering
    await backend.close()


async def test_a_schema_that_is_read_for_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited behind it may try again; who wants no format does not wait at all."""
    monkeypatch.setattr(schema_thread, "TIMEOUT_S", 1.0)
    backend = InProcessBackend(vllm := _Reading())
    slow = asyncio.ensure_future(anext(backend.stream(SHAPED)))
    assert await asyncio.to_thread(vllm.begun.wait, 60)
    with pytest.raises(RequestRefusedError, match="asked"):
        await anext(backend.stream(asked()))
    with pytest.raises(BackendBusyError, match="Too many schemas"):
        await anext(backend.stream(SHAPED))
    with pytest.raises(RequestRefusedError, match="too long") as caught:
        await slow
    assert caught.value.param == "json_format"
    vllm.go_on.set()
    await backend.close()


async def test_where_a_library_lies_is_told_to_the_operator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python says it of one that cannot be imported."""

    def broken(_: str) -> object:
        """As of a library that is there in part."""
        raise ImportError("cannot import name 'LLM' from 'vllm' (/srv/engines/vllm/__init__.py)")

    monkeypatch.setattr(vllm_in_process, "import_module", broken)
    monkeypatch.setattr(vllm_in_process, "set_for_engine", dict[str, str])
    with pytest.raises(BackendSetupError, match="cannot be used in this process") as told:
        await open_backend(InProcessSettings(source="house"))
    assert "/srv" not in str(told.value)
    assert "/srv/engines" in told.value.for_operator
