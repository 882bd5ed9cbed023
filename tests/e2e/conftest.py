"""A browser, a server with the house model and scripted ones, and a watch on everything a page must not do."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import LiveServer, live_server
from support.scripted_models import CONFIG

# Several browsers on two cores are slow, and not wrong.
expect.set_options(timeout=20_000)


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


@pytest.fixture
def cut(page: Page, watch: Watch) -> Callable[[], None]:
    """Breaks the newest connection of the page, on both sides."""
    pairs: list[tuple[WebSocketRoute, WebSocketRoute]] = []
    page.route_web_socket("**/v1/responses", lambda route: pairs.append((route, route.connect_to_server())))

    def cut_now() -> None:
        watch.is_network_cut = True
        here, there = pairs[-1]
        there.close()
        here.close(code=3001)

    return cut_now
