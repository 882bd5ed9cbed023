"""Records what real browsers report while a real input method is typed into: `python tests/support/ime/record.py`.

Give the names of browsers and input methods to record only those: `record.py chromium firefox ibus-hangul`. Each pair
becomes one file of tests/recordings/ime/, which the tests of the page replay. It is not part of the test run: it needs
a graphical system's worth of packages (`desktop.py` names them) and some minutes.

What is real here: the browser, the input method, the framework between them, and the order, the values and the times
of the events. What is not: a person's hands (xdotool presses the keys), and any system but Linux with X11. Chrome and
Firefox on macOS and Windows order events differently, and WebKitGTK shares Safari's engine but not its code for
input: for Safari the hand-written sequences of ui/src/shared/ime.test.ts stay.
"""

import json
import platform
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from support.ime.desktop import BROWSERS, INPUT_METHODS, Desktop, InputMethod, desktop
from support.ime.scenarios import Scenario

PAGE = (Path(__file__).parent / "recorder.html").read_bytes()
FOLDER = Path(__file__).parents[2] / "recordings" / "ime"
READY_WITHIN_S = 90.0
BETWEEN_STEPS_S = 0.8


class Recorder(ThreadingHTTPServer):
    """Serves the recording page, tells it what to do, and takes what it noted."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of this computer."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.orders: queue.Queue[str] = queue.Queue()
        self.told: queue.Queue[tuple[str, Any]] = queue.Queue()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/"

    def await_told(self, path: str) -> Any:
        """What the page posts next to this path; whatever else it posts before is passed by."""
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            found, body = self.told.get(timeout=max(0.1, deadline - time.monotonic()))
            if found == path:
                return body


class _Handler(BaseHTTPRequestHandler):
    @property
    def _recorder(self) -> Recorder:
        assert isinstance(self.server, Recorder)
        return self.server

    def do_GET(self) -> None:
        is_orders = self.path == "/orders"
        self.send_response(200)
        self.send_header("content-type", "text/event-stream" if is_orders else "text/html; charset=utf-8")
        self.send_header("cache-control", "no-store")
        self.end_headers()
        if not is_orders:
            self.wfile.write(PAGE if self.path == "/" else b"")
            return
        self.wfile.write(b": hello\n\n")
        while (order := self._recorder.orders.get()) != "hang up":
            self.wfile.write(f"data: {order}\n\n".encode())
            if order == "begin":  # the page loads itself anew and asks for orders again
                return

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.send_response(204)
        self.end_headers()
        self._recorder.told.put((self.path, json.loads(body)))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name there)
        """Say nothing."""


@dataclass(slots=True)
class Recording:
    """One browser with one input method; `notes` of a scenario are the page's events, step by step."""

    browser: str
    version: str
    user_agent: str
    framework: str
    input_method: str
    system: str
    recorded: str
    scenarios: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])


@contextmanager
def recorder() -> Generator[Recorder]:
    """A recorder that listens until the block ends."""
    server = Recorder()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.orders.put("hang up")
    server.shutdown()


def record(browser: str, method: InputMethod, name: str) -> Recording:
    """Type all scenarios of an input method into one browser."""
    with recorder() as server, desktop(method, browser, server.url) as screen:
        server.await_told("/ready")
        time.sleep(3)
        screen.click()
        time.sleep(1)
        screen.switch_on()
        recording = Recording(
            browser=browser,
            version=_version(BROWSERS[browser][0]),
            user_agent="",
            framework=_version(method.framework),
            input_method=f"{name} {_version(method.package)}",
            system=f"{platform.freedesktop_os_release()['PRETTY_NAME']}, X11",
            recorded=datetime.now(UTC).date().isoformat(),
        )
        for scenario in method.scenarios:
            notes = _type(server, screen, scenario)
            recording.user_agent = notes["userAgent"]
            recording.scenarios.append(
                {
                    "name": scenario.name,
                    "steps": [asdict(step) for step in scenario.steps],
                    "events": _tidy(notes["notes"]),
                }
            )
            print(f"{browser}, {name}, {scenario.name}: {notes['value']!r}")  # noqa: T201 (for who records)
        return recording


def _type(server: Recorder, screen: Desktop, scenario: Scenario) -> dict[str, Any]:
    server.orders.put("begin")
    server.await_told("/ready")
    time.sleep(1)
    for step in scenario.steps:
        screen.press(step.keys, step.delay_ms)
        time.sleep(BETWEEN_STEPS_S)
        server.orders.put("mark")
        server.await_told("/marked")
    server.orders.put("take")
    notes: dict[str, Any] = server.await_told("/notes")
    return notes


def _tidy(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Times from the first event on, in ms; what an event has not is left out."""
    start = min((note["at"] for note in notes if "at" in note), default=0.0)
    seen = notes[0]["seen"] if notes else 0.0
    for note in notes:
        note["seen"] = round(note["seen"] - seen, 1)
        if "at" in note:
            note["at"] = round(note["at"] - start, 1)
    return [{key: value for key, value in note.items() if value is not None} for note in notes]


def _version(package: str) -> str:
    command = ["dpkg-query", "--show", "--showformat=${Version}", package]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.sub(r"^\d+:", "", found)


def _written(recording: Recording) -> str:
    """JSON with one event a line, so that a difference can be read."""
    events = [scenario["events"] for scenario in recording.scenarios]
    whole = asdict(recording)
    for number, scenario in enumerate(whole["scenarios"]):
        scenario["events"] = f"@{number}"
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    for number, found in enumerate(events):
        lines = ",\n".join("    " + json.dumps(event, ensure_ascii=False) for event in found)
        text = text.replace(f'"@{number}"', f"[\n{lines}\n   ]")
    return text + "\n"


def main(names: list[str]) -> None:
    """Record the pairs that are named, or all."""
    browsers = [name for name in BROWSERS if name in names] or list(BROWSERS)
    methods = [name for name in INPUT_METHODS if name in names] or list(INPUT_METHODS)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for browser in browsers:
        for name in methods:
            recording = record(browser, INPUT_METHODS[name], name)
            (FOLDER / f"{browser}-{name}.json").write_text(_written(recording), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
