"""Weights from disk: what can be served, what is refused and how, and that the arithmetic is transformers' own."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_socket
import torch
import transformers

from maru_backends.base import (
    ChatMessage,
    ChatRequest,
    Finished,
    ImagePart,
    Sampling,
    TextDelta,
    TextPart,
    Tool,
)
from maru_backends.errors import BackendSetupError, BackendUnavailableError, RequestRefusedError
from maru_backends.local_weights import sampling_defaults, thread_count
from maru_backends.transformers_local import TransformersBackend, TransformersSettings, open_backend
from support.backend_cases import HOUSE_FOLDER
from support.tiny_model import WINDOW, save_tiny_model, tiny_tokenizer

LIBRARY: Any = transformers  # its types have holes
SMALL: dict[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "max_position_embeddings": 256,
    "pad_token_id": 3,
    "bos_token_id": None,
    "eos_token_id": 2,
}
FAMILIES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "mistral with a sliding window": ("MistralConfig", "MistralForCausalLM", {"sliding_window": 8}),
    "gemma 2, two kinds of layers": ("Gemma2Config", "Gemma2ForCausalLM", {"sliding_window": 8, "head_dim": 16}),
    "qwen 3": ("Qwen3Config", "Qwen3ForCausalLM", {"head_dim": 16}),
    "opt": ("OPTConfig", "OPTForCausalLM", {"ffn_dim": 64, "word_embed_proj_dim": 32}),
    "gpt 2": ("GPT2Config", "GPT2LMHeadModel", {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 256}),
}


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """A model in a folder never asks the network; an event loop's own pair of Unix sockets is allowed."""
    pytest_socket.disable_socket(allow_unix_socket=True)
    yield
    pytest_socket.enable_socket()


def saved(folder: Path, config: str, model: str, fields: dict[str, Any]) -> Path:
    """A random model of that family with the tiny tokenizer."""
    generator: Any = torch
    generator.manual_seed(3)
    shape = fields if "n_embd" in fields else SMALL | fields
    made = getattr(LIBRARY, model)(
        getattr(LIBRARY, config)(**shape, **({"vocab_size": 512} if "n_embd" in fields else {}))
    )
    made.generation_config = LIBRARY.GenerationConfig(eos_token_id=2, pad_token_id=3)
    made.save_pretrained(folder)
    tokenizer = tiny_tokenizer()
    tokenizer.chat_template = "{% for message in messages %}{{ message['content'] }}\n{% endfor %}"
    tokenizer.save_pretrained(folder)
    return folder


async def opened(folder: Path, **settings: Any) -> TransformersBackend:
    """A backend on that folder."""
    backend = await open_backend(TransformersSettings(source=str(folder), threads=1, **settings))
    assert isinstance(backend, TransformersBackend)
    return backend


def asked(text: str, max_tokens: int = 24, session: str | None = None) -> ChatRequest:
    """A greedy request of one message."""
    messages = (ChatMessage("user", (TextPart(text),)),)
    return ChatRequest(messages, Sampling(temperature=0), max_tokens=max_tokens, session_id=session)


async def answer(backend: TransformersBackend, request: ChatRequest) -> str:
    """The text alone."""
    return "".join([event.text async for event in backend.stream(request) if isinstance(event, TextDelta)])


def plain_answers(folder: Path, texts: Sequence[str]) -> list[str]:
    """What transformers' own `generate` says."""
    tokenizer = LIBRARY.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = LIBRARY.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    answers: list[str] = []
    for text in texts:
        messages = [{"role": "user", "content": text}]
        prompt = tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        found = model.generate(**prompt, max_new_tokens=24, do_sample=False)
        new: Sequence[int] = found[0, prompt["input_ids"].shape[1] :].tolist()
        answers.append(_without_noise(tokenizer.decode(new, skip_special_tokens=True)))
    return answers


def _without_noise(text: str) -> str:
    """The text without bytes at its end that make no character: how much of them is shown is the stream's affair."""
    return text.rstrip("\ufffd")


@pytest.mark.parametrize("family", FAMILIES)
async def test_family_answers_as_transformers_does(tmp_path: Path, family: str) -> None:
    """Four at once, of different lengths, each the same as alone and by the library's plain loop."""
    folder = saved(tmp_path, *FAMILIES[family])
    texts = ["one two " * n + "three" for n in (1, 6, 3, 2)]
    backend = await opened(folder, prefill_chunk=7)
    together = await asyncio.gather(*(answer(backend, asked(text)) for text in texts))
    await backend.close()
    assert [_without_noise(text) for text in together] == plain_answers(folder, texts)


