"""`maru serve` as a process of its own, for tests that need the real thing: sockets, signals, a database on disk."""

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

MARU = str(Path(sys.executable).with_name("maru"))
READY_WITHIN_S = 240.0
FIRST_SERVER_PORT, FIRST_CLIENT_PORT = 16_384, 32_768  # Linux gives clients' ends the ports from there on


def free_port() -> int:
    """A port that nobody listens on now, and that no client's end is given while a server is down."""
    while True:
        port = secrets.randbelow(FIRST_CLIENT_PORT - FIRST_SERVER_PORT) + FIRST_SERVER_PORT
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


@dataclass(slots=True)
class LiveServer:
    """One server process and how to start it again."""

    folder: Path
    config: str
    port: int
    drain_s: float = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, without a path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        """The socket of responses."""
        return f"ws://127.0.0.1:{self.port}/v1/responses"

    @property
    def log(self) -> str:
        """What it has printed so far, in all its starts."""
        return (self.folder / "server.log").read_text()

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start and wait until the default model can be asked."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "maru.toml"
        config.write_text(self.config)
        with (self.folder / "server.log").open("ab") as log:
            flags = ("--port", str(self.port), "--data-dir", str(self.folder / "data"), "--config", str(config))
            self.process = subprocess.Popen(
                [MARU, "serve", *flags],
                stdout=log,
                stderr=log,
                env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1", "MARU_DRAIN_S": str(self.drain_s)},
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                message = f"the server ended at once:\n{self.log}"
                raise AssertionError(message)
            if _is_ready(self.url):
                return
            time.sleep(0.05)
        message = f"the server was not ready after {READY_WITHIN_S} s:\n{self.log}"
        raise AssertionError(message)

    def send(self, number: signal.Signals) -> int:
        """Send a signal and wait for the end; returns the exit status."""
        process = self.process
        if process is None:
            return 0
        process.send_signal(number)
        return process.wait(30)

    def stop(self) -> None:
        """End it, if it runs."""
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGTERM)


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@contextmanager
def live_server(folder: Path, config: str) -> Generator[LiveServer]:
    """A running server that is stopped at the end."""
    server = LiveServer(folder, config, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
