"""Load on one server process: many paced streams over the WebSocket, stored, every token checked.

Starts the paced upstream and `maru serve`, opens N sockets, each asks once; prints and writes server CPU per 1,000
tokens, added time to first token over asking the upstream directly, gaps, memory. All figures come from one run,
because only ratios within a run are comparable on shared machines.

Run: `python bench/streaming/run.py` (or `make bench`); results: `bench/streaming/result.json`.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import aiohttp
from upstream import token

HERE = Path(__file__).parent
UPSTREAM_PORT = 8901
SERVER_PORT = 8902
ROUNDS_ALONE = 30  # one first token says little
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Result:
    """Figures of one load; times in milliseconds, memory in MiB."""

    streams: int
    arrive_within_s: float
    tokens: int
    failed: int
    server_cpu_ms_per_1000_tokens: float
    upstream_cpu_ms_per_1000_tokens: float
    first_token_direct_median_ms: float
    first_token_maru_median_ms: float
    first_token_added_median_ms: float
    gap_p50_ms: float
    gap_p99_ms: float
    server_rss_mib: float


@dataclass(slots=True)
class Stream:
    """What one client saw."""

    first_token_s: float | None = None
    gaps_s: list[float] | None = None
    is_right: bool = False
    trouble: str = "closed early"


def cpu_s(pid: int) -> float:
    """User and system CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def rss_mib(pid: int) -> float:
    """Resident memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


async def through_maru(
    session: aiohttp.ClientSession, seed: str, count: int, start: asyncio.Event, wait_s: float
) -> Stream:
    """One stored create over a WebSocket of its own, numbers and words checked."""
    seen = Stream()
    text: list[str] = []
    gaps: list[float] = []
    async with session.ws_connect(f"http://127.0.0.1:{SERVER_PORT}/v1/responses", max_msg_size=0) as socket:
        await start.wait()
        await asyncio.sleep(wait_s)
        begin = last = time.perf_counter()
        await socket.send_str(json.dumps({"type": "response.create", "model": "paced", "input": seed}))
        expected = 0
        async for message in socket:
            if '"type":"response.output_text.delta"' in message.data:
                now = time.perf_counter()
                event = json.loads(message.data)
                text.append(event["delta"])
                if seen.first_token_s is None:
                    seen.first_token_s = now - begin
                else:
                    gaps.append(now - last)
                last = now
                is_next = event["sequence_number"] == expected
            else:
                event = json.loads(message.data)
                is_next = event.get("sequence_number") == expected
            if not is_next:
                seen.trouble = message.data
                return seen
            expected += 1
            if event["type"] == "response.completed":
                seen.gaps_s = gaps
                seen.trouble = "other words"
                seen.is_right = "".join(text) == "".join(token(seed, index) for index in range(count))
                return seen
    return seen


async def directly(session: aiohttp.ClientSession, seed: str, start: asyncio.Event, wait_s: float) -> float:
    """Seconds to the first token when the upstream is asked without Maru; the whole answer is read."""
    await start.wait()
    await asyncio.sleep(wait_s)
    begin = time.perf_counter()
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": seed}]}
    async with session.post(f"http://127.0.0.1:{UPSTREAM_PORT}/v1/chat/completions", json=body) as response:
        await response.content.readany()
        first_token_s = time.perf_counter() - begin
        await response.content.read()
    return first_token_s


async def alone(session: aiohttp.ClientSession) -> tuple[list[float], list[float]]:
    """Seconds to the first token, directly and through Maru, of one stream at a time; it is left after that."""
    body = {"model": "paced", "stream": True, "messages": [{"role": "user", "content": "alone"}]}
    direct, through = [], []
    for number in range(ROUNDS_ALONE):
        begin = time.perf_counter()
        async with session.post(f"http://127.0.0.1:{UPSTREAM_PORT}/v1/chat/completions", json=body) as response:
            await response.content.readany()
            direct.append(time.perf_counter() - begin)
            response.close()
        async with session.ws_connect(f"http://127.0.0.1:{SERVER_PORT}/v1/responses") as socket:
            begin = time.perf_counter()
            await socket.send_str(json.dumps({"type": "response.create", "model": "paced", "input": f"alone {number}"}))
            async for message in socket:
                if '"type":"response.output_text.delta"' in message.data:
                    through.append(time.perf_counter() - begin)
                    break
        await asyncio.sleep(0.05)
    return direct, through


async def measure(streams: int, count: int, arrive_within_s: float, server: int, upstream: int) -> Result:
    """One load of `streams`, which begin evenly over `arrive_within_s` and then run beside each other."""
    async with aiohttp.ClientSession() as session:  # what only the very first answer costs is no one's waiting time
        now = asyncio.Event()
        now.set()
        await through_maru(session, f"warm-{time.time_ns()}", count, now, 0)
    waits = [arrive_within_s * number / streams for number in range(streams)]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        start = asyncio.Event()
        asked = [asyncio.create_task(directly(session, f"d{i}", start, wait_s)) for i, wait_s in enumerate(waits)]
        await asyncio.sleep(0.5)
        start.set()
        direct = await asyncio.gather(*asked)
        await asyncio.sleep(1)
        start = asyncio.Event()
        name = f"{streams}-{time.time_ns()}"
        opened = [
            asyncio.create_task(through_maru(session, f"{name}-{i}", count, start, wait_s))
            for i, wait_s in enumerate(waits)
        ]
        await asyncio.sleep(1.5)
        before, upstream_before = cpu_s(server), cpu_s(upstream)
        start.set()
        seen = await asyncio.gather(*opened)
        used, upstream_used = cpu_s(server) - before, cpu_s(upstream) - upstream_before
    for trouble, times in Counter(stream.trouble for stream in seen if not stream.is_right).most_common(5):
        print(f"{times} of {streams} streams failed: {trouble}", file=sys.stderr)
    thousands = streams * count / 1000
    gaps = sorted(gap for stream in seen for gap in stream.gaps_s or ())
    first_s = [stream.first_token_s for stream in seen if stream.first_token_s is not None]
    if streams == 1:
        async with aiohttp.ClientSession() as session:
            direct, first_s = await alone(session)
    first = statistics.median(first_s)
    return Result(
        streams=streams,
        arrive_within_s=arrive_within_s,
        tokens=streams * count,
        failed=sum(not stream.is_right for stream in seen),
        server_cpu_ms_per_1000_tokens=round(used * 1000 / thousands, 1),
        upstream_cpu_ms_per_1000_tokens=round(upstream_used * 1000 / thousands, 1),
        first_token_direct_median_ms=round(statistics.median(direct) * 1000, 2),
        first_token_maru_median_ms=round(first * 1000, 2),
        first_token_added_median_ms=round((first - statistics.median(direct)) * 1000, 2),
        gap_p50_ms=round(gaps[len(gaps) // 2] * 1000, 1) if gaps else 0.0,
        gap_p99_ms=round(gaps[int(len(gaps) * 0.99)] * 1000, 1) if gaps else 0.0,
        server_rss_mib=round(rss_mib(server), 1),
    )


async def wait_until_ready() -> float:
    """Seconds until `/readyz` says yes."""
    begin = time.perf_counter()
    async with aiohttp.ClientSession() as session:
        while not await is_ready(session):
            if time.perf_counter() - begin > 60:
                message = "the server did not become ready within a minute"
                raise SystemExit(message)
            await asyncio.sleep(0.02)
    return time.perf_counter() - begin


async def is_ready(session: aiohttp.ClientSession) -> bool:
    """Whether the default model can be asked."""
    try:
        async with session.get(f"http://127.0.0.1:{SERVER_PORT}/readyz") as response:
            return response.status == 200
    except aiohttp.ClientError:
        return False


def main() -> None:
    """Start everything, measure each load, write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 50, 200])
    parser.add_argument("--arrive-within", type=float, nargs="+", default=[0.0, 2.0], help="seconds; 0: all at once")
    parser.add_argument("--rate", type=float, default=50.0, help="tokens a second and stream")
    parser.add_argument("--tokens", type=int, default=250, help="tokens an answer")
    parser.add_argument("--result", type=Path, default=HERE / "result.json")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "maru.toml"
        config.write_text(
            'default_model = "paced"\n\n[[models]]\nid = "paced"\nbackend = "openai"\n'
            f'base_url = "http://127.0.0.1:{UPSTREAM_PORT}/v1"\n'
        )
        paced = [sys.executable, str(HERE / "upstream.py"), "--port", str(UPSTREAM_PORT)]
        upstream = subprocess.Popen(
            [*paced, "--rate", str(options.rate), "--tokens", str(options.tokens)], stderr=subprocess.DEVNULL
        )
        time.sleep(1)
        maru = [str(Path(sys.executable).with_name("maru")), "serve", "--port", str(SERVER_PORT)]
        server = subprocess.Popen([*maru, "--data-dir", folder, "--config", str(config)], stdout=subprocess.DEVNULL)
        try:
            start_s = asyncio.run(wait_until_ready())
            time.sleep(1)
            idle = round(rss_mib(server.pid), 1)
            loads = [(n, within) for n in options.streams for within in options.arrive_within if n > 1 or not within]
            results = [
                asdict(asyncio.run(measure(n, options.tokens, within, server.pid, upstream.pid))) for n, within in loads
            ]
        finally:
            server.terminate()
            server.wait(20)
            upstream.terminate()
    report = {"start_to_ready_s": round(start_s, 2), "idle_rss_mib": idle, "rate": options.rate, "loads": results}
    options.result.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