@pytest.mark.skipif(not (HOUSE_FOLDER / "config.json").is_file(), reason="no house model is published")
async def test_house_model_answers_as_transformers_does() -> None:
    """In the precision it is served in."""
    backend = await open_backend(TransformersSettings(source="house", threads=1))
    assert isinstance(backend, TransformersBackend)
    texts = ("My name is Jihoon.", "안녕하세요! 이름이 뭐예요?")
    assert [await answer(backend, asked(text)) for text in texts] == plain_answers(HOUSE_FOLDER, texts)
    await backend.close()


async def test_second_turn_is_the_same_with_and_without_the_cache(tmp_path: Path) -> None:
    """What was kept must be what would be computed."""
    folder = save_tiny_model(tmp_path)
    backend = await opened(folder)
    text = "Tell me about the sea and the moon, one two three four five. "
    await answer(backend, asked(text, session="s"))
    again = [event async for event in backend.stream(asked(text * 2, session="s"))]
    cold = [event async for event in backend.stream(asked(text * 2))]
    assert again[:-2] == cold[:-2]
    await backend.close()


@pytest.mark.parametrize("family", ["BloomConfig BloomForCausalLM", "MambaConfig MambaForCausalLM"])
async def test_other_architectures_are_refused_at_once(tmp_path: Path, family: str) -> None:
    """A wrong answer would be worse than none."""
    config, model = family.split()
    folder = saved(tmp_path, config, model, {})
    with pytest.raises(BackendSetupError, match="serve it with vLLM"):
        await opened(folder, context_window=128)


