"""What the page costs in a very long chat: opening it, and typing while an answer streams into it.

A real server on the echo backend, a conversation of 2,000 messages with code, tables and Korean, and a real Chromium.
Every figure is measured in the page itself, by its own clock.

Run: `python bench/page/run.py` (or `make bench`); results: `bench/page/result.json`. Needs Chromium and a built page.
"""

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).parent
sys.path.append(str(HERE.parents[1] / "tests"))

from support.echo_models import counting  # noqa: E402 (the server and its models lie with the tests)
from support.live_server import LiveServer, live_server  # noqa: E402

RATE = 200  # tokens a second
STREAM_S = 20
MOST_ITEMS = 20  # of one request
ROWS_BY_ITSELF = 200  # older ones are drawn when one goes there
KEY_PAUSE_MS = 60
MIB = 2**20
OPENED_WITHIN_MS = 120_000
PLAIN = "A maru is a wooden floor, and 마루 is where one sits in summer. " * 4
CODE = "\n\n```python\n" + "\n".join(
    f"def board_{line}(width: int) -> int: return width * {line}" for line in range(12)
)
TABLE = "\n\n| board | width |\n| --- | ---: |\n" + "\n".join(f"| {row} | {row * 7} |" for row in range(8))

# In the page from its first moment on: long tasks, when the newest message was there, and when all were that are
# drawn by themselves.
WATCH = """
window.bench = { tasks: [], keys: [], shownAt: null, wholeAt: null };
new PerformanceObserver((list) => {
    for (const one of list.getEntries()) window.bench.tasks.push([one.startTime, one.duration]);
}).observe({ type: "longtask", buffered: true });
const look = () => {
    const count = document.querySelectorAll("article").length;
    if (count > 0) window.bench.shownAt ??= performance.now();
    if (count >= window.benchRows) window.bench.wholeAt ??= performance.now();
    if (window.bench.wholeAt === null) requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
# From the moment of a key to the first moment after the frame that shows it.
WATCH_KEYS = """
() => document.querySelector("#composer").addEventListener("keydown", (event) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => window.bench.keys.push(performance.now() - event.timeStamp);
    requestAnimationFrame(() => channel.port2.postMessage(null));
})
"""


def post(server: LiveServer, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Ask the API."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), headers)  # noqa: S310 (our own)
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
    return found


def message(number: int) -> dict[str, Any]:
    """Of a chat like people's: questions are short, some answers hold code or a table."""
    if number % 2 == 0:
        return {"type": "message", "role": "user", "content": f"Question {number}: what is a maru?"}
    more = CODE + "\n```" if number % 10 == 1 else TABLE if number % 10 == 5 else ""
    return {"type": "message", "role": "assistant", "content": f"Answer {number}. {PLAIN}{more}"}


def make_conversation(server: LiveServer, messages: int) -> str:
    """A branch of so many messages; its id."""
    conversation: str = post(server, "/v1/conversations", {})["id"]
    for first in range(0, messages, MOST_ITEMS):
        items = [message(number) for number in range(first, min(first + MOST_ITEMS, messages))]
        post(server, f"/v1/conversations/{conversation}/items", {"items": items})
    return conversation


def heap_mib(page: Page) -> float:
    """What the page's scripts hold, after a collection."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("HeapProfiler.collectGarbage")
    devtools.send("Performance.enable")
    metrics = devtools.send("Performance.getMetrics")["metrics"]
    held = float(next(one["value"] for one in metrics if one["name"] == "JSHeapUsedSize"))
    return round(held / MIB, 1)


def longest_ms(page: Page, since: float) -> float:
    """The longest task that began after a moment of the page's clock; 0 where none took 50 ms."""
    tasks: list[list[float]] = page.evaluate("() => window.bench.tasks")
    return round(max((took for began, took in tasks if began >= since), default=0.0))


def now(page: Page) -> float:
    """Of the page's clock, in ms."""
    moment: float = page.evaluate("() => performance.now()")
    return moment


def opened(browser: Browser, url: str, messages: int) -> tuple[Page, dict[str, float]]:
    """A new browser goes straight to the conversation."""
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    rows = min(messages, ROWS_BY_ITSELF)
    page.add_init_script(f"window.benchRows = {rows}; localStorage.setItem('maru.model', 'steady');")
    page.add_init_script(WATCH)
    page.goto(url)
    page.wait_for_function("() => window.bench.wholeAt !== null", timeout=OPENED_WITHIN_MS)
    times: dict[str, float] = page.evaluate("() => ({ shown: window.bench.shownAt, whole: window.bench.wholeAt })")
    return page, {
        "first_messages_ms": round(times["shown"]),
        "rows_by_itself_ms": round(times["whole"]),
        "longest_task_ms": longest_ms(page, 0),
        "heap_mib": heap_mib(page),
    }


def typed_while_streaming(page: Page) -> dict[str, float]:
    """One writes the next message while the answer comes."""
    page.locator("#composer").fill("Count")
    page.locator("#composer").press("Enter")
    page.wait_for_function("() => document.querySelector('article[aria-busy=true] .prose')")
    page.evaluate(WATCH_KEYS)
    began = now(page)
    page.locator("#composer").press_sequentially("what comes next? " * 10, delay=KEY_PAUSE_MS)
    keys: list[float] = page.evaluate("() => window.bench.keys")
    was_streaming = page.locator("article[aria-busy=true]").count() == 1
    result = {
        "keys": len(keys),
        "key_p50_ms": round(statistics.median(keys), 1),
        "key_p95_ms": round(statistics.quantiles(keys, n=20)[-1], 1),
        "key_max_ms": round(max(keys), 1),
        "longest_task_ms": longest_ms(page, began),
        "streamed_all_the_while": was_streaming,
    }
    page.wait_for_function("() => !document.querySelector('article[aria-busy=true]')", timeout=OPENED_WITHIN_MS)
    return {**result, "heap_mib": heap_mib(page)}


def main() -> None:
    """Make the chat, open it, type in it, write the result beside this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000)
    parser.add_argument("--dry", action="store_true", help="print the result and keep no file")
    options = parser.parse_args()
    config = counting("steady", RATE * STREAM_S, pace=RATE, context_window=32_768)
    with tempfile.TemporaryDirectory() as folder, live_server(Path(folder), config) as server, sync_playwright() as pw:
        conversation = make_conversation(server, options.messages)
        browser = pw.chromium.launch(executable_path=shutil.which("chromium"), args=["--disable-dev-shm-usage"])
        url = f"{server.url}/c/{conversation}"
        opened(browser, url, options.messages)[0].context.close()  # the server and the disk are warm then
        page, opening = opened(browser, url, options.messages)
        result = {
            "messages": options.messages,
            "tokens_per_s": RATE,
            "opening": opening,
            "typing": typed_while_streaming(page),
        }
        browser.close()
    text = json.dumps(result, indent=2) + "\n"
    if not options.dry:
        (HERE / "result.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
