"""The process that computes is killed, or Maru is: run by `test_in_process_vllm.py`, where vLLM is installed."""

import asyncio
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from contextlib import aclosing
from pathlib import Path

import pytest

from maru_backends.base import ChatMessage, ChatRequest, Finished, JsonFormat, Sampling, TextPart
from maru_backends.errors import BackendError
from maru_backends.vllm_in_process import InProcessSettings, open_backend

LONG = ChatRequest(
    (ChatMessage("user", (TextPart("Numbers, please."),)),),
    sampling=Sampling(temperature=1, seed=3),
    max_tokens=600,
    json_format=JsonFormat(schema={"type": "array", "items": {"type": "integer"}, "minItems": 400}),
)
LOOKS = 900
ORPHAN = """
import asyncio, multiprocessing, os, signal, sys
if __name__ == "__main__":
    from maru_backends.vllm_in_process import InProcessSettings, open_backend
    asyncio.run(open_backend(InProcessSettings()))
    print(*(child.pid for child in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


async def test_in_process_death_is_an_error_and_the_engine_comes_back() -> None:
    """Half an answer must not look whole, and nobody has to start Maru again."""
    before = {child.pid for child in multiprocessing.active_children()}
    backend = await open_backend(InProcessSettings())
    (core,) = [child.pid for child in multiprocessing.active_children() if child.pid not in before]
    assert core is not None
    async with aclosing(backend.stream(LONG)) as events:
        await anext(events)
        os.kill(core, signal.SIGKILL)
        with pytest.raises(BackendError):
            async for _ in events:
                pass
    with pytest.raises(BackendError):
        await backend.count_tokens(LONG)
    assert not (await backend.health()).is_ready
    for _ in range(LOOKS):
        if (await backend.health()).is_ready:
            break
        await asyncio.sleep(0.2)
    assert isinstance([event async for event in backend.stream(LONG)][-1], Finished)
    await backend.close()


def test_in_process_death_of_maru_takes_the_engine_along(tmp_path: Path) -> None:
    """A core without a parent would keep its memory for ever."""
    program = tmp_path / "orphan.py"
    program.write_text(f"import sys\nsys.path[:0] = {[p for p in sys.path if p]!r}\n{ORPHAN}")
    with (tmp_path / "out").open("w+") as out:
        subprocess.run([sys.executable, str(program)], stdout=out, stderr=subprocess.DEVNULL, check=False)
        out.seek(0)
        (core,) = map(int, out.read().splitlines()[-1].split())
    deadline = time.monotonic() + 30
    while Path(f"/proc/{core}").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not Path(f"/proc/{core}").exists()