async def test_model_without_a_template_gets_its_familys(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """And the log says which and why, for the operator who knows better."""
    backend = await opened(save_tiny_model(tmp_path, template=None))
    assert "gets 'chatml', because its tokenizer has <|im_start|> and <|im_end|>" in caplog.text
    limits = await backend.limits()
    await backend.close()
    with_template = await opened(save_tiny_model(tmp_path))
    assert (await with_template.limits()).template == limits.template
    await with_template.close()


async def test_operator_may_choose_another_template(tmp_path: Path) -> None:
    """The model's own may be wrong, and so may we."""
    folder = save_tiny_model(tmp_path)
    backend = await opened(folder, template="vicuna")
    assert await backend.count_tokens(asked("Hi")) > 50
    assert (await backend.limits()).template is not None
    await backend.close()
    with pytest.raises(BackendSetupError, match=r"'llama-3' needs the control token <\|start_header_id\|>"):
        await opened(folder, template="llama-3")


async def test_answer_ends_where_the_model_speaks_for_the_user(tmp_path: Path) -> None:
    """Weights of such families were not taught to end a turn otherwise; what they say up to there is the answer."""
    folder = save_tiny_model(tmp_path)
    backend = await opened(folder, template="few-shot")
    request = asked("Tell me about the sea.", max_tokens=30)
    babble = await answer(backend, request)
    header = babble[len(babble) // 2 :][:4]  # what random weights really say in the place of "\nHuman:"
    loaded = backend._loaded
    assert loaded.format is not None
    assert loaded.format.stops == ("\nHuman:", "\nAI:")
    backend._loaded = replace(loaded, format=replace(loaded.format, stops=(header,)))
    events = [event async for event in backend.stream(request)]
    assert "".join(event.text for event in events if isinstance(event, TextDelta)) == babble[: babble.index(header)]
    assert events[-1] == Finished("stop")
    await backend.close()


async def test_missing_folder_is_told() -> None:
    """By its own name, not as a hub's."""
    with pytest.raises(BackendSetupError, match="folder that the setting source names does not exist") as told:
        await open_backend(TransformersSettings(source="./no-such-model"))
    assert "'./no-such-model'" in told.value.for_operator


async def test_missing_house_model_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout whose model was never made."""

    def empty(_package: str) -> Path:
        return tmp_path

    monkeypatch.setattr("maru_backends.local_weights.resources.files", empty)
    with pytest.raises(BackendSetupError, match="has no house model"):
        await open_backend(TransformersSettings())


async def test_broken_weights_are_told(tmp_path: Path) -> None:
    """A download may stop halfway."""
    folder = save_tiny_model(tmp_path)
    (folder / "model.safetensors").write_bytes(b"half")
    with pytest.raises(BackendSetupError, match="could not be loaded"):
        await opened(folder)


async def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    """A pickle runs code when it is read; the operator may allow it."""
    folder = save_tiny_model(tmp_path)
    model = LIBRARY.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    torch.save(model.state_dict(), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(BackendSetupError, match="could not be loaded"):
        await opened(folder)
    backend = await opened(folder, allow_pickle=True)
    await backend.close()


async def test_missing_tokenizer_is_told(tmp_path: Path) -> None:
    """Half a folder was copied."""
    folder = save_tiny_model(tmp_path / "whole")
    (folder / "tokenizer.json").unlink()
    with pytest.raises(BackendSetupError, match=r"could not be loaded|tokenizer"):
        await opened(folder)


async def test_missing_device_is_told(tmp_path: Path) -> None:
    """With the remedy."""
    with pytest.raises(BackendSetupError, match='device = "auto"'):
        await opened(save_tiny_model(tmp_path), device="cuda:77")


async def test_window_may_be_smaller_than_the_models(tmp_path: Path) -> None:
    """Memory is the operator's; more than the model learnt is not to be had."""
    folder = save_tiny_model(tmp_path)
    for asked_for, given in ((64, 64), (10 * WINDOW, WINDOW), (None, WINDOW)):
        backend = await opened(folder, context_window=asked_for)
        assert (await backend.limits()).context_window == given
        await backend.close()


async def test_what_the_engine_cannot_do_is_refused(tmp_path: Path) -> None:
    """Not silently left out."""
    backend = await opened(save_tiny_model(tmp_path))
    hi = TextPart("hi")
    picture = ChatRequest((ChatMessage("user", (hi, ImagePart("data:,"))),))
    tools = ChatRequest((ChatMessage("user", (hi,)),), tools=(Tool("clock"),))
    for request, param in ((picture, "messages"), (tools, "tools")):
        with pytest.raises(RequestRefusedError) as raised:
            await backend.count_tokens(request)
        assert raised.value.param == param
    await backend.close()


async def test_closed_backend_counts_no_tokens(tmp_path: Path) -> None:
    """It is unavailable, as for a stream."""
    backend = await opened(save_tiny_model(tmp_path))
    await backend.close()
    with pytest.raises(BackendUnavailableError):
        await backend.count_tokens(asked("hi"))


async def test_weights_of_half_precision_are_served_in_full_on_a_cpu(tmp_path: Path) -> None:
    """Faster there, and the same in every batch; the operator may say otherwise."""
    folder = save_tiny_model(tmp_path)
    model = LIBRARY.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.bfloat16)
    model.save_pretrained(folder)
    for dtype, served in (("auto", torch.float32), ("bfloat16", torch.bfloat16)):
        backend = await opened(folder, dtype=dtype)
        assert backend._loaded.model.dtype == served
        await backend.close()


def test_one_core_is_left_to_the_server() -> None:
    """A small model gains nothing from many."""

    class Sized:
        def __init__(self, parameters: int) -> None:
            self._parameters = parameters

        def num_parameters(self) -> int:
            return self._parameters

    assert thread_count(Sized(10**6), 7) == 7
    assert 1 <= thread_count(Sized(10**6), None) <= 2
    assert thread_count(Sized(10**9), None) >= 1


@pytest.mark.parametrize(
    ("advice", "temperature"),
    [
        ({}, 1.0),
        ({"do_sample": False}, 0.0),
        ({"do_sample": True, "temperature": 0.6}, 0.6),
        ({"temperature": 0.3}, 0.3),
    ],
)
def test_makers_advice_is_read(advice: dict[str, Any], temperature: float) -> None:
    """As vLLM reads it, but for the plain word that the model is to be greedy."""
    assert sampling_defaults(LIBRARY.GenerationConfig(**advice)).temperature == temperature


async def test_logprobs_are_those_of_plain_computing(tmp_path: Path) -> None:
    """Token by token, against transformers alone on the whole text; penalties and heat change what is drawn only."""
    backend = await opened(save_tiny_model(tmp_path))
    request = ChatRequest(
        asked("hi").messages,
        Sampling(temperature=1.3, presence_penalty=1.0, seed=3),
        max_tokens=12,
        top_logprobs=4,
    )
    prompt = backend._loaded.renderer.prompt(request.messages)
    tokens = [t async for event in backend.stream(request) if isinstance(event, TextDelta) for t in event.logprobs]
    model, speller = backend._loaded.model, backend._loaded.renderer.speller
    ids = list(prompt)
    for token in tokens:
        with torch.inference_mode():
            exact = torch.log_softmax(model(torch.tensor([ids]), use_cache=False).logits[0, -1].float(), dim=-1)
        values, likeliest = exact.topk(4)
        assert [one.logprob for one in token.top_logprobs] == pytest.approx([float(v) for v in values], abs=1e-3)
        assert [bytes(one.bytes) for one in token.top_logprobs] == [speller.spell(int(i)) for i in likeliest]
        # The token itself is found again by its spelling and its chance.
        ids.append(
            next(
                number
                for number in range(exact.shape[0])
                if speller.spell(number) == bytes(token.bytes) and abs(float(exact[number]) - token.logprob) < 1e-3
            )
        )
    assert tokens
    await backend.close()
