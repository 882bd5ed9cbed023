"""Speed of the in-process engine: tokens a second, time to the first, and how long the event loop is held up.

Run: `nice -n 10 python bench/local_engine/run.py`; the last result is in `result.md`. Processor time is the figure to
compare: wall time depends on who else uses the machine.
"""

import argparse
import asyncio
import statistics
import time
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace

from maru_backends.base import Backend, ChatMessage, ChatRequest, Role, Sampling, TextDelta, TextPart, Usage
from maru_backends.transformers_local import TransformersSettings, open_backend

# So hot that every token is about as likely: no answer ends by itself.
ENDLESS = Sampling(temperature=20, seed=1)
TOKENS = 128
STREAMS = (1, 8, 32)
TURNS = 10
TICK_S = 0.005


@dataclass
class Load:
    """What was measured of a number of streams at once."""

    tokens: int = 0
    wall_s: float = 0.0
    processor_s: float = 0.0
    first_s: list[float] = field(default_factory=list[float])
    late_s: list[float] = field(default_factory=list[float])


def said(role: Role, text: str) -> ChatMessage:
    """A message of one text."""
    return ChatMessage(role, (TextPart(text),))


async def one_stream(backend: Backend, number: int, load: Load) -> None:
    """Read one answer and note its figures."""
    started = time.perf_counter()
    request = ChatRequest((said("user", f"{number}: my name is Jihoon, tell me more. " * 4),), ENDLESS, TOKENS)
    seen = False
    async with aclosing(backend.stream(request)) as events:
        async for event in events:
            if isinstance(event, TextDelta) and not seen:
                seen = True
                load.first_s.append(time.perf_counter() - started)
            if isinstance(event, Usage):
                load.tokens += event.output_tokens


async def tick(late_s: list[float]) -> None:
    """Note how much later than asked the event loop wakes."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(TICK_S)
        late_s.append(time.perf_counter() - started - TICK_S)


async def measured(backend: Backend, streams: int) -> Load:
    """So many streams at once, from the first request to the last token."""
    load = Load()
    ticker = asyncio.create_task(tick(load.late_s))
    wall, processor = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one_stream(backend, number, load) for number in range(streams)))
    load.wall_s, load.processor_s = time.perf_counter() - wall, time.process_time() - processor
    ticker.cancel()
    with suppress(asyncio.CancelledError):
        await ticker
    return load


async def chat(backend: Backend) -> tuple[int, int]:
    """Prompt tokens of a conversation, and those that were served from the cache."""
    request = ChatRequest((said("user", "Hello, my name is Jihoon."),), Sampling(temperature=0), 32, session_id="bench")
    prompt = cached = 0
    for turn in range(TURNS):
        text = ""
        async with aclosing(backend.stream(request)) as events:
            async for event in events:
                if isinstance(event, TextDelta):
                    text += event.text
                if isinstance(event, Usage):
                    prompt, cached = prompt + event.input_tokens, cached + event.cached_tokens
        more = (said("assistant", text), said("user", f"And what is {turn} and {turn + 1}?"))
        request = replace(request, messages=request.messages + more)
    return prompt, cached


async def main(source: str, threads: int) -> None:
    """Print the table."""
    started = time.perf_counter()
    backend = await open_backend(TransformersSettings(source=source, threads=threads))
    print(f"open {time.perf_counter() - started:.1f} s; {threads} thread(s), {TOKENS} tokens an answer\n")
    await measured(backend, 1)
    print(
        "| streams | tokens/s wall | tokens per processor s | first token median, worst ms | loop late p99, worst ms |"
    )
    print("| --- | --- | --- | --- | --- |")
    for streams in STREAMS:
        load = await measured(backend, streams)
        late = sorted(load.late_s)
        print(
            f"| {streams} | {load.tokens / load.wall_s:.0f} | {load.tokens / load.processor_s:.0f} "
            f"| {1e3 * statistics.median(load.first_s):.0f}, {1e3 * max(load.first_s):.0f} "
            f"| {1e3 * late[int(0.99 * len(late))]:.1f}, {1e3 * late[-1]:.1f} |"
        )
    prompt, cached = await chat(backend)
    print(f"\n{TURNS} turns of one conversation: {prompt} prompt tokens, {cached} of them from the cache")
    await backend.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", default="house")
    parser.add_argument("--threads", type=int, default=1)
    asyncio.run(main(**vars(parser.parse_args())))
