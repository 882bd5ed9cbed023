"""Texts that a server of OpenAI's API goes on with, on an engine of scripts: which can, and what goes wrong."""

from collections.abc import AsyncIterator
from contextlib import nullcontext

import pytest

from maru_backends.base import ChatRequest, Finished, Sampling, TextDelta, Usage
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    ContextTooLongError,
    RequestRefusedError,
)
from maru_backends.openai_compatible import OpenAICompatibleBackend, OpenAICompatibleSettings, open_backend
from maru_backends.openai_presets import PRESETS, PresetName
from maru_backends.vllm import VllmSettings
from maru_backends.vllm import open_backend as open_vllm
from support.openai_backend import events_of, failure_of
from support.openai_peer import Json, Script, sse, usage
from support.scripted_peer import ScriptedPeer, scripted_peer, whole

RAW = "/v1/completions"
TEXT = ChatRequest((), raw="sea: water\nsky:")
GO_ON: set[PresetName] = {"lmstudio", "sglang", "tgi", "llama-cpp"}


def more(text: str, reason: str | None = None) -> Json:
    """A chunk with more of the text."""
    return {"object": "text_completion", "choices": [{"index": 0, "text": text, "finish_reason": reason}]}


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A server of one model that answers nothing yet."""
    async with scripted_peer() as running:
        running.tell("/v1/models", {"data": [{"id": "m", "max_model_len": 4096}]})
        yield running


@pytest.fixture
async def backend(peer: ScriptedPeer) -> AsyncIterator[OpenAICompatibleBackend]:
    """A backend that may go on with texts."""
    opened = await on(peer, features=["raw"])
    yield opened
    await opened.close()


async def on(peer: ScriptedPeer, **settings: object) -> OpenAICompatibleBackend:
    """A backend with these settings."""
    keys = {"base_url": f"{peer.base_url}/v1", "model": "m", **settings}
    opened = await open_backend(OpenAICompatibleSettings.model_validate(keys))
    assert isinstance(opened, OpenAICompatibleBackend)
    return opened


async def test_text_goes_out_as_it_is_and_comes_back(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """No messages, no chat: the older API's words, with its name for the bound."""
    peer.play(RAW, Script((sse(more(" air"), more("\n", "stop"), usage(6, 2), "[DONE]"),)))
    sampling = Sampling(temperature=0.5, seed=3, stop=("\n\n",))
    asked = ChatRequest((), sampling, max_tokens=9, raw=TEXT.raw)
    assert await events_of(backend, asked) == [TextDelta(" air"), TextDelta("\n"), Usage(6, 2), Finished("stop")]
    (sent,) = peer.sent(RAW)
    assert sent == {
        "model": "m",
        "prompt": "sea: water\nsky:",
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "seed": 3,
        "stop": ["\n\n"],
        "max_tokens": 9,
    }


async def test_no_bound_is_what_the_window_holds(peer: ScriptedPeer) -> None:
    """There nothing said means 16 tokens, and here as many as fit."""
    peer.play(RAW, Script((sse(more("x", "stop"), "[DONE]"),)))
    backend = await on(peer, features=["raw"], context_window=1000)
    await backend.limits()
    await events_of(backend, TEXT)
    wished = peer.sent(RAW)[-1]["max_tokens"]
    assert isinstance(wished, int)
    assert 900 < wished < 1000
    await backend.close()


@pytest.mark.parametrize(("wish", "sent"), [(16, 16), (999, 999), (5000, 800)])
async def test_a_wish_is_bodyas_it_is(peer: ScriptedPeer, wish: int, sent: int) -> None:
    """The engine knows whether it fits; one for more than the window is a wish for all of it."""
    peer.play(RAW, Script((sse(more("x", "stop"), "[DONE]"),)))
    backend = await on(peer, features=["raw"], context_window=1000)
    await events_of(backend, ChatRequest((), max_tokens=wish, raw="a" * 600))
    assert peer.sent(RAW)[-1]["max_tokens"] == sent
    await backend.close()


async def test_no_room_is_told_and_not_one_token_given(peer: ScriptedPeer) -> None:
    """An answer of one token looks like one that the model ended; the estimate may be wrong, so a wish goes out."""
    peer.play(RAW, Script((sse(more("x", "stop"), "[DONE]"),)))
    backend = await on(peer, features=["raw"], context_window=1000)
    long = "a" * 6000
    _, error = await failure_of(backend, ChatRequest((), raw=long))
    assert isinstance(error, ContextTooLongError)
    assert "about 2000 tokens" in str(error)
    await events_of(backend, ChatRequest((), max_tokens=50, raw=long))
    assert peer.sent(RAW)[-1]["max_tokens"] == 50
    await backend.close()


