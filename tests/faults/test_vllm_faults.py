"""F3 to F5 on a real vLLM that Maru starts itself: its core is killed, a request kills it, it stands still."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from faults.checker import violations
from faults.client import Client, http_session, look_afterwards
from faults.history import History
from faults.stories import stories_of
from support.live_server import LiveServer, live_server
from support.vllm_server import ENDLESS_FORMAT, core_below, require_vllm, servable_model

STALL_S = 3
NOTICED_WITHIN_S = 2.0
BACK_WITHIN_S = 60.0  # 13 s of start on a quiet machine, beside the tests of others more
# With chunked prefill, seeds may kill vLLM 0.32 on CPUs; Maru's recipe keeps it off, and these tests turn it on again.
CONFIG = """
[[models]]
id = "vllm"
backend = "vllm"
source = "{folder}"
stop_grace_s = 1
stall_timeout_s = {stall_s}
max_restarts = 100
engine_args = {{ enable-chunked-prefill = true }}
"""
ENDLESS: dict[str, Any] = {"text": ENDLESS_FORMAT}


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server whose engine can be killed by a request."""
    require_vllm()
    folder = servable_model(Path(tmp_path_factory.mktemp("fragile")))
    config = CONFIG.format(folder=folder, stall_s=STALL_S)
    with live_server(tmp_path_factory.mktemp("fragile-maru"), config) as server:
        yield server


@pytest.fixture
async def client(fragile: LiveServer, chance: Random) -> AsyncGenerator[Client]:
    """Somebody who asks it."""
    async with http_session() as session:
        yield Client(History(), "person", [fragile.url], session, chance=chance)


async def test_killed_core_is_noticed_and_comes_back(fragile: LiveServer, client: Client) -> None:
    """F3: the answer ends in an error at once, and the supervisor mends the engine."""
    asked = asyncio.create_task(client.ask("Tell me everything.", **ENDLESS))
    await _words(client)
    await asyncio.sleep(client.chance.uniform(0, 0.3))
    os.kill(core_below(fragile.pid), signal.SIGKILL)
    killed_at = time.monotonic()
    await asked
    (story,) = stories_of(client.history)
    assert story.status == "failed"
    assert story.ended_at < killed_at + NOTICED_WITHIN_S
    await _judge(client)


async def test_requests_that_may_kill_the_engine_get_an_honest_answer(client: Client) -> None:
    """F4: seeds in long prompts at once have killed engines; each gets an answer or an error, and the engine is there.

    Whether they do depends on the engine's build; the paced engine is killed by a request for certain.
    """
    prompts = [f"{number} " + "a b " * 400 for number in range(4)]
    bodies = [{"messages": [{"role": "user", "content": prompt}], "seed": 1, "max_tokens": 8} for prompt in prompts]
    answers = await asyncio.gather(*(client.call("POST", "/v1/chat/completions", body) for body in bodies))
    assert all("choices" in answer or "error" in answer for answer in answers)
    await _judge(client)


async def test_core_that_stands_still_is_given_up(fragile: LiveServer, client: Client) -> None:
    """F5: its health page stays green, so only the watchdog can tell; no word comes when it wakes up."""
    asked = asyncio.create_task(client.ask("Tell me everything.", **ENDLESS))
    await _words(client)
    core = core_below(fragile.pid)
    os.kill(core, signal.SIGSTOP)
    stopped_at = time.monotonic()
    try:
        await asked
    finally:
        os.kill(core, signal.SIGCONT)
    (story,) = stories_of(client.history)
    assert story.status == "failed"
    assert story.ended_at < stopped_at + STALL_S + NOTICED_WITHIN_S
    await _judge(client)


async def _words(client: Client) -> None:
    async with asyncio.timeout(30):
        while not any(story.words_at for story in stories_of(client.history)):  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.01)


async def _judge(client: Client) -> None:
    """The engine answers again, and nothing that Maru promises was broken."""
    async with asyncio.timeout(BACK_WITHIN_S):
        attempt = 0
        while attempt == 0 or stories_of(client.history)[-1].status == "failed":
            attempt += 1
            await client.ask(f"Hello, for the time number {attempt}.", max_output_tokens=16)
            await asyncio.sleep(0.2)
    after = await look_afterwards(client.history, client)
    if broken := violations(client.history, after):
        raise AssertionError("\n".join(broken))
