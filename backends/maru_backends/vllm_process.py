"""Keeps one vLLM server alive: starts it, waits until it is ready, restarts it when it dies, stops it wholly.

Knows processes, logs and time; what is asked of the engine is the backend's business.
"""

import asyncio
import logging
import socket
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from maru_backends import engine_guard
from maru_backends.errors import BackendSetupError, BackendUnavailableError
from maru_backends.process_environment import as_started
from maru_backends.vllm_launch import Launch
from maru_backends.vllm_log import STARTING, LogTail, failure_sentence

logger = logging.getLogger(__name__)

HTTP_OK = 200
HTTP_DEAD = 503  # vLLM's server still answers this for a while after its core died
MAX_SILENT_CHECKS = 5
FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 30.0
# An engine that worked for so long earns the full number of restarts again.
STEADY_S = 60.0

Probe = Callable[[], Awaitable[int | None]]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the supervisor waits for what."""

    start_timeout_s: float = 900.0
    stop_grace_s: float = 10.0
    check_interval_s: float = 1.0
    max_restarts: int = 5


class VllmProcess:
    """One supervised server; `start`, then look at `is_ready` and `detail`, then `stop`."""

    def __init__(
        self,
        launch: Launch,
        port: int,
        patience: Patience,
        *,
        log_file: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Start nothing yet; `port` must be free and stays the same over restarts. `tell` hears how far a start is."""
        self.base_url = f"http://127.0.0.1:{port}/v1"
        self.is_ready = False
        self.detail = STARTING
        self.engine_pid: int | None = None
        self.restarts = 0
        self._launch = launch
        self._port = port
        self._patience = patience
        self._log_file = log_file
        self._tell = tell
        self._log = LogTail()
        self._guard: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._keeping: asyncio.Task[None] | None = None

    @property
    def log_tail(self) -> list[str]:
        """The last lines of the engine's output."""
        return list(self._log.lines)

    async def start(self, probe: Probe) -> None:
        """Start the engine and wait until it is ready; `probe` gives the status of its health page.

        Raises:
            BackendSetupError: it ended, or was not ready in time; the message says why.
        """
        failure = await self._started(probe)
        if failure is not None:
            await self.stop()
            raise BackendSetupError(failure)
        self._keeping = asyncio.create_task(self._keep(probe), name=f"keep vLLM on port {self._port}")

    async def stop(self) -> None:
        """End the engine and everything it started; safe to call twice."""
        self.is_ready = False
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None
        await self._end()
        self.detail = "vLLM was stopped."

    def why_it_failed(self) -> str:
        """What the log says of a failure that a request met first."""
        return failure_sentence(self.log_tail, None)

    def check_ready(self) -> None:
        """Say at once what the matter is instead of letting a request wait for its timeout.

        Raises:
            BackendUnavailableError: the engine is starting, restarting or given up.
        """
        if not self.is_ready:
            raise BackendUnavailableError(self.detail)

    async def _keep(self, probe: Probe) -> None:
        """Restart the engine whenever it dies, more slowly each time, and give up in the end."""
        loop = asyncio.get_running_loop()
        failures = 0
        while failures <= self._patience.max_restarts:
            since = loop.time()
            reason = await self._died(probe) if self.is_ready else self.detail
            self.is_ready = False
            failures = 1 if loop.time() - since > STEADY_S else failures + 1
            logger.error("the engine on port %d died: %s", self._port, reason)
            await self._end()
            self.detail = f"{reason} It is being restarted."
            await asyncio.sleep(min(FIRST_BACKOFF_S * 2 ** (failures - 1), LONGEST_BACKOFF_S))
            self.restarts += 1
            failure = await self._started(probe)
            if failure is not None:
                self.detail = failure
        await self._end()
        self.is_ready = False
        self.detail = f"{self.detail} Maru gave up after {failures} tries."

    async def _started(self, probe: Probe) -> str | None:
        """Start one engine; None once it is ready, else why it is not."""
        if not _is_free(self._port):
            return f"The port {self._port} for vLLM is taken; set port = 0 to take a free one."
        self._log = LogTail()
        try:
            await self._spawn()
            async with asyncio.timeout(self._patience.start_timeout_s):
                while (await probe()) != HTTP_OK:
                    if await self._guard_ended(self._patience.check_interval_s / 4):
                        return await self._reason()
                    self._tell_progress()
        except TimeoutError:
            return (
                f"vLLM was not ready within {self._patience.start_timeout_s:g} s; raise start_timeout_s if it is slow."
            )
        except asyncio.CancelledError:
            await self._end()
            raise
        self.is_ready = True
        self.detail = ""
        return None

    def _tell_progress(self) -> None:
        if self._log.progress != self.detail:
            self.detail = self._log.progress
            if self._tell is not None:
                self._tell(self.detail)

    async def _died(self, probe: Probe) -> str:
        """Wait until the engine is dead; why."""
        silent = 0
        while not await self._guard_ended(self._patience.check_interval_s):
            status = await probe()
            if status == HTTP_DEAD:
                return await self._reason()
            silent = 0 if status == HTTP_OK else silent + 1
            if silent >= MAX_SILENT_CHECKS:
                return "vLLM does not answer its health check."
        return await self._reason()

    async def _spawn(self) -> None:
        self._guard = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", engine_guard.__file__, str(self._patience.stop_grace_s)),
            *self._launch.command(self._port),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._launch.environment(as_started()),
            start_new_session=True,  # Ctrl-C in the terminal is for Maru alone
        )
        self._reading = asyncio.create_task(self._read(self._guard), name=f"read vLLM's log on port {self._port}")

    async def _read(self, guard: asyncio.subprocess.Process) -> None:
        if guard.stdout is None:
            return
        while chunk := await guard.stdout.read(65536):
            lines = self._log.feed(chunk)
            if self.engine_pid is None:
                self._look_for_pid(lines)
            if self._log_file is not None:
                await asyncio.to_thread(_append, self._log_file, chunk)

    def _look_for_pid(self, lines: list[str]) -> None:
        marked = next((line for line in lines if line.startswith(engine_guard.PID_MARK)), None)
        if marked is not None:
            self.engine_pid = int(marked.removeprefix(engine_guard.PID_MARK))

    async def _guard_ended(self, wait_s: float) -> bool:
        if self._guard is None:
            return True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._guard.wait(), wait_s)
        return self._guard.returncode is not None

    async def _reason(self) -> str:
        """Why the engine is dead, after its last words were read."""
        status = self._guard.returncode if self._guard is not None else None
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=1.0)
        return failure_sentence(self.log_tail, status)

    async def _end(self) -> None:
        """Cut the rope, at which the guard ends everything; kill the guard should it hang."""
        guard, self._guard = self._guard, None
        if guard is None:
            return
        if guard.stdin is not None:
            guard.stdin.close()
        try:
            async with asyncio.timeout(self._patience.stop_grace_s + 10):
                await guard.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                guard.kill()  # the engine follows it: PR_SET_PDEATHSIG
            await guard.wait()
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=1.0)
            self._reading.cancel()
        self.engine_pid = None


def free_port() -> int:
    """A port of the loopback that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _append(file: Path, chunk: bytes) -> None:
    with file.open("ab") as log:
        log.write(chunk)
