"""A chat is shown to others by a link, and taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import LiveServer
from support.until import until


@pytest.fixture
def reader(browser: Browser, server: LiveServer, watch: Watch) -> Iterator[Page]:
    """A tab of somebody else."""
    context = browser.new_context(locale="ko-KR", viewport={"width": 390, "height": 844})
    page = context.new_page()
    watch.listen(page)
    yield page
    context.close()


def _share(chat: ChatPage) -> Locator:
    row = chat.sidebar.get_by_role("listitem").filter(has=chat.page.locator("[aria-current=page]"))
    row.hover()
    row.get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Share…").click()
    return chat.page.get_by_role("dialog", name="Share this chat")


def _link(chat: ChatPage, window: Locator, server: LiveServer) -> str:
    before = window.get_by_role("link").count()
    window.get_by_role("button", name="Make a link").click()
    expect(window.get_by_role("link")).to_have_count(before + 1)
    path = window.get_by_role("link").first.get_attribute("href")
    assert path is not None
    return server.url + path


def test_whoever_has_the_link_reads_the_branch_and_no_other(chat: ChatPage, reader: Page, server: LiveServer) -> None:
    """In their own language, with nothing to write into; what is said later is not there."""
    chat.open(model="echo")
    chat.ask("Is **barley** tea warm?")
    chat.answers.last.get_by_role("button", name="Answer again").click()
    expect(chat.answers.last.get_by_text("2/2")).to_be_visible()
    chat.wait_until_answered()
    window = _share(chat)
    expect(window).to_contain_text("Not shown: other versions of messages")
    address = _link(chat, window, server)
    window.get_by_role("button", name="Close").click()
    chat.ask("A later secret")
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url.removeprefix(server.url)))
    reader.goto(address)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Is barley tea warm?")
    expect(reader.get_by_role("article")).to_have_count(2)
    expect(reader.locator("article[data-role=assistant] strong")).to_have_text("barley")
    expect(reader.get_by_text("읽기만 할 수 있어요")).to_be_visible()
    expect(reader.get_by_role("textbox")).to_have_count(0)
    expect(reader.get_by_text("secret")).to_have_count(0)
    calls = [path for path in asked if path.startswith("/v1/")]
    assert [path.split("/")[2] for path in calls] == ["shared"]
    assert reader.context.cookies() == []


def test_a_link_is_copied_listed_and_taken_back(chat: ChatPage, reader: Page, server: LiveServer, watch: Watch) -> None:
    """From the chat or from the settings; at once it opens nothing."""
    chat.open(model="echo")
    chat.ask("A chat to show for a while")
    window = _share(chat)
    address = _link(chat, window, server)
    chat.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    window.get_by_role("button", name="Copy link").click()
    until(chat.page, "async (address) => (await navigator.clipboard.readText()) === address", address)
    window.get_by_role("button", name="Close").click()
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Shared links").click()
    every = chat.page.get_by_role("dialog", name="Shared links")
    row = every.get_by_role("listitem").filter(has_text="A chat to show for a while")
    reader.goto(address)
    expect(reader.get_by_role("article")).to_have_count(2)
    row.get_by_role("button", name="Take the link back").click()
    expect(row).to_have_count(0)
    expect(every.get_by_role("status")).to_have_text("The link opens nothing any more.")
    watch.is_network_cut = True  # the browser complains about a 404
    reader.reload()
    expect(reader.get_by_role("alert")).to_contain_text("더는 공유하지 않아요")


def test_a_message_that_is_deleted_is_gone_for_readers(chat: ChatPage, reader: Page, server: LiveServer) -> None:
    """The rest of the chat stays readable."""
    chat.open(model="echo")
    chat.ask("Keep this")
    chat.ask("Regret this")
    address = _link(chat, _share(chat), server)
    conversation = chat.page.url.rsplit("/", 1)[1]
    tree: Any = chat.page.evaluate(f"fetch('/v1/conversations/{conversation}/tree').then((answer) => answer.json())")
    question = tree["items"][2]["id"]
    chat.page.evaluate(
        f"fetch('/v1/conversations/{conversation}/items/{question}?maru:below=true', {{method: 'DELETE'}})"
        ".then((answer) => answer.status)"
    )
    reader.goto(address)
    expect(reader.get_by_role("article").first).to_contain_text("Keep this")
    expect(reader.locator("article[data-role=user]")).to_have_count(1)


def test_what_is_shared_does_nothing_to_its_readers(chat: ChatPage, reader: Page, server: LiveServer) -> None:
    """Neither scripts nor pictures of others, in words and title; the watch sees who is asked."""
    hostile = (
        "<script>document.title = 'hacked'</script><img src=x onerror=alert(1)> ![p](https://evil.example/p.png) "
        "[go](javascript:alert(1))"
    )
    chat.open(model="echo")
    chat.ask(hostile)
    address = _link(chat, _share(chat), server)
    reader.on("dialog", lambda dialog: pytest.fail(dialog.message))
    reader.goto(address)
    expect(reader.get_by_role("article")).to_have_count(2)
    expect(reader.get_by_role("heading", level=1)).to_contain_text("<script>")
    assert "hacked" not in reader.title().split("·")[-1]
    assert reader.locator("article img").count() == 0
    assert reader.locator("a[href^='javascript']").count() == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, reader: Page, server: LiveServer, theme: str) -> None:
    """The window with a link, and the page that others read."""
    for page in (chat.page, reader):
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    chat.open(model="echo")
    chat.ask("```py\nprint('tea')\n```")
    window = _share(chat)
    address = _link(chat, window, server)
    settled(chat.page)
    assert violations(chat.page) == []
    reader.goto(address)
    expect(reader.get_by_role("article")).to_have_count(2)
    settled(reader)
    assert violations(reader) == []
    assert reader.evaluate("document.documentElement.scrollWidth <= innerWidth")
