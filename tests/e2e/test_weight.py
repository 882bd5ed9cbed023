"""How much the page weighs before anything is asked of it."""

import urllib.request

from playwright.sync_api import Page, Request

from support.live_server import LiveServer

WORTH_PACKING = 1024  # smaller ones travel as they are
MAX_SCRIPT_BYTES = 230 * 1024  # gzip; on a slow phone each 100 KiB more are about half a second


def _packed_bytes(url: str) -> int:
    wanted = urllib.request.Request(url, headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(wanted) as answer:
        packed: bytes = answer.read()
        assert answer.headers["Content-Encoding"] == "gzip" or len(packed) < WORTH_PACKING
        return len(packed)


def test_first_scripts_are_light(page: Page, server: LiveServer) -> None:
    """Dialogs, colours of code and maths are fetched when they are wanted first."""
    scripts: list[str] = []

    def asked(request: Request) -> None:
        if request.resource_type == "script" and "/assets/" in request.url:
            scripts.append(request.url)

    page.on("request", asked)
    page.goto(server.url, wait_until="networkidle")
    assert scripts
    assert sum(map(_packed_bytes, scripts)) <= MAX_SCRIPT_BYTES
