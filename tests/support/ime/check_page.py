"""Types into Maru's own page with real input methods in real browsers: `python tests/support/ime/check_page.py`.

What `record.py` records is replayed in the tests; this asks the page itself, and the server what it was sent. Takes the
same names of browsers and input methods, needs the same packages and the built page, and fails at the first pair whose
messages are not what the scenarios say.
"""

import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from support.echo_models import ECHO
from support.ime.desktop import BROWSERS, INPUT_METHODS, desktop
from support.ime.scenarios import CHOSEN, SLOW_MS
from support.live_server import LiveServer, live_server

LOADED_WITHIN_S = 15.0
TO_THE_BOX = "shift+Escape"  # a shortcut of the page
BETWEEN_STEPS_S = 2.0


def check(browser: str, name: str) -> list[str]:
    """What is wrong with one pair, a line each."""
    method = INPUT_METHODS[name]
    wanted = [step.sends for scenario in method.scenarios for step in scenario.steps if step.sends is not None]
    with (
        tempfile.TemporaryDirectory() as folder,
        live_server(Path(folder), ECHO) as server,
        desktop(method, browser, server.url) as screen,
    ):
        time.sleep(LOADED_WITHIN_S)
        screen.press(TO_THE_BOX, SLOW_MS)
        time.sleep(1)
        screen.switch_on()
        time.sleep(1)
        for scenario in method.scenarios:
            for step in scenario.steps:
                screen.press(step.keys, step.delay_ms)
                time.sleep(BETWEEN_STEPS_S)
        screen.picture(Path(tempfile.gettempdir()) / "ime-check.png")
        sent = _sent(server)
    pairs = zip(wanted, sent, strict=False)
    wrong = [f"{want!r} came as {got!r}" for want, got in pairs if got.strip() != want and want != CHOSEN]
    return wrong if len(sent) == len(wanted) else [f"{len(wanted)} messages were to come: {wanted}, and came {sent}"]


def _sent(server: LiveServer) -> list[str]:
    texts: list[str] = []
    for conversation in reversed(_asked(server, "/conversations")):
        items = _asked(server, f"/conversations/{conversation['id']}/items?order=asc&limit=100")
        texts += [item["content"][0]["text"] for item in items if item.get("role") == "user"]
    return texts


def _asked(server: LiveServer, path: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{server.url}/v1{path}") as answer:
        data: list[dict[str, Any]] = json.load(answer)["data"]
    return data


def main(names: list[str]) -> None:
    """Check the pairs that are named, or all."""
    browsers = [name for name in BROWSERS if name in names] or list(BROWSERS)
    methods = [name for name in INPUT_METHODS if name in names] or list(INPUT_METHODS)
    wrong = {(browser, name): check(browser, name) for browser in browsers for name in methods}
    for (browser, name), lines in wrong.items():
        outcome = "; ".join(lines) or "each message came once and whole"
        print(f"{browser}, {name}: {outcome}")  # noqa: T201 (for who checks)
    if any(wrong.values()):
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
