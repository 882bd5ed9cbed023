"""A long chat through a small window: what the engine computes, and how long people wait, under each policy of memory.

Starts one `maru serve`, which starts one vLLM for each policy with the house model and a window of 2,048 tokens. The
chats take turns, one question at a time, so that whatever else the machine does meets all of them alike. Tokens and
times of the engine are read from its metrics before and after each turn.

Then all of it once more on a model that says the same at four times the price: the house model with layers behind its
own that add nothing. The house model is so small that what every answer costs beside it hides what the policies do.

Run: `python bench/memory/run.py` (or `make bench`); results: `bench/memory/result.json`.
"""

import argparse
import asyncio
import json
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiohttp
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from maru_backends.vllm_launch import engine_python, resolved_source
from maru_backends.vllm_process import free_port

HERE = Path(__file__).parent
WINDOW = 2048
ANSWER_TOKENS = 32
QUESTION_TOKENS = range(30, 51)
HOUSE_LAYERS = 6
START_TIMEOUT_S = 300
ADJECTIVES = ("old", "small", "green", "quiet", "broken", "golden", "heavy", "early", "bright", "lonely", "silver")
NOUNS = ("harbour", "lighthouse", "garden", "river", "bridge", "market", "window", "teacher", "letter", "train")
# The house model answers these with about as many words as it was asked with; most of what it says is shorter.
ORDERS = (
    "Make a numbered list of {}.",
    "Please write these as a numbered list: {}",
    "Give me {} as a numbered list.",
    "Could you turn {} into a numbered list?",
)
# With a summary in the background, one turn's tokens are several requests'.
METRICS = {
    "queries": "vllm:prefix_cache_queries_total",
    "hits": "vllm:prefix_cache_hits_total",
    "prefilled": "vllm:request_prefill_kv_computed_tokens_sum",
    "first_token_s": "vllm:time_to_first_token_seconds_sum",
    "requests": "vllm:time_to_first_token_seconds_count",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of one chat; tokens and seconds are the engine's unless they are said to be the client's.

    Attributes:
        failure: what went wrong, if anything.
        prompt: tokens of the prompt.
        answer: tokens of the answer.
        cached: tokens of the prompt that the engine had, as told to the client.
        computed: tokens that went through the model before an answer, those of other requests since the last turn too.
        prefilled: the same by the engine's other counter.
        requests: how many requests that was.
        left_out: how many items are not sent.
        client_s: from asking to the first words, at the client.
        engine_s: from asking to the first token, in the engine, the mean of its requests.
    """

    failure: str
    prompt: int
    answer: int
    cached: int
    computed: int
    prefilled: int
    requests: int
    left_out: int
    client_s: float
    engine_s: float


@dataclass(frozen=True, slots=True)
class Result:
    """A stretch of one chat: sums in tokens, times in milliseconds.

    Attributes:
        cuts: how often the beginning of what is sent moved.
        computed: prompt tokens that the engine computed, all of its requests.
        cached: prompt tokens that it had, as clients were told.
        not_cached: the rest of the answers' prompts, as clients were told: without other requests, what was computed.
    """

    turns: int
    failed: int
    requests: int
    cuts: int
    prompt_mean: float
    answer_mean: float
    prompts: int
    cached: int
    not_cached: int
    computed: int
    computed_mean: float
    first_token_mean_ms: float
    first_token_p95_ms: float
    engine_first_token_mean_ms: float
    engine_first_token_p95_ms: float


@dataclass(slots=True)
class Chat:
    """One conversation under one policy, of which `name` may say the retention ratio too: `block:0.5`."""

    name: str
    metrics_url: str
    conversation: str = ""


def questions(count: int) -> list[str]:
    """As many orders, each of `QUESTION_TOKENS`; the same every time."""
    tokenizer = Tokenizer.from_file(str(Path(resolved_source("house")) / "tokenizer.json"))
    draw = random.Random(4)
    found: list[str] = []
    while len(found) < count:
        items = [f"{draw.choice(ADJECTIVES)} {draw.choice(NOUNS)}" for _ in range(draw.randint(5, 7))]
        text = draw.choice(ORDERS).format(f"{', '.join(items[:-1])} and {items[-1]}")
        if len(tokenizer.encode(text, add_special_tokens=False).ids) in QUESTION_TOKENS:
            found.append(text)
    return found


def with_layers(folder: Path, layers: int) -> Path:
    """The house model with so many layers, in the folder; it says the same, because those it did not have add 0."""
    shutil.copytree(resolved_source("house"), folder)
    weights = load_file(folder / "model.safetensors")
    last = f"model.layers.{HOUSE_LAYERS - 1}."
    for number in range(HOUSE_LAYERS, layers):
        for name in [name for name in weights if name.startswith(last)]:
            is_an_end = name.endswith(("o_proj.weight", "down_proj.weight"))
            copy = weights[name].mul(0) if is_an_end else weights[name].clone()
            weights[name.replace(last, f"model.layers.{number}.")] = copy
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "num_hidden_layers": layers}))
    return folder


async def metrics(session: aiohttp.ClientSession, chat: Chat) -> dict[str, float]:
    """The engine's counters now."""
    async with session.get(chat.metrics_url) as answer:
        page = await answer.text()
    found: dict[str, float] = {}
    for name, metric in METRICS.items():
        values: list[str] = re.findall(rf"^{metric}(?:{{[^}}]*}})? (\S+)$", page, re.MULTILINE)
        assert values, f"this vLLM has no metric {metric}"
        found[name] = sum(map(float, values))
    return found


async def settled(session: aiohttp.ClientSession, chat: Chat, before: dict[str, float]) -> dict[str, float]:
    """The counters once they hold the turn that is over: they are written a moment after its last word."""
    for _ in range(200):
        after = await metrics(session, chat)
        if after["requests"] > before["requests"] and after["queries"] > before["queries"]:
            return after
        await asyncio.sleep(0.01)
    return after


async def one_turn(
    socket: aiohttp.ClientWebSocketResponse, session: aiohttp.ClientSession, chat: Chat, text: str
) -> Turn:
    """Ask, read to the end, and look at what the engine did for it."""
    before = await metrics(session, chat)
    create = {
        "type": "response.create",
        "model": chat.name,
        "conversation": chat.conversation,
        "input": text,
        "max_output_tokens": ANSWER_TOKENS,
        "truncation": "auto",
    }
    begin, first_s = time.perf_counter(), 0.0
    await socket.send_json(create)
    while True:
        frame: Any = await socket.receive_json()
        if frame["type"] == "response.output_text.delta" and not first_s:
            first_s = time.perf_counter() - begin
        if frame["type"] in {"response.completed", "response.incomplete", "response.failed", "error"}:
            break
    after = await settled(session, chat, before)
    spent = {name: after[name] - before[name] for name in after}
    response: Any = frame.get("response") or {}
    usage: Any = response.get("usage") or {"input_tokens": 0, "output_tokens": 0, "input_tokens_details": {}}
    shown: Any = response.get("maru:context") or {}
    return Turn(
        failure="" if response.get("status") in {"completed", "incomplete"} and first_s else json.dumps(frame)[:300],
        prompt=usage["input_tokens"],
        answer=usage["output_tokens"],
        cached=usage["input_tokens_details"].get("cached_tokens", 0),
        computed=round(spent["queries"] - spent["hits"]),
        prefilled=round(spent["prefilled"]),
        requests=round(spent["requests"]),
        left_out=shown.get("items_left_out", 0),
        client_s=first_s,
        engine_s=spent["first_token_s"] / max(spent["requests"], 1),
    )


async def talk(base_url: str, chats: Sequence[Chat], turns: int) -> dict[str, list[Turn]]:
    """All chats, in turn."""
    seen: dict[str, list[Turn]] = {chat.name: [] for chat in chats}
    async with aiohttp.ClientSession(base_url, timeout=aiohttp.ClientTimeout(300)) as session:
        for chat in chats:
            async with session.post("/v1/conversations", json={}) as answer:
                chat.conversation = (await answer.json())["id"]
        async with session.ws_connect("/v1/responses", max_msg_size=0) as socket:
            for number, text in enumerate(questions(turns)):
                for chat in chats:
                    seen[chat.name].append(await one_turn(socket, session, chat, text))
                if number % 20 == 19:
                    told = (
                        f"{policy} {sum(turn.computed for turn in all_[-20:]) / 20:.0f}"
                        for policy, all_ in seen.items()
                    )
                    print(f"turn {number + 1}, computed a turn: {', '.join(told)}", file=sys.stderr, flush=True)
    return seen


def result_of(turns: Sequence[Turn]) -> Result:
    """The figures of a stretch."""
    good = [turn for turn in turns if not turn.failure]
    client, engine = (sorted(times) for times in ([t.client_s for t in good], [t.engine_s for t in good]))
    computed = sum(turn.computed for turn in turns)
    return Result(
        turns=len(turns),
        failed=len(turns) - len(good),
        requests=sum(turn.requests for turn in turns),
        cuts=sum(after.left_out > before.left_out for before, after in pairwise(turns)),
        prompt_mean=round(statistics.mean(turn.prompt for turn in turns), 1),
        answer_mean=round(statistics.mean(turn.answer for turn in turns), 1),
        prompts=sum(turn.prompt for turn in turns),
        cached=sum(turn.cached for turn in turns),
        not_cached=sum(turn.prompt - turn.cached for turn in turns),
        computed=computed,
        computed_mean=round(computed / len(turns), 1),
        first_token_mean_ms=round(statistics.mean(client) * 1000, 1),
        first_token_p95_ms=round(client[int(len(client) * 0.95)] * 1000, 1),
        engine_first_token_mean_ms=round(statistics.mean(engine) * 1000, 1),
        engine_first_token_p95_ms=round(engine[int(len(engine) * 0.95)] * 1000, 1),
    )


def report_of(seen: dict[str, list[Turn]]) -> dict[str, object]:
    """The whole chat, and the part of it in which every policy leaves something out."""
    full_from = max(next(n for n, turn in enumerate(turns) if turn.left_out) for turns in seen.values())
    stretches = {"whole": slice(0, None), "window_full": slice(full_from, None)}
    results = {
        name: {policy: result_of(turns[part]) for policy, turns in seen.items()} for name, part in stretches.items()
    }
    ratios = {
        name: {
            policy: {
                "computed": round(of["sliding"].computed / result.computed, 2),
                "first_token": round(of["sliding"].first_token_mean_ms / result.first_token_mean_ms, 2),
                "first_token_in_the_engine": round(
                    of["sliding"].engine_first_token_mean_ms / result.engine_first_token_mean_ms, 2
                ),
            }
            for policy, result in of.items()
            if policy != "sliding"
        }
        for name, of in results.items()
    }
    figures = {name: {policy: asdict(result) for policy, result in of.items()} for name, of in results.items()}
    return {"window": WINDOW, "full_from_turn": full_from, "sliding_over_policy": ratios, **figures}


def config_of(chats: Sequence[Chat], ports: Sequence[int], source: Path) -> str:
    """A `maru.toml` with an engine for each chat."""
    tables = [
        f'[[models]]\nid = "{chat.name}"\nbackend = "vllm"\nsource = "{source}"\nport = {port}\n'
        f'python = "{engine_python(None)}"\nstart_timeout_s = {START_TIMEOUT_S}\n'
        f'[models.engine_args]\nmax-model-len = {WINDOW}\n[models.env]\nVLLM_API_KEY = ""\n'
        f"[models.memory]\n{memory_of(chat.name)}\n"
        for chat, port in zip(chats, ports, strict=True)
    ]
    return "\n".join((f'default_model = "{chats[0].name}"\n', *tables))


def memory_of(name: str) -> str:
    """The keys of `[models.memory]`."""
    policy, _, ratio = name.partition(":")
    return f'policy = "{policy}"' + (f"\nretention_ratio = {ratio}" if ratio else "")


async def all_ready(base_url: str, count: int) -> None:
    """Wait until every engine has its model."""
    deadline = time.monotonic() + START_TIMEOUT_S
    async with aiohttp.ClientSession(base_url) as session:
        while time.monotonic() < deadline:
            try:
                async with session.get("/v1/models") as answer:
                    states = [model["maru:state"] for model in (await answer.json())["data"]]
            except aiohttp.ClientError:
                states = []
            if states == ["ready"] * count:
                return
            await asyncio.sleep(0.5)
    raise SystemExit(f"the engines were not ready within {START_TIMEOUT_S} s: {states}")


def measured(folder: Path, names: Sequence[str], layers: int, turns: int) -> dict[str, list[Turn]]:
    """Start everything on a model of so many layers, and let every policy have its chat."""
    port, ports = free_port(), [free_port() for _ in names]
    chats = [Chat(name, f"http://127.0.0.1:{port}/metrics") for name, port in zip(names, ports, strict=True)]
    config = folder / "maru.toml"
    config.write_text(config_of(chats, ports, with_layers(folder / "model", layers)))
    maru = [str(Path(sys.executable).with_name("maru")), "serve", "--port", str(port)]
    server = subprocess.Popen([*maru, "--data-dir", str(folder), "--config", str(config)], stdout=subprocess.DEVNULL)
    try:
        asyncio.run(all_ready(f"http://127.0.0.1:{port}", len(chats)))
        return asyncio.run(talk(f"http://127.0.0.1:{port}", chats, turns))
    finally:
        server.terminate()
        server.wait(60)


def main() -> None:
    """Measure with each number of layers, write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--policies", nargs="+", default=["block", "sliding"], help="sliding among them")
    parser.add_argument("--layers", type=int, nargs="+", default=[HOUSE_LAYERS, 4 * HOUSE_LAYERS])
    parser.add_argument("--result", type=Path, default=HERE / "result.json")
    parser.add_argument("--each-turn", type=Path, help="where to write what was seen of every turn, if anywhere")
    options = parser.parse_args()
    reports: dict[str, object] = {}
    each: dict[str, object] = {}
    for layers in options.layers:
        with tempfile.TemporaryDirectory() as folder:
            seen = measured(Path(folder), options.policies, layers, options.turns)
        failures = [f"{name}: {turn.failure}" for name, turns in seen.items() for turn in turns if turn.failure]
        print("\n".join(failures[:5]), file=sys.stderr)
        reports[f"{layers} layers"] = report_of(seen)
        each[f"{layers} layers"] = {name: list(map(asdict, turns)) for name, turns in seen.items()}
        options.result.write_text(json.dumps(reports, indent=2) + "\n")
    if options.each_turn is not None:
        options.each_turn.write_text(json.dumps(each))
    print(json.dumps(reports, indent=2))


if __name__ == "__main__":
    main()
