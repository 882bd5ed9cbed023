"""An engine process for fault tests, seen from outside: started, killed, stopped, and asked what it has done.

Word i of an answer is a hash of (prompt, i), so that a gap, a repeat or a swap shows. The prompt itself says how it is
played, in words such as `words=200`, beside any others:

    Adapters are loaded and unloaded as into vLLM, and gone after a restart; their answers are the base's.

    words=N: how many words; pace=N: how many a second; cut=N: the stream ends silently after N words, the first time
    that the prompt comes in; die=N: the whole engine dies after N words, each time.
"""

import json
import math
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parents[1]
READY_WITHIN_S = 60.0
DEFAULTS = {"words": 100, "pace": 50, "cut": -1, "die": -1}
MODELS = """
default_model = "paced"

[[models]]
id = "paced"
backend = "openai"
base_url = "{base_url}"
"""


@dataclass(frozen=True, slots=True)
class Play:
    """How a prompt wants to be answered; see the module."""

    words: int
    pace: int
    cut: int
    die: int


def play_of(prompt: str) -> Play:
    """The play that a prompt asks for."""
    pairs = (word.split("=", 1) for word in prompt.split() if "=" in word)
    wished = {name: int(value) for name, value in pairs if name in DEFAULTS}
    return Play(**{**DEFAULTS, **wished})


@dataclass(frozen=True, slots=True)
class EngineCall:
    """What the engine did for one prompt; times as `time.monotonic()`, which all processes share.

    Attributes:
        session: the conversation, as the engine was told.
        said: words that it sent.
        ended_at: when it was done or its caller had left; infinite while it goes on, None when the engine died before.
    """

    prompt: str
    session: str
    began_at: float
    said: int = 0
    ended_at: float | None = None


@dataclass(slots=True)
class PacedEngine:
    """One engine process, to be killed, stopped and started again."""

    log: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """As a backend takes it."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Start it and wait until it can be asked."""
        program = [sys.executable, "-m", "support.paced_engine_process", str(self.port), str(self.log)]
        path = os.pathsep.join(filter(None, [str(TESTS), os.environ.get("PYTHONPATH")]))
        self.process = subprocess.Popen(program, env={**os.environ, "PYTHONPATH": path})
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._is_up():
            if self.process.poll() is not None:
                message = f"the engine ended before it was up, with status {self.process.returncode}"
                raise AssertionError(message)
            if time.monotonic() > deadline:
                message = f"the engine was not up after {READY_WITHIN_S} s"
                raise AssertionError(message)
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send a signal; after one that ends it, wait for the end."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(number)
        if number in {signal.SIGKILL, signal.SIGTERM}:
            self.process.wait(30)

    def calls(self) -> list[EngineCall]:
        """What it has done so far, in all its lives."""
        found: dict[tuple[int, int], EngineCall] = {}
        for line in self.log.read_text(encoding="utf-8").splitlines():
            pid, call, at, what, *rest = json.loads(line)
            if what == "began":
                lives = self.process is not None and self.process.pid == pid and self.process.poll() is None
                found[pid, call] = EngineCall(rest[0], rest[1], at, ended_at=math.inf if lives else None)
            else:
                begun = found[pid, call]
                found[pid, call] = EngineCall(begun.prompt, begun.session, begun.began_at, rest[0], at)
        return list(found.values())

    def _is_up(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.base_url}/models", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            return False


@contextmanager
def paced_engine(folder: Path, port: int) -> Generator[PacedEngine]:
    """A running engine that is killed at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = PacedEngine(folder / f"engine-{port}.log", port)
    engine.start()
    try:
        yield engine
    finally:
        engine.send(signal.SIGKILL)
