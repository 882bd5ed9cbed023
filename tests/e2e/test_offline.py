"""The page without a network, and the page when the server has a newer one."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from support.browser_watch import Watch
from support.chat_list import begin, choose, link
from support.chat_page import ChatPage
from support.live_server import LiveServer
from support.until import until

TREE_IS_KEPT = """async () => {
    const copies = await caches.open("maru-copies");
    return copies.match(`/v1/conversations/${location.pathname.split("/")[2]}/tree`).then(Boolean);
}"""

IS_LISTED = """async ([path, words]) => {
    const copies = await caches.open("maru-copies");
    for (const { url } of await copies.keys())
        if (url.includes(path) && (await (await copies.match(url)).text()).includes(words)) return true;
    return false;
}"""


@pytest.fixture
def network(page: Page, watch: Watch) -> Callable[..., None]:
    """Cuts the whole network of the browser, or gives it back."""

    def set_offline(*, is_cut: bool) -> None:
        watch.is_network_cut = True
        page.context.set_offline(is_cut)

    return set_offline


def _wait_until_kept(chat: ChatPage) -> None:
    """The browser has the page's own files and has taken over."""
    until(
        chat.page,
        """async () => {
            await navigator.serviceWorker.ready;
            const files = await (await caches.open("maru-files")).keys();
            const loaded = performance.getEntriesByType("resource").filter(e => e.name.includes("/assets/"));
            return files.length >= loaded.length;
        }""",
    )
    chat.page.reload()  # a page is kept when it comes through the one that keeps
    expect(chat.box).to_be_visible()
    until(chat.page, "async () => (await caches.open('maru-files')).match('/').then(Boolean)")


def test_recent_chats_can_be_read_without_a_network(chat: ChatPage, network: Callable[..., None]) -> None:
    """The page opens, the chats are there, and what is written goes when the network is back."""
    chat.open(model="echo")
    chat.ask("Read me on a train")
    _wait_until_kept(chat)
    until(chat.page, TREE_IS_KEPT)
    until(chat.page, IS_LISTED, ["/v1/conversations?", "Read me on a train"])
    network(is_cut=True)
    chat.page.reload()
    expect(chat.last_answer).to_have_text("Read me on a train")
    expect(chat.sidebar).to_contain_text("Read me on a train")
    expect(chat.page.get_by_text("The connection was lost")).to_be_visible()
    chat.box.fill("Written in a tunnel")
    network(is_cut=False)
    expect(chat.page.get_by_text("The connection was lost")).to_be_hidden(timeout=30_000)
    expect(chat.box).to_have_value("Written in a tunnel")
    expect(chat.send_button).to_be_enabled(timeout=30_000)  # the models are known again
    chat.box.press("Enter")
    expect(chat.last_answer).to_have_text("Written in a tunnel", timeout=30_000)


def test_folders_are_there_without_a_network(chat: ChatPage, network: Callable[..., None], server: LiveServer) -> None:
    """With what lies in those that are unfolded."""
    begin(server, "Filed before the tunnel")
    chat.open(model="echo")
    choose(chat, "Filed before the tunnel", "Move to a folder")
    chat.page.get_by_role("menuitem", name="New folder").press("Enter")
    chat.page.get_by_label("Name of the folder").fill("Tunnels")
    with chat.saving("/v1/folders/"):
        chat.page.keyboard.press("Enter")
    expect(chat.sidebar.get_by_role("region", name="Folders").get_by_role("link", name="Filed before")).to_be_visible()
    _wait_until_kept(chat)
    expect(link(chat, "Filed before the tunnel")).to_be_visible()
    until(chat.page, IS_LISTED, ["/v1/folders", "Tunnels"])
    until(chat.page, IS_LISTED, ["folder", "Filed before the tunnel"])
    network(is_cut=True)
    chat.page.reload()
    expect(chat.sidebar.get_by_role("button", name="Tunnels", exact=True)).to_be_visible()
    expect(link(chat, "Filed before the tunnel")).to_be_visible()


def test_a_copy_takes_the_place_of_nothing_newer(chat: ChatPage, network: Callable[..., None]) -> None:
    """What was said since it was made stands on the page, and the next message goes below that."""
    chat.open(model="echo")
    chat.ask("Kept in a copy")
    chat.page.reload()
    until(chat.page, TREE_IS_KEPT)
    expect(chat.answers).to_have_count(1)
    chat.ask("Said after it")
    network(is_cut=True)
    with chat.page.expect_event("requestfailed", lambda request: request.url.endswith("/tree")):
        chat.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    chat.page.wait_for_timeout(300)
    expect(chat.last_answer).to_have_text("Said after it")
    network(is_cut=False)
    chat.ask("And on we go")
    chat.page.reload()
    expect(chat.questions).to_have_count(3)


def test_a_chat_that_is_shown_from_a_copy_is_renewed(chat: ChatPage, network: Callable[..., None]) -> None:
    """As soon as the server is back, without a press; until then nothing is sent below what may be old."""
    chat.open(model="echo")
    chat.ask("Kept in a copy")
    _wait_until_kept(chat)
    until(chat.page, TREE_IS_KEPT)
    id_ = chat.page.url.rpartition("/")[2]
    network(is_cut=True)
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    said = {"model": "echo", "conversation": id_, "input": "Said by another tab"}
    assert chat.page.request.post(f"{chat.url}/v1/responses", data=said).ok
    network(is_cut=False)
    expect(chat.last_answer).to_have_text("Said by another tab", timeout=30_000)


def test_what_was_deleted_is_kept_nowhere(chat: ChatPage, watch: Watch) -> None:
    """A copy that outlives its conversation would betray who deleted it."""
    chat.open(model="echo")
    chat.ask("A secret to be deleted")
    chat.page.reload()
    expect(chat.answers).to_have_count(1)
    until(chat.page, TREE_IS_KEPT)
    id_ = chat.page.url.rpartition("/")[2]
    chat.page.evaluate(f"fetch('/v1/conversations/{id_}', {{method: 'DELETE'}})")  # as another tab does it
    watch.is_network_cut = True  # the browser complains about a 404
    chat.page.reload()
    until(chat.page, TREE_IS_KEPT.replace("Boolean", "copy => !copy"))
    expect(chat.page.get_by_text("A secret to be deleted")).to_have_count(0)


def test_a_newer_page_is_offered_after_the_answer(chat: ChatPage) -> None:
    """Never in the middle of it, and never by itself."""
    chat.open(model="steady")
    chat.page.route("**/version.json", lambda route: route.fulfill(body=json.dumps({"entry": "assets/newer.js"})))
    offer = chat.page.get_by_role("button", name="Reload", exact=True)
    chat.say("Count, please")
    chat.wait_for_words(2)
    with chat.page.expect_response("**/version.json"):
        chat.page.evaluate("dispatchEvent(new Event('online'))")
    chat.wait_for_words(20)
    expect(offer).to_be_hidden()
    chat.stop()
    expect(offer).to_be_visible()
    with chat.page.expect_navigation():
        offer.click()


def test_the_page_is_the_newest_one(chat: ChatPage) -> None:
    """Right after a build nothing is offered."""
    chat.open(model="echo")
    with chat.page.expect_response("**/version.json") as told:
        chat.page.evaluate("dispatchEvent(new Event('online'))")
    assert told.value.ok
    chat.ask("hello")
    expect(chat.page.get_by_role("button", name="Reload", exact=True)).to_be_hidden()
