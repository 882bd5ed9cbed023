"""Each preset against a peer that answers in that server's documented manner."""

from collections.abc import AsyncIterator

import pytest

from maru_backends.base import Finished, ReasoningDelta, TextDelta, Usage
from maru_backends.errors import BackendSetupError
from maru_backends.openai_compatible import OpenAICompatibleBackend, OpenAICompatibleSettings, open_backend
from maru_backends.openai_presets import PRESETS, PresetName
from support.openai_backend import events_of
from support.openai_peer import Json, Script, delta, finish, sse, usage
from support.scripted_peer import ScriptedPeer, scripted_peer

CHAT = "/chat/completions"
WHOLE = Script((sse(delta("Hi"), finish(), usage(3, 1), "[DONE]"),))


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A server that answers one greeting."""
    async with scripted_peer() as running:
        running.play(CHAT, WHOLE)
        yield running


async def on(peer: ScriptedPeer, preset: PresetName, path: str = "/v1", **settings: object) -> OpenAICompatibleBackend:
    """The backend by this preset."""
    keys = {"preset": preset, "base_url": peer.base_url + path, **settings}
    backend = await open_backend(OpenAICompatibleSettings.model_validate(keys))
    assert isinstance(backend, OpenAICompatibleBackend)
    return backend


@pytest.mark.parametrize("preset", sorted(PRESETS))
async def test_every_preset_chats(peer: ScriptedPeer, preset: PresetName, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a list of models too, when the model is named."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-secret")  # whose address is nobody's own
    backend = await on(peer, preset, model="m")
    assert await events_of(backend) == [TextDelta("Hi"), Usage(3, 1), Finished("stop")]
    await backend.limits()
    assert (await backend.health()).is_ready
    await backend.close()


async def test_usual_key_goes_to_the_presets_own_address_only(
    peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tries a server of their own does not hand it the provider's key."""
    monkeypatch.setenv("GROQ_API_KEY", "gsk_a_secret")
    backend = await on(peer, "groq", model="m")
    await events_of(backend)
    assert "gsk_a_secret" not in str(peer.asked)
    await backend.close()
    monkeypatch.delenv("GROQ_API_KEY")
    with pytest.raises(BackendSetupError, match="GROQ_API_KEY is not set; set it"):
        await open_backend(OpenAICompatibleSettings(preset="groq", model="m"))


async def test_azure_by_deployment_and_version(peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key has a header of its own, the filter's verdict comes in a chunk without choices."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-secret")
    verdict: Json = {"choices": [], "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": {}}]}
    peer.play(CHAT, Script((sse(verdict, delta("Hi"), finish(), usage(3, 1), "[DONE]"),)))
    backend = await on(peer, "azure", "", model="my gpt", api_version="2024-10-21")
    assert await events_of(backend) == [TextDelta("Hi"), Usage(3, 1), Finished("stop")]
    asked = peer.asked[-1]
    assert asked.path == "/openai/deployments/my gpt/chat/completions"
    assert asked.query == {"api-version": "2024-10-21"}
    assert asked.headers["api-key"] == "azure-secret"
    assert "authorization" not in asked.headers
    await backend.close()


