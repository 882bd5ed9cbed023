"""A browser, a server with the house model and scripted ones, and a watch on everything a page must not do."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request
from tests.support.chat_page import ChatPage
from tests.support.live_server import LiveServer, live_server

WORDS_OF_SLOW = 120
CONFIG = f"""
default_model = "house"

[[models]]
id = "house"
backend = "transformers"
source = "house"

[[models]]
id = "echo"
backend = "echo"

[[models]]
id = "slow"
backend = "echo"
script = "count"
tokens = {WORDS_OF_SLOW}
pace_tokens_per_s = 30

[[models]]
id = "thinker"
backend = "echo"
script = "reason"

[[models]]
id = "broken"
backend = "echo"
script = "break"
tokens = 3

[[models]]
id = "busy"
backend = "echo"
script = "busy"
"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium; without one the browser tests are skipped, or fail where they were asked for."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        words = "no Chromium here: apt-get install --no-install-recommends chromium fonts-noto-cjk"
        if os.environ.get("MARU_REQUIRE_BROWSER") == "1":
            pytest.fail(words)
        pytest.skip(words)
    return {**browser_type_launch_args, "executable_path": chromium, "args": ["--disable-dev-shm-usage"]}


@pytest.fixture(scope="session")
def base_url() -> None:
    """Each test names its server; the plugin's own fixture of this name is deprecated in pytest 9."""


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A laptop whose owner reads English; tests that need another person ask for one."""
    return {**browser_context_args, "locale": "en-US", "viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """One server for all browser tests; each test begins its own conversations."""
    with live_server(tmp_path_factory.mktemp("maru"), CONFIG) as server:
        yield server


@dataclass  # no slots: Playwright keeps notes on the object whose methods it calls
class Watch:
    """What the browser complained about and which other hosts it asked."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    is_network_cut: bool = False

    def on_console(self, message: ConsoleMessage) -> None:
        """Errors and warnings; a cut network makes the browser complain whatever the page does."""
        if message.type in {"error", "warning"} and not self.is_network_cut:
            self.complaints.append(message.text)

    def on_error(self, error: Exception) -> None:
        """An exception that nobody caught."""
        self.complaints.append(str(error))

    def on_request(self, request: Request) -> None:
        """Every request the page makes, images and frames too."""
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != self.origin:
            self.strangers.append(request.url)

    def listen(self, page: Page) -> None:
        """Watch this tab from now on."""
        page.on("console", self.on_console)
        page.on("pageerror", self.on_error)
        page.on("request", self.on_request)


@pytest.fixture
def watch(server: LiveServer) -> Iterator[Watch]:
    """Fails the test when the console was not silent or another host was asked."""
    watch = Watch(urlsplit(server.url).netloc)
    yield watch
    assert watch.complaints == []
    assert watch.strangers == []


@pytest.fixture
def chat(page: Page, server: LiveServer, watch: Watch) -> ChatPage:
    """A tab of a person who reads English, on a laptop."""
    watch.listen(page)
    return ChatPage(page, server.url)


@pytest.fixture
def korean_phone(browser: Browser, server: LiveServer, watch: Watch) -> Iterator[ChatPage]:
    """A tab of a person who reads Korean, on a phone."""
    context = browser.new_context(
        locale="ko-KR", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    watch.listen(page)
    yield ChatPage(page, server.url)
    context.close()
