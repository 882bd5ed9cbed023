"""What it costs to know the tokens of a prompt, one turn after another, at histories of 10 to 2,000 turns.

`maru/memory/counting.py` against counting the whole prompt, on the house model's tokenizer in process and, where vLLM
is installed, on its HTTP. Each conversation grows by a turn at a time; both are held to the same total.

Run: `python bench/counting/run.py` (or `make bench`); results: `bench/counting/result.json`.
"""

import argparse
import asyncio
import gc
import json
import random
import statistics
import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TypeVar

from maru.app import COLLECT_AFTER
from maru.memory.counting import Counter, Turn
from maru_backends import transformers_local, vllm
from maru_backends.base import Backend, BackendEvent, ChatMessage, ChatRequest, Health, Limits, Role, TextPart
from maru_backends.errors import BackendSetupError
from maru_backends.vllm_launch import engine_python

HERE = Path(__file__).parent
MODEL = "house"
WORDS = (
    *("the sea and the moon", "number 12,345", "what is my name?"),
    *("제 이름은 지훈입니다.", "오늘 날씨가", "def f(x):"),
)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Result:
    """One history's length on one engine; times are medians in milliseconds, characters are what was tokenised.

    Attributes:
        prompt_tokens: of the last prompt.
        turn_ms: a turn more, of a history that the counter has met.
        first_ms: the same history when nothing of it is known, as after a start of the server.
        whole_ms: the whole prompt counted by the engine, as each turn needs without the counter.
        known_cpu_ms: processor time for a prompt of which everything is known, which is the server's own part.
    """

    engine: str
    turns: int
    prompt_tokens: int
    turn_ms: float
    turn_characters: int
    known_cpu_ms: float
    first_ms: float
    whole_ms: float
    whole_characters: int


class Watched:
    """A backend that notes how many characters it was given to count."""

    def __init__(self, inner: Backend) -> None:
        """Pass everything on."""
        self._inner = inner
        self.characters = 0

    def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        return self._inner.stream(request)

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        self.characters += sum(len(message.text) for message in request.messages)
        return await self._inner.count_tokens(request)

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        return await self._inner.limits()

    async def health(self) -> Health:
        """See `Backend.health`."""
        return await self._inner.health()

    async def close(self) -> None:
        """See `Backend.close`."""
        await self._inner.close()


def said(role: Role, dice: random.Random, words: int) -> ChatMessage:
    """A message of so many pieces."""
    return ChatMessage(role, (TextPart(" ".join(dice.choice(WORDS) for _ in range(words))),))


def history(turns: int) -> list[Turn]:
    """Answered turns of about 300 characters."""
    dice = random.Random(1)
    return [(said("user", dice, 4), said("assistant", dice, 16)) for _ in range(turns)]


async def timed(work: Awaitable[T]) -> tuple[float, T]:
    """Milliseconds, and what came of it."""
    begin = time.perf_counter()
    done = await work
    return 1000 * (time.perf_counter() - begin), done


async def measured(engine: str, inner: Backend, turns: int, rounds: int) -> Result:
    """One history's length; it grows by a turn a round."""
    backend, counter = Watched(inner), Counter()
    request = ChatRequest((ChatMessage("system", (TextPart("Answer in one sentence."),)),))
    said_so_far = history(turns + rounds)
    await counter.sizes(backend, MODEL, request, said_so_far[:1])  # what only a server's first prompt costs

    async def counted(of: Sequence[Turn]) -> int:
        return (await counter.sizes(backend, MODEL, request, of)).total

    def prompt(length: int) -> list[Turn]:
        return [*said_so_far[: length - 1], said_so_far[length - 1][:1]]

    first_ms, _ = await timed(counted(prompt(turns)))
    turn_ms, whole_ms = list[float](), list[float]()
    characters = whole_characters = total = 0
    for length in range(turns + 1, turns + rounds + 1):
        backend.characters = 0
        took_ms, total = await timed(counted(prompt(length)))
        turn_ms.append(took_ms)
        characters, backend.characters = backend.characters, 0
        messages = (*request.messages, *(message for turn in prompt(length) for message in turn))
        took_ms, whole = await timed(backend.count_tokens(replace(request, messages=messages)))
        whole_ms.append(took_ms)
        whole_characters = backend.characters
        assert total == whole, f"{total} counted, {whole} are right"
    begin = time.process_time()
    for _ in range(rounds):
        await counted(prompt(turns + rounds))
    known_cpu_s = time.process_time() - begin
    return Result(
        engine=engine,
        turns=turns,
        prompt_tokens=total,
        turn_ms=round(statistics.median(turn_ms), 2),
        turn_characters=characters,
        known_cpu_ms=round(1000 * known_cpu_s / rounds, 2),
        first_ms=round(first_ms, 2),
        whole_ms=round(statistics.median(whole_ms), 2),
        whole_characters=whole_characters,
    )


async def measure(turns: list[int], rounds: int) -> list[Result]:
    """Each engine that is there."""
    engines = {
        "house tokenizer in process": await transformers_local.open_backend(transformers_local.TransformersSettings())
    }
    try:
        engine_python(None)
    except BackendSetupError as error:
        print(f"without vLLM: {error}")
    else:
        engines["vLLM over HTTP, house model"] = await vllm.open_backend(vllm.VllmSettings(source="house"))
    gc.collect()
    gc.freeze()  # as the server does: else every thousand turns the libraries' objects are looked through
    gc.set_threshold(COLLECT_AFTER, *gc.get_threshold()[1:])
    results: list[Result] = []
    for name, backend in engines.items():
        try:
            results += [await measured(name, backend, length, rounds) for length in turns]
        finally:
            await backend.close()
    return results


def main(turns: list[int], rounds: int, result: Path) -> None:
    """Measure, and write the result."""
    report = [asdict(found) for found in asyncio.run(measure(turns, rounds))]
    result.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, nargs="+", default=[10, 100, 500, 2000])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--result", type=Path, default=HERE / "result.json")
    main(**vars(parser.parse_args()))