async def test_azure_without_versions(peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its newer API is OpenAI's own."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "azure-secret")
    backend = await on(peer, "azure", "", model="gpt")
    await events_of(backend)
    assert (peer.asked[-1].path, peer.asked[-1].query) == ("/openai/v1/chat/completions", {})
    assert peer.asked[-1].body["model"] == "gpt"
    await backend.close()


async def test_ollama_has_the_window_it_runs_with(peer: ScriptedPeer) -> None:
    """Its list tells nothing; it cuts what is longer in silence."""
    peer.tell("/v1/models", {"object": "list", "data": [{"id": "llama3.2:latest", "object": "model"}]})
    backend = await on(peer, "ollama")
    assert (await backend.limits()).context_window == 4096
    await events_of(backend)
    assert peer.asked[-1].body["model"] == "llama3.2:latest"
    await backend.close()


async def test_lmstudio_tells_in_a_list_of_its_own(peer: ScriptedPeer) -> None:
    """What is loaded, with how much room, and whether it sees."""
    entry: Json = {"id": "qwen-vl", "type": "vlm", "state": "loaded", "max_context_length": 32_768}
    peer.tell("/api/v0/models", {"object": "list", "data": [{**entry, "loaded_context_length": 8000}]})
    backend = await on(peer, "lmstudio")
    limits = await backend.limits()
    assert limits.context_window == 8000
    assert limits.features == {"tools", "json", "images", "raw"}
    await backend.close()


async def test_sglang_tells_its_window(peer: ScriptedPeer) -> None:
    """In the list, as vLLM; its thinking has a field."""
    peer.tell("/v1/models", {"data": [{"id": "default", "max_model_len": 12_345}]})
    peer.play(CHAT, Script((sse(delta(reasoning_content="Hm."), delta("Hi"), finish(), "[DONE]"),)))
    backend = await on(peer, "sglang")
    assert (await backend.limits()).context_window == 12_345
    assert await events_of(backend) == [ReasoningDelta("Hm."), TextDelta("Hi"), Finished("stop")]
    await backend.close()


async def test_tgi_tells_on_a_page_of_its_own(peer: ScriptedPeer) -> None:
    """It serves one model, whose name does not matter."""
    peer.tell("/info", {"model_id": "HuggingFaceH4/zephyr", "max_input_tokens": 4095, "max_total_tokens": 4096})
    backend = await on(peer, "tgi")
    assert (await backend.limits()).context_window == 4096
    await events_of(backend)
    assert peer.asked[-1].body["model"] == "tgi"
    await backend.close()


async def test_llama_cpp_tells_of_one_slot(peer: ScriptedPeer) -> None:
    """The list tells what the model was trained for, the page what one answer has."""
    peer.tell("/v1/models", {"data": [{"id": "gemma.gguf", "meta": {"n_ctx_train": 131_072}}]})
    props: Json = {"default_generation_settings": {"n_ctx": 4096}, "total_slots": 4, "modalities": {"vision": True}}
    peer.tell("/props", props)
    backend = await on(peer, "llama-cpp")
    limits = await backend.limits()
    assert limits.context_window == 4096
    assert "images" in limits.features
    await backend.close()


async def test_openrouter_tells_of_each_model(peer: ScriptedPeer) -> None:
    """Comments keep its connections open; its engine may fail inside a stream."""
    entry: Json = {
        "id": "maker/model",
        "context_length": 64_000,
        "supported_parameters": ["tools", "reasoning_effort"],
        "architecture": {"input_modalities": ["text", "image"]},
    }
    peer.tell("/v1/models", {"data": [entry, {"id": "maker/other"}]})
    peer.play(CHAT, Script((b": OPENROUTER PROCESSING\n\n", *WHOLE.pieces)))
    backend = await on(peer, "openrouter", model="maker/model")
    limits = await backend.limits()
    assert (limits.context_window, set(limits.features)) == (64_000, {"tools", "images", "effort"})
    assert (await events_of(backend))[-1] == Finished("stop")
    await backend.close()


async def test_groq_counts_in_a_place_of_its_own(peer: ScriptedPeer) -> None:
    """And its list tells the window."""
    peer.tell("/v1/models", {"data": [{"id": "m", "context_window": 131_072, "max_completion_tokens": 32_768}]})
    last = {**finish(), "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 1}}}
    peer.play(CHAT, Script((sse(delta("Hi"), last, "[DONE]"),)))
    backend = await on(peer, "groq")
    assert (await backend.limits()).context_window == 131_072
    assert await events_of(backend) == [TextDelta("Hi"), Usage(3, 1), Finished("stop")]
    await backend.close()


async def test_mistral_counts_without_being_asked(peer: ScriptedPeer) -> None:
    """With the last chunk; it refuses the field that asks."""
    capabilities: Json = {"function_calling": True, "vision": True}
    peer.tell("/v1/models", {"data": [{"id": "m", "max_context_length": 131_072, "capabilities": capabilities}]})
    peer.play(CHAT, Script((sse(delta("Hi"), {**finish(), "usage": usage(3, 1)["usage"]}, "[DONE]"),)))
    backend = await on(peer, "mistral")
    limits = await backend.limits()
    assert (limits.context_window, set(limits.features)) == (131_072, {"tools", "images", "json"})
    assert await events_of(backend) == [TextDelta("Hi"), Usage(3, 1), Finished("stop")]
    assert "stream_options" not in peer.asked[-1].body
    await backend.close()


async def test_deepseek_counts_its_cache(peer: ScriptedPeer) -> None:
    """Its thinking has a field, its cache a figure, and keep-alives are comments."""
    bill = usage(30, 5, prompt_cache_hit_tokens=20, completion_tokens_details={"reasoning_tokens": 2})
    stream = sse(delta(reasoning_content="Hm."), delta("Hi"), finish(), bill, "[DONE]")
    peer.play(CHAT, Script((b": keep-alive\n\n", stream)))
    backend = await on(peer, "deepseek", model="deepseek-chat")
    found = await events_of(backend)
    assert found[0] == ReasoningDelta("Hm.")
    assert found[2] == Usage(30, 5, cached_tokens=20, reasoning_tokens=2)
    assert (await backend.limits()).context_window == 65_536
    await backend.close()


async def test_settings_come_before_the_preset(peer: ScriptedPeer) -> None:
    """No feature at all is a wish too."""
    backend = await on(peer, "openai", model="m", features=[], context_window=1000, max_tokens_field="max_tokens")
    limits = await backend.limits()
    assert (limits.context_window, set(limits.features)) == (1000, set())
    await backend.close()
