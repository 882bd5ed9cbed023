"""An engine that goes away while people look at the page, and comes back."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import free_port, live_server
from support.paced_engine import MODELS, PacedEngine, paced_engine

LOOKED_WITHIN_MS = 60_000


@pytest.fixture
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PacedEngine]:
    """An engine to be killed."""
    with paced_engine(tmp_path_factory.mktemp("engine"), free_port()) as engine:
        yield engine


def test_a_dead_engine_is_told_and_its_chats_are_readable(
    page: Page, engine: PacedEngine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What it wrote is kept; nobody has to reload when it is back."""
    with live_server(tmp_path_factory.mktemp("maru"), MODELS.format(base_url=engine.base_url)) as server:
        watch = Watch(server.url.removeprefix("http://"))
        watch.listen(page)
        chat = ChatPage(page, server.url)
        chat.open()
        before = chat.ask("words=5 pace=50")
        chat.say("words=2000 pace=50")
        expect(chat.last_answer).not_to_be_empty()
        chat.wait_for_words(10)
        engine.send(signal.SIGKILL)
        expect(page.get_by_text("does not answer at the moment")).to_be_visible(timeout=LOOKED_WITHIN_MS)
        expect(chat.answers.last.get_by_role("button", name="Try again")).to_be_visible()
        assert len(chat.counted()) >= 10
        page.reload()
        expect(chat.answers.first.locator(".prose")).to_have_text(before)
        expect(page.get_by_text("does not answer at the moment")).to_be_visible()
        engine.start()
        expect(page.get_by_text("does not answer at the moment")).to_be_hidden(timeout=LOOKED_WITHIN_MS)
        assert chat.ask("words=3 pace=50")
        assert watch.complaints == []


LATE = """
default_model = "ready"

[[models]]
id = "ready"
backend = "echo"

[[models]]
id = "late"
backend = "echo"
load_s = 30
"""


def test_a_model_that_loads_says_how_far_it_is(page: Page, tmp_path_factory: pytest.TempPathFactory) -> None:
    """In the list and above the message box; the others serve, and what was asked meanwhile is answered."""
    with live_server(tmp_path_factory.mktemp("maru"), LATE) as server:
        watch = Watch(server.url.removeprefix("http://"))
        watch.listen(page)
        chat = ChatPage(page, server.url)
        chat.open()
        assert "hello" in chat.ask("hello")
        # However long that took: it loads from now on.
        assert page.request.post(f"{server.url}/v1/engines/take_out", data={"model": "late"}).ok
        _wait_until_out(page, server.url, "late")
        assert page.request.post(f"{server.url}/v1/engines/take_in", data={"model": "late"}).ok
        page.reload()
        page.get_by_role("button", name="Model: ready").click()
        late = page.get_by_role("menuitemradio", name="late")
        expect(late).to_contain_text("Loading · The echo is being loaded")
        late.click()
        expect(page.get_by_text("late is still loading.")).to_be_visible()
        expect(page.locator("p").filter(has_text="The echo is being loaded")).to_be_visible()
        expect(page.get_by_text("late is still loading.")).to_be_hidden(timeout=LOOKED_WITHIN_MS)
        assert "again" in chat.ask("again")
        assert page.request.post(f"{server.url}/v1/engines/take_out", data={"model": "late"}).ok
        page.reload()
        expect(page.get_by_text("late is out of service for now.")).to_be_visible()
        page.get_by_role("button", name="Model: late").click()
        expect(page.get_by_role("menuitemradio", name="late")).to_contain_text("Out of service")
        assert watch.complaints == []


def _wait_until_out(page: Page, url: str, model: str) -> None:
    for _ in range(LOOKED_WITHIN_MS // 50):
        models = page.request.get(f"{url}/v1/models").json()["data"]
        if any(one["id"] == model and one["maru:state"] == "out" for one in models):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{model} is still in service")
