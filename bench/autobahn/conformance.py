"""The Autobahn testsuite against the WebSocket as Maru serves it: an application that echoes, behind Maru's transport.

The suite's cases want their words back, which `/v1/responses` does not give; what they test is below it. The suite runs
under Python 2.7 only. It is installed into a folder of its own with that Python's pip, the first time; where there is
no such Python, this program says so and ends with status 2.

Run: `python bench/autobahn/conformance.py [CASES ...]`; result: `bench/autobahn/result.json`. Compression (cases 12 and
13) is left out, because Maru does not offer it.
"""

import argparse
import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import uvicorn
from starlette.types import Receive, Scope, Send

from maru.api.socket_sender import JOINED_FRAMES
from maru.app import config_of
from maru.logs import set_up_logging
from maru.settings import load_settings

HERE = Path(__file__).parent
SUITE = "autobahntestsuite==25.10.1"
# The library below answers 1002 where the suite wants 1000 after a broken fragment.
KNOWN_FAILURES = frozenset({"7.1.5"})
BAD = frozenset({"FAILED", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT"})
START = "import site, sys; site.addsitedir(sys.argv.pop(1)); from autobahntestsuite.wstest import run; run()"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Send back whatever comes: texts in the way in which events go out."""
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        content = (
            {"bytes": message["bytes"]} if message.get("bytes") is not None else {JOINED_FRAMES: [message["text"]]}
        )
        await send({"type": "websocket.send", **content})


def install(python: str, folder: Path) -> None:
    """The suite and what it needs, unless it is there."""
    if not (folder / "autobahntestsuite").is_dir():
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--target", str(folder), SUITE], check=True)


async def results_of(python: str, folder: Path, cases: list[str]) -> dict[str, dict[str, Any]]:
    """What the suite says of each case."""
    with tempfile.TemporaryDirectory() as scratch, socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(config_of(echo, load_settings({"data_dir": scratch}, {}, Path(scratch))))
        server.config.lifespan = "off"
        serving = asyncio.create_task(server.serve([listener]))
        spec = Path(scratch) / "spec.json"
        url = f"ws://127.0.0.1:{listener.getsockname()[1]}"
        reports = Path(scratch) / "reports"
        chosen = {"cases": cases, "exclude-cases": ["12.*", "13.*"], "exclude-agent-cases": {}}
        spec.write_text(json.dumps({"outdir": str(reports), "servers": [{"agent": "Maru", "url": url}], **chosen}))
        command = (python, "-c", START, str(folder), "-m", "fuzzingclient", "-s", str(spec))
        suite = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL, cwd=scratch)
        await suite.wait()
        server.should_exit = True
        await serving
        found: dict[str, dict[str, Any]] = json.loads((reports / "index.json").read_text())["Maru"]
        return found


def main() -> None:
    """Run the cases, tell and keep what came out."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("cases", nargs="*", default=["*"], help="such as 7.* (default: all)")
    parser.add_argument("--python", default="python2.7", help="a Python 2.7 with pip")
    parser.add_argument("--folder", type=Path, default=Path(".cache/autobahn"), help="where the suite is installed")
    options = parser.parse_args()
    python = shutil.which(options.python)
    if python is None:
        print(f"There is no {options.python!r} here; give --python a Python 2.7 with pip.")
        sys.exit(2)
    set_up_logging()
    install(python, options.folder.resolve())
    found = asyncio.run(results_of(python, options.folder.resolve(), options.cases))
    failed = sorted(case for case, result in found.items() if BAD & {result["behavior"], result["behaviorClose"]})
    summary = {
        "suite": SUITE,
        "cases": len(found),
        "behaviour": dict(Counter(result["behavior"] for result in found.values())),
        "closing": dict(Counter(result["behaviorClose"] for result in found.values())),
        "failed": failed,
        "known": sorted(KNOWN_FAILURES),
    }
    print(json.dumps(summary, indent=2))
    if options.cases == ["*"]:
        (HERE / "result.json").write_text(json.dumps(summary, indent=2) + "\n")
    sys.exit(bool(set(failed) - KNOWN_FAILURES))


if __name__ == "__main__":
    main()
