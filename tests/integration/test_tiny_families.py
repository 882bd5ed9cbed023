"""Models of the lineage as their makers published them: no template, learned positions, no BOS, tied or not."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
import transformers

from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, Finished, Sampling, TextDelta, TextPart, Usage
from maru_backends.text_stream import AnswerText
from maru_backends.transformers_local import TransformersBackend, TransformersSettings, open_backend
from support.backend_cases import tiny_families
from support.tiny_families import WINDOW, TinyName

__all__ = ["tiny_families"]  # a fixture is known where its name is
LIBRARY: Any = transformers  # its types have holes
ENDLESS = Sampling(temperature=20, seed=5)
NAMES: tuple[TinyName, ...] = get_args(TinyName)
FEW_SHOT = "Be kind.\n\nHuman: Hello, who are you?\nAI: I am an AI. How can I help you today?\nHuman: Hello!\nAI:"
PROMPTS: dict[TinyName, str] = {
    "vicuna-tiny": "<s>Be kind. USER: Hello! ASSISTANT:",
    "opt-tiny": f"</s>{FEW_SHOT}",
    "gpt2-tiny": FEW_SHOT,
}


@asynccontextmanager
async def opened(folder: Path) -> AsyncGenerator[TransformersBackend]:
    """A backend on that folder."""
    backend = await open_backend(TransformersSettings(source=str(folder), threads=1, prefill_chunk=50))
    assert isinstance(backend, TransformersBackend)
    yield backend
    await backend.close()


def asked(text: str, sampling: Sampling, *, max_tokens: int | None = 24, session: str | None = None) -> ChatRequest:
    """Instructions and a question."""
    messages = (ChatMessage("system", (TextPart("Be kind."),)), ChatMessage("user", (TextPart(text),)))
    return ChatRequest(messages, sampling, max_tokens=max_tokens, session_id=session)


async def heard(backend: TransformersBackend, request: ChatRequest) -> list[BackendEvent]:
    """Everything that comes back."""
    return [event async for event in backend.stream(request)]


def text_of(events: Sequence[BackendEvent]) -> str:
    """The answer alone."""
    return "".join(event.text for event in events if isinstance(event, TextDelta))


@pytest.mark.parametrize("name", NAMES)
async def test_prompt_is_the_familys_and_the_answer_transformers(tiny_families: Path, name: TinyName) -> None:
    """The published prompt, written out here, through the library's own loop gives the same words."""
    folder = tiny_families / name
    tokenizer = LIBRARY.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = LIBRARY.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True, dtype=torch.float32)
    prompt = tokenizer(PROMPTS[name], add_special_tokens=False, return_tensors="pt")
    found = model.generate(**prompt, max_new_tokens=24, do_sample=False)
    # Babble is told as an answer is: half characters look otherwise when decoded all at once.
    text = AnswerText(lambda ids: tokenizer.decode(list(ids), skip_special_tokens=True), is_trimming=True)
    expected = "".join(text.feed(int(token))[0] for token in found[0, prompt["input_ids"].shape[1] :])
    expected += text.finish()[0]
    async with opened(folder) as backend:
        request = asked("Hello!", Sampling(temperature=0))
        assert await backend.count_tokens(request) == prompt["input_ids"].shape[1]
        together = await asyncio.gather(
            *(heard(backend, request) for _ in range(3)), heard(backend, asked("Bye " * 30, Sampling(temperature=0)))
        )
    for events in together[:3]:
        assert text_of(events) == expected


@pytest.mark.parametrize("name", NAMES)
async def test_answer_may_fill_the_window_to_its_last_place(tiny_families: Path, name: TinyName) -> None:
    """Learned positions end there: one more would be none at all."""
    async with opened(tiny_families / name) as backend:
        assert (await backend.limits()).context_window == WINDOW
        request = asked("one two " * 20, ENDLESS, max_tokens=None)
        count = await backend.count_tokens(request)
        longer = asked("one two " * 20 + "1" * (WINDOW - count - 30), ENDLESS, max_tokens=None)
        events = await heard(backend, longer)
        usage = next(event for event in events if isinstance(event, Usage))
        assert events[-1] == Finished("length")
        assert usage.input_tokens + usage.output_tokens == WINDOW
        assert usage.output_tokens <= 40


@pytest.mark.parametrize("name", NAMES)
async def test_second_turn_is_the_same_with_and_without_the_cache(tiny_families: Path, name: TinyName) -> None:
    """Positions of what was kept count on from there."""
    async with opened(tiny_families / name) as backend:
        greedy = Sampling(temperature=0)
        await heard(backend, asked("Tell me about the sea. " * 4, greedy, session="s"))
        again = await heard(backend, asked("Tell me about the sea. " * 4 + "And the moon?", greedy, session="s"))
        cold = await heard(backend, asked("Tell me about the sea. " * 4 + "And the moon?", greedy))
        kept = next(event.cached_tokens for event in again if isinstance(event, Usage))
        assert kept >= 16
        assert text_of(again) == text_of(cold)


async def test_models_may_be_opened_at_once(tiny_families: Path) -> None:
    """A server opens all of its models when it starts, each in a thread."""
    for _ in range(5):
        backends = await asyncio.gather(
            *(open_backend(TransformersSettings(source=str(tiny_families / name), threads=1)) for name in NAMES)
        )
        for backend in backends:
            assert await backend.count_tokens(asked("Hello!", Sampling())) > 0
            await backend.close()
