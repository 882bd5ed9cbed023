"""Backends over HTTP under the contract: vLLM for real, and the OpenAI client on vLLM, on Maru and on a peer."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, aclosing
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest

from maru_backends import claude, gemini, openai_compatible, vllm
from maru_backends.base import Backend, BackendEvent, ChatRequest, Feature, Health, JsonFormat, Limits
from support.backend_cases import BackendCase
from support.echo_models import echo_model
from support.echo_server import echo_server
from support.hosted_echo import hosted_echo
from support.live_server import LiveServer, live_server
from support.vllm_server import VllmServer

# vLLM bounds the temperature, so that heat alone does not keep an answer going; JSON of this shape does.
SERVED: frozenset[Feature] = frozenset({"json", "logprobs", "raw", "tools"})  # as the shared engine is started
HIGHEST_TEMPERATURE = 2.0
ENDLESS_TEMPERATURE = 20
ENDLESS_JSON = JsonFormat(schema={"type": "array", "items": {"type": "integer"}, "minItems": 300})


PEERS = """
[[models]]
id = "tiny"
backend = "transformers"
source = "{folder}"
threads = 1
"""


class Adapted:
    """A backend whose requests are put into what its engine takes, and whose server goes with it."""

    def __init__(
        self, inner: Backend, server: AsyncExitStack | None = None, *, endless: JsonFormat | None = ENDLESS_JSON
    ) -> None:
        """Close `server` after `inner`; `endless` keeps an answer going where heat is bounded."""
        self._inner = inner
        self._server = server or AsyncExitStack()
        self._endless = endless

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        async with aclosing(self._inner.stream(self.fitted(request))) as events:
            async for event in events:
                yield event

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return await self._inner.count_tokens(self.fitted(request))

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        return await self._inner.limits()

    async def health(self) -> Health:
        """See `Backend.health`."""
        return await self._inner.health()

    async def close(self) -> None:
        """See `Backend.close`."""
        await self._inner.close()
        await self._server.aclose()

    def fitted(self, request: ChatRequest) -> ChatRequest:
        """As the engine takes it."""
        return _within_bounds(request, self._endless)


class Strict(Adapted):
    """The same by an API that promises of strict tools only that the arguments of a call fit."""

    def fitted(self, request: ChatRequest) -> ChatRequest:
        """With strict tools, too."""
        tools = tuple(replace(tool, strict=True) for tool in request.tools)
        return super().fitted(replace(request, tools=tools))


def _within_bounds(request: ChatRequest, endless: JsonFormat | None) -> ChatRequest:
    heat = request.sampling.temperature
    if heat is None or heat <= HIGHEST_TEMPERATURE:
        return request
    cooler = replace(request, sampling=replace(request.sampling, temperature=HIGHEST_TEMPERATURE))
    return replace(cooler, json_format=endless) if endless and heat >= ENDLESS_TEMPERATURE else cooler


async def _open_vllm(request: pytest.FixtureRequest) -> Backend:
    server = cast("VllmServer", request.getfixturevalue("vllm_server"))
    settings = vllm.VllmSettings(base_url=server.base_url, model=server.model, features=SERVED)
    return Adapted(await vllm.open_backend(settings))


async def _open_openai_on_vllm(request: pytest.FixtureRequest) -> Backend:
    server = cast("VllmServer", request.getfixturevalue("vllm_server"))
    settings = openai_compatible.OpenAICompatibleSettings(base_url=server.base_url, model=server.model, features=SERVED)
    return Strict(await openai_compatible.open_backend(settings))


async def _open_openai_on_echo(request: pytest.FixtureRequest) -> Backend:
    server = AsyncExitStack()
    base_url = await server.enter_async_context(echo_server())
    settings = openai_compatible.OpenAICompatibleSettings(base_url=base_url, features=frozenset({"logprobs", "raw"}))
    return Adapted(await openai_compatible.open_backend(settings), server)


async def _open_openai_on_llama_cpp(request: pytest.FixtureRequest) -> Backend:
    address = cast("str", request.getfixturevalue("llama_cpp_server"))
    settings = openai_compatible.OpenAICompatibleSettings(preset="llama-cpp", base_url=f"{address}/v1")
    return Adapted(await openai_compatible.open_backend(settings), AsyncExitStack())


async def _open_responses_on_vllm(request: pytest.FixtureRequest) -> Backend:
    server = cast("VllmServer", request.getfixturevalue("vllm_server"))
    settings = openai_compatible.OpenAICompatibleSettings(
        base_url=server.base_url, model=server.model, api="responses", features=SERVED
    )
    return Strict(await openai_compatible.open_backend(settings), AsyncExitStack())


def _responses_on_maru(model: str) -> Callable[[pytest.FixtureRequest], Awaitable[Backend]]:
    async def opened(request: pytest.FixtureRequest) -> Backend:
        peer = cast("LiveServer", request.getfixturevalue("maru_peer"))
        settings = openai_compatible.OpenAICompatibleSettings(base_url=f"{peer.url}/v1", model=model, api="responses")
        return Adapted(await openai_compatible.open_backend(settings), AsyncExitStack(), endless=None)

    return opened


async def _open_claude_on_vllm(request: pytest.FixtureRequest) -> Backend:
    server = cast("VllmServer", request.getfixturevalue("vllm_server"))
    settings = claude.ClaudeSettings(
        base_url=server.base_url.removesuffix("/v1"),
        model=server.model,
        context_window=2048,
        sampling=True,
        features=frozenset({"json", "tools"}),
    )
    return Strict(await claude.open_backend(settings))


async def _open_claude_on_echo(request: pytest.FixtureRequest) -> Backend:
    server = AsyncExitStack()
    base_url = await server.enter_async_context(hosted_echo())
    settings = claude.ClaudeSettings(base_url=base_url, model="claude-echo", features=frozenset())
    return Adapted(await claude.open_backend(settings), server)


async def _open_gemini_on_echo(request: pytest.FixtureRequest) -> Backend:
    server = AsyncExitStack()
    base_url = await server.enter_async_context(hosted_echo())
    settings = gemini.GeminiSettings(base_url=f"{base_url}/v1beta", model="gemini-echo", features=frozenset())
    return Adapted(await gemini.open_backend(settings), server)


VLLM = BackendCase("vllm", _open_vllm, repeats_exactly=False, pads_json=True)
OPENAI_ON_VLLM = BackendCase("openai-on-vllm", _open_openai_on_vllm, repeats_exactly=False, pads_json=True)
OPENAI_ON_ECHO = BackendCase("openai-on-echo", _open_openai_on_echo, samples=False)
OPENAI_ON_LLAMA_CPP = BackendCase(
    "openai-on-llama-cpp",
    _open_openai_on_llama_cpp,
    marks=(pytest.mark.skipif(find_spec("xllamacpp") is None, reason="the extra gguf is not installed"),),
    repeats_exactly=False,
    babbles=True,
    pads_json=True,
    knows_tools=False,
)
RESPONSES_ON_VLLM = BackendCase(
    "responses-on-vllm",
    _open_responses_on_vllm,
    repeats_exactly=False,
    takes_seeds=False,
    pads_json=True,
    least_tokens=16,
)
RESPONSES_ON_ECHO = BackendCase(
    "responses-on-maru-echo", _responses_on_maru("echo"), samples=False, takes_seeds=False, least_tokens=16
)
RESPONSES_ON_TINY = BackendCase(
    "responses-on-maru-tiny",
    _responses_on_maru("tiny"),
    babbles=True,
    takes_seeds=False,
    keeps_prefixes=True,
    least_tokens=16,
    knows_tools=False,
)
# That API knows no seed, and at its highest temperature, 1, the house model is as sure as at none.
CLAUDE_ON_VLLM = BackendCase(
    "claude-on-vllm", _open_claude_on_vllm, repeats_exactly=False, samples=False, takes_seeds=False, pads_json=True
)
CLAUDE_ON_ECHO = BackendCase("claude-on-echo", _open_claude_on_echo, samples=False)
GEMINI_ON_ECHO = BackendCase("gemini-on-echo", _open_gemini_on_echo, samples=False)


@pytest.fixture(scope="session")
def maru_peer(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """Another Maru, whose responses are asked for: by real weights, and by the echo."""
    config = echo_model("echo", context_window=2048, pace_tokens_per_s=100) + PEERS.format(folder=tiny_model)
    with live_server(tmp_path_factory.mktemp("maru-peer"), config) as server:
        yield server