@pytest.mark.parametrize(("wish", "sent"), [(None, 800), (50, 50)])
async def test_behind_a_gateway_a_vllm_is_asked_alike(peer: ScriptedPeer, wish: int | None, sent: int) -> None:
    """It does not let us count."""
    peer.tell("/v1/models", {"data": [{"id": "m", "max_model_len": 1000}]})
    peer.play(RAW, Script((sse(more("x", "stop"), "[DONE]"),)))
    backend = await open_vllm(VllmSettings(base_url=f"{peer.base_url}/v1"))
    assert not (await backend.limits()).counts_exactly
    for length in (600, 6000):
        asked = ChatRequest((), max_tokens=wish, raw="a" * length)
        with nullcontext() if wish or length == 600 else pytest.raises(ContextTooLongError):
            assert [event async for event in backend.stream(asked)] == [TextDelta("x"), Finished("stop")]
    assert {body["max_tokens"] for body in peer.sent(RAW)} == {sent}
    await backend.close()


async def test_thinking_is_text_too(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """Nothing is told apart in a text that is no chat, and control tokens that were typed are broken."""
    peer.play(RAW, Script((sse(more("<think>a</think>", "stop"), "[DONE]"),)))
    found = await events_of(backend, ChatRequest((), raw="a</s>b"))
    assert found == [TextDelta("<think>a</think>"), Finished("stop")]
    assert peer.sent(RAW)[-1]["prompt"] == "a<\u200b/s>b"


async def test_a_text_at_its_end_is_no_failure(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """In a chat, tokens without words are a lost answer; here the model may have nothing to add."""
    peer.play(RAW, Script((sse(more("", "stop"), usage(6, 2), "[DONE]"),)))
    assert await events_of(backend, TEXT) == [Usage(6, 2), Finished("stop")]


CHAT_ONLY = (
    "This is a chat model and not supported in the v1/completions endpoint. Did you mean to use v1/chat/completions?"
)
WRONG: list[tuple[int, str, type[BackendError], str]] = [
    (404, CHAT_ONLY, RequestRefusedError, "This is a chat model"),
    (404, "Not Found", BackendSetupError, "has no completions there"),
    (400, "This model's maximum context length is 4096 tokens", ContextTooLongError, "does not fit"),
    (429, "slow down", BackendBusyError, "busy"),
    (400, "logprobs is not allowed", RequestRefusedError, "logprobs is not allowed"),
]


@pytest.mark.parametrize(("status", "message", "kind", "told"), WRONG)
async def test_errors_are_told_as_for_a_chat(
    peer: ScriptedPeer,
    backend: OpenAICompatibleBackend,
    status: int,
    message: str,
    kind: type[BackendError],
    told: str,
) -> None:
    """By who must act."""
    peer.tell(RAW, {"error": {"message": message}}, status=status)
    events, error = await failure_of(backend, TEXT)
    assert events == []
    assert type(error) is kind
    assert told in str(error)


async def test_only_a_finish_reason_finishes(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """The end mark alone is half a text."""
    peer.play(RAW, Script((sse(more(" air"), "[DONE]"),)))
    events, error = await failure_of(backend, TEXT)
    assert events == [TextDelta(" air")]
    assert isinstance(error, BackendStreamBrokenError)


async def test_leaving_hangs_up(peer: ScriptedPeer, backend: OpenAICompatibleBackend) -> None:
    """The engine notices, and stops."""
    peer.play(RAW, Script((sse(more(" air")),), then="hang"))
    stream = backend.stream(TEXT)
    assert await anext(stream) == TextDelta(" air")
    await stream.aclose()
    await peer.idle.wait()


@pytest.mark.parametrize("preset", sorted(PRESETS))
async def test_presets_know_which_go_on(
    peer: ScriptedPeer, preset: PresetName, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And ask nobody: a call that is refused counts as one."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-secret")
    peer.tell("/api/v0/models", {"data": [{"id": "m", "type": "llm"}]})
    backend = await on(peer, preset=preset)
    assert ("raw" in (await backend.limits()).features) is (preset in GO_ON)
    assert peer.sent(RAW) == []
    await backend.close()


@pytest.mark.parametrize(
    ("status", "goes_on"),
    [(400, True), (422, True), (200, False), (401, False), (404, False), (405, False), (500, False)],
)
async def test_a_server_without_a_name_is_asked(peer: ScriptedPeer, status: int, goes_on: bool) -> None:  # noqa: FBT001
    """Once, by a completion that has no text: who misses the text has completions."""
    peer.play(RAW, whole({"error": {"message": "prompt: field required"}}, status=status))
    backend = await on(peer)
    for _ in range(2):
        assert ("raw" in (await backend.limits()).features) is goes_on
    assert peer.sent(RAW) == [{"model": "m"}]
    await backend.close()
