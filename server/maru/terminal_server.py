"""A server for the length of a chat: started in the background where none answers, stopped at the end."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from maru.settings import load_settings
from maru.terminal_client import ChatError, Client, server_url

LOAD_TIMEOUT_S = 600.0
POLL_S = 0.2
STOP_TIMEOUT_S = 15.0
LOG_NAME = "chat-server.log"
_LAST_LINES = 12


@contextmanager
def server_for_chat(url: str | None, config: Path | None, console: Console, runner: asyncio.Runner) -> Generator[str]:
    """Address of a server that answers; one is started unless an address was given or one is running.

    Raises:
        ChatError: there is none, and none could be started.
    """
    address = server_url(url, config)
    if url is not None or runner.run(_is_up(address)):
        yield address
        return
    log = load_settings({"config": config}).data_dir / LOG_NAME
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "maru", "serve", *(("--config", str(config)) if config else ())],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            # Ctrl+C is meant for the answer, not for the server.
            start_new_session=True,
        )
    try:
        with console.status("Starting a server and loading its model ..."):
            runner.run(_until_ready(address, process, log))
        yield address
    finally:
        _stop(process)


async def _is_up(address: str) -> bool:
    async with Client(address, None) as client:
        return await client.is_up()


async def _until_ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + LOAD_TIMEOUT_S
    async with Client(address, None) as client:
        while time.monotonic() < deadline:
            if process.poll() is not None:
                raise ChatError("The server could not start:\n  " + _last_words(log))
            # A model that failed is told by the first answer, in the server's own words.
            if await client.readiness() in {"ready", "failed", "out"}:
                return
            await asyncio.sleep(POLL_S)
    raise ChatError(f"The model was not loaded within {LOAD_TIMEOUT_S:.0f} s; see {log}")


def _last_words(log: Path) -> str:
    return "\n  ".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LAST_LINES:])


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
