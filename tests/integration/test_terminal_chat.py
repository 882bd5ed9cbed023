"""`maru chat` as a person uses it: it brings its own server, keeps the conversation, stops an answer, cleans up."""

import os
import pty
import select
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.echo_models import ECHO, counting

MARU = [sys.executable, "-m", "maru"]
TIMEOUT_S = 60


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Settings of a server that echoes, and one that counts slowly, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file = tmp_path / "maru.toml"
    file.write_text(f'port = {port}\ndata_dir = "data"\n' + ECHO + counting("slow", 5_000, pace=20))
    return file


def chat(config: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a chat prints when these lines are piped into it."""
    command = [*MARU, "chat", "--config", str(config), *options]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)


def test_chat_brings_its_server_and_goes_on_later(config: Path) -> None:
    """Two chats, two servers, one conversation; Korean passes through unharmed."""
    first = chat(config, "안녕 마루\n")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[-1].strip() == "안녕 마루"
    second = chat(config, "again\n", "--continue")
    assert second.returncode == 0, second.stderr
    assert [line.strip() for line in second.stdout.splitlines() if line.strip()][-3:] == [
        "> 안녕 마루",
        "안녕 마루",
        "again",
    ]
    models = subprocess.run([*MARU, "models", "--config", str(config)], capture_output=True, text=True, check=False)
    assert models.returncode == 1
    assert "No server answers" in models.stderr


def test_unknown_model_is_told_and_the_chat_goes_on(config: Path) -> None:
    """A refusal ends the turn, not the chat."""
    done = chat(config, "hi\nho\n", "--model", "nothing")
    assert done.returncode == 0
    assert done.stdout.count("nothing") == 2


def test_server_that_cannot_start_is_told(config: Path) -> None:
    """With the server's own words: here another program has the port."""
    port = int(config.read_text().split()[2])
    with socket.create_server(("127.0.0.1", port)) as taken:
        taken.settimeout(TIMEOUT_S)
        done = subprocess.Popen([*MARU, "chat", "--config", str(config)], stderr=subprocess.PIPE, text=True)
        taken.accept()[0].close()
        _, told = done.communicate(timeout=TIMEOUT_S)
    assert done.returncode == 1
    assert "could not start" in told
    assert str(port) in told


def test_ctrl_c_stops_the_answer_and_ctrl_d_ends(config: Path) -> None:
    """In a real terminal; the server that was started is gone afterwards."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [*MARU, "chat", "--config", str(config), "--model", "slow"])  # noqa: S606
    screen = Screen(terminal)
    screen.wait_for("Ctrl+D ends.", "> ")
    os.write(terminal, b"count\n")
    screen.wait_for(" 5x")
    os.write(terminal, b"\x03")
    screen.wait_for("Stopped.", "> ")
    os.write(terminal, b"\x04")
    assert screen.status_of(pid) == 0
    os.close(terminal)


class Screen:
    """What a program wrote to its terminal."""

    def __init__(self, terminal: int) -> None:
        """Read from this end of the terminal."""
        self._terminal = terminal
        self._text = ""

    def wait_for(self, *words: str) -> None:
        """Read until all words came, in this order; what comes later is waited for anew."""
        deadline = time.monotonic() + TIMEOUT_S
        for word in words:
            while word not in self._text:
                assert time.monotonic() < deadline, f"{word!r} did not come: {self._text[-2000:]!r}"
                self._read()
            self._text = self._text.split(word, 1)[1]

    def status_of(self, pid: int) -> int:
        """How the program ended."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            self._read()
        os.kill(pid, signal.SIGKILL)
        pytest.fail(f"the chat did not end: {self._text[-2000:]!r}")

    def _read(self) -> None:
        readable, _, _ = select.select([self._terminal], [], [], 0.1)
        if readable:
            try:
                self._text += os.read(self._terminal, 65_536).decode(errors="replace")
            except OSError:  # the other end is closed
                time.sleep(0.05)
