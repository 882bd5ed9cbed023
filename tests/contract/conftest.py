"""Which backends `test_backend.py` runs on."""

from collections.abc import AsyncIterator

import pytest

from maru_backends.base import Backend
from support.backend_cases import (
    ECHO,
    GGUF,
    GGUF_CALLS,
    GPT_2,
    HERMES_CALLS,
    HOUSE,
    LLAMA_CALLS,
    OPT,
    POOL,
    TINY,
    VICUNA,
    BackendCase,
    tiny_families,
    tiny_gguf,
    tiny_model,
)
from support.engine_cases import (
    CLAUDE_ON_ECHO,
    CLAUDE_ON_VLLM,
    GEMINI_ON_ECHO,
    OPENAI_ON_ECHO,
    OPENAI_ON_LLAMA_CPP,
    OPENAI_ON_VLLM,
    RESPONSES_ON_ECHO,
    RESPONSES_ON_TINY,
    RESPONSES_ON_VLLM,
    VLLM,
    maru_peer,
)
from support.in_process_case import IN_PROCESS
from support.llama_cpp_server import llama_cpp_server

CASES: tuple[BackendCase, ...] = (
    *(ECHO, TINY, VICUNA, OPT, GPT_2, GGUF, HOUSE, HERMES_CALLS, LLAMA_CALLS, GGUF_CALLS),
    *(OPENAI_ON_ECHO, CLAUDE_ON_ECHO, GEMINI_ON_ECHO),
    *(RESPONSES_ON_ECHO, RESPONSES_ON_TINY, RESPONSES_ON_VLLM),
    *(OPENAI_ON_LLAMA_CPP, OPENAI_ON_VLLM, VLLM, CLAUDE_ON_VLLM, POOL, IN_PROCESS),
)

__all__ = [
    "llama_cpp_server",
    "maru_peer",
    "tiny_families",
    "tiny_gguf",
    "tiny_model",
]  # a fixture is known where its name is


@pytest.fixture(params=[pytest.param(case, id=case.name, marks=case.marks) for case in CASES])
def case(request: pytest.FixtureRequest) -> BackendCase:
    """Each backend in turn."""
    found: BackendCase = request.param
    return found


@pytest.fixture
async def backend(case: BackendCase, request: pytest.FixtureRequest) -> AsyncIterator[Backend]:
    """A fresh backend, closed after the test."""
    opened = await case.open(request)
    yield opened
    await opened.close()
