"""Counts against real engines: what was counted is what the engine says it read, for over a thousand prompts each.

The house model, with templates that show tools, calls and their outputs, which its own leaves out.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from maru.memory.counting import Counter, Turn
from maru_backends.base import Backend, ChatRequest, Usage
from maru_backends.transformers_local import TransformersSettings
from maru_backends.transformers_local import open_backend as open_transformers
from maru_backends.vllm import VllmSettings
from maru_backends.vllm import open_backend as open_vllm
from support.backend_cases import HOUSE_FOLDER
from support.chat_templates import QWEN
from support.counting import conversation, prompts_of, said, whole
from support.vllm_server import VllmServer

PROMPTS = 1000
AT_ONCE = 16
MODEL = "house"


@pytest.fixture(scope="module")
def model_that_shows_tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The house model with the template in the place of its own."""
    folder: Path = tmp_path_factory.mktemp("shows_tools") / MODEL
    shutil.copytree(HOUSE_FOLDER, folder)
    (folder / "chat_template.jinja").write_text(QWEN)
    return folder


@pytest.fixture
async def transformers_backend(model_that_shows_tools: Path) -> AsyncGenerator[Backend]:
    """In process."""
    backend = await open_transformers(TransformersSettings(source=str(model_that_shows_tools), threads=1))
    yield backend
    await backend.close()


@pytest.fixture
async def vllm_backend(vllm_server: VllmServer) -> AsyncGenerator[Backend]:
    """A client of the shared engine, whose template shows tools as well."""
    backend = await open_vllm(VllmSettings(base_url=vllm_server.base_url, model=vllm_server.model))
    yield backend
    await backend.close()


def conversations() -> list[tuple[ChatRequest, list[Turn]]]:
    """So many that an engine is asked often enough."""
    found: list[tuple[ChatRequest, list[Turn]]] = []
    prompts = 0
    while prompts < PROMPTS:
        request, turns = conversation(len(found), most_turns=6)
        # The prompt shows the tools all the same.
        found.append((replace(request, tool_choice="none", session_id=f"conv_{len(found)}", max_tokens=1), turns))
        prompts += len(list(prompts_of(turns)))
    return found


async def tokens_read(backend: Backend, request: ChatRequest) -> int:
    """What the engine reports after it has answered with one token."""
    async with aclosing(backend.stream(request)) as events:
        (usage,) = [event async for event in events if isinstance(event, Usage)]
    return usage.input_tokens


async def differences(backend: Backend, counter: Counter) -> list[str]:
    """Where the count is not what the engine read; a conversation grows while others do."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def grow(request: ChatRequest, turns: list[Turn]) -> list[str]:
        found: list[str] = []
        async with gate:
            for history in prompts_of(turns):
                sizes = await counter.sizes(backend, MODEL, request, history)
                read = await tokens_read(backend, whole(request, history))
                if sizes.total != read or not sizes.is_exact:
                    found.append(f"{sizes}, and the engine read {read} of {request} {history}")
        return found

    found = await asyncio.gather(*(grow(request, turns) for request, turns in conversations()))
    return [text for texts in found for text in texts]


async def test_count_is_what_transformers_reads(transformers_backend: Backend) -> None:
    """English, Korean, code, calls and their outputs, with memory of what was counted before."""
    assert await differences(transformers_backend, Counter()) == []


async def test_count_is_what_vllm_reads(vllm_backend: Backend) -> None:
    """English, Korean, code, tools, calls and their outputs, with memory of what was counted before."""
    shown = [request.tools for request, _ in conversations() if request.tools]
    assert len(shown) > 20
    bare = ChatRequest((said("user", "Hi"),))
    assert await vllm_backend.count_tokens(replace(bare, tools=shown[0])) > await vllm_backend.count_tokens(bare) + 50
    assert await differences(vllm_backend, Counter()) == []


async def test_long_unknown_history_is_what_vllm_counts_of_the_whole(vllm_backend: Backend) -> None:
    """Longer than the model's window, as histories are before they are cut."""
    counter, request, turns = Counter(), ChatRequest(()), list[Turn]()
    for seed in range(60):
        request, more = conversation(seed)
        turns += more[:-1]
    for history in ([*turns, (turns[0][0],)], [*turns, turns[0], (turns[1][0],)]):
        sizes = await counter.sizes(vllm_backend, MODEL, request, history)
        assert (sizes.total, sizes.is_exact) == (await vllm_backend.count_tokens(whole(request, history)), True)
    assert sizes.total > (await vllm_backend.limits()).context_window
