"""Pinned, put away, deleted and brought back, and a list of thousands."""

import re
import time

from playwright.sync_api import Browser, Locator, Page, expect

from support.axe import settled, violations
from support.chat_list import begin, choose, is_there, link
from support.chat_page import ChatPage
from support.live_server import LiveServer

MANY = 3_000


def undo(page: Page) -> Locator:
    """The way back."""
    return page.get_by_role("button", name="Undo")


def test_a_pinned_chat_stands_on_top(chat: ChatPage, server: LiveServer) -> None:
    """Also after a reload, and until it is unpinned."""
    begin(server, "An old one to pin")
    begin(server, "A newer one")
    chat.open(model="echo")
    with chat.saving():
        choose(chat, "An old one to pin", "Pin")
    group = chat.sidebar.get_by_role("region", name="Pinned")
    expect(group.get_by_role("link", name="An old one to pin")).to_be_visible()
    chat.page.reload()
    expect(group.get_by_role("link", name="An old one to pin")).to_be_visible()
    choose(chat, "An old one to pin", "Unpin")
    expect(group).to_have_count(0)


def test_a_deleted_chat_can_be_brought_back(chat: ChatPage, server: LiveServer) -> None:
    """By keyboard: the way back has the focus; the chat is on the screen again."""
    chat.open(model="echo")
    chat.ask("A chat that was deleted by mistake")
    link(chat, "A chat that was deleted by mistake").wait_for()
    address = chat.page.url
    chat.page.keyboard.press("Control+Shift+Backspace")
    expect(link(chat, "A chat that was deleted by mistake")).to_have_count(0)
    expect(chat.page).to_have_url(re.compile(r"/$"))
    expect(undo(chat.page)).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.page).to_have_url(address)
    expect(chat.questions).to_contain_text(["A chat that was deleted by mistake"])
    expect(chat.box).to_be_focused()
    assert is_there(server, address.rsplit("/", 1)[1])


def test_a_deleted_chat_is_gone_after_a_while(chat: ChatPage, server: LiveServer) -> None:
    """Nothing is kept that was not wanted."""
    conversation = begin(server, "A chat to be gone")
    chat.open(model="echo")
    choose(chat, "A chat to be gone", "Delete")
    assert is_there(server, conversation)
    expect(undo(chat.page)).to_have_count(0)
    _until_gone(server, conversation)


def _until_gone(server: LiveServer, conversation: str) -> None:
    deadline = time.monotonic() + 30
    while is_there(server, conversation):
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_leaving_the_page_ends_the_wait(chat: ChatPage, server: LiveServer) -> None:
    """A reload deletes what was deleted, at once and for good."""
    conversation = begin(server, "A chat deleted before a reload")
    chat.open(model="echo")
    choose(chat, "A chat deleted before a reload", "Delete")
    chat.page.reload()
    expect(chat.box).to_be_visible()
    expect(link(chat, "A chat deleted before a reload")).to_have_count(0)
    _until_gone(server, conversation)


def test_an_archived_chat_is_found_opened_and_brought_back(chat: ChatPage, server: LiveServer) -> None:
    """It is in no list but its own."""
    begin(server, "An axolotl to put away")
    chat.open(model="echo")
    choose(chat, "An axolotl to put away", "Archive")
    expect(link(chat, "An axolotl to put away")).to_have_count(0)
    expect(undo(chat.page)).to_be_visible()
    chat.page.keyboard.press("Control+K")
    chat.page.get_by_role("combobox").fill("axolotl")
    expect(chat.page.get_by_role("option").filter(has_text="axolotl")).to_have_count(2)
    chat.page.keyboard.press("Escape")
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Archived chats").click()
    window = chat.page.get_by_role("dialog", name="Archived chats")
    row = window.get_by_role("listitem").filter(has_text="An axolotl to put away")
    settled(chat.page)
    assert violations(chat.page) == []
    row.get_by_role("button", name="Delete").click()
    expect(undo(chat.page)).to_be_focused()
    expect(row).to_have_count(0)
    settled(chat.page)
    assert violations(chat.page) == []
    undo(chat.page).press("Enter")
    row.get_by_role("link").click()
    expect(chat.page.get_by_text("This chat is archived.")).to_be_visible()
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("An axolotl to put away")
    chat.page.get_by_role("button", name="Bring back").click()
    expect(link(chat, "An axolotl to put away")).to_be_visible()
    expect(chat.page.get_by_text("This chat is archived.")).to_have_count(0)


def test_an_archived_chat_that_goes_on_comes_back(chat: ChatPage) -> None:
    """Whoever writes in it wants it."""
    chat.open(model="echo")
    chat.ask("A chat that goes on")
    link(chat, "A chat that goes on").wait_for()
    chat.page.keyboard.press("Control+K")
    chat.page.get_by_role("combobox").fill("archive this")
    chat.page.keyboard.press("Enter")
    expect(link(chat, "A chat that goes on")).to_have_count(0)
    with chat.saving("/v1/conversations/"):
        chat.ask("and on")
    expect(link(chat, "A chat that goes on")).to_be_visible()
    chat.page.reload()
    expect(link(chat, "A chat that goes on")).to_be_visible()


def test_a_phone_can_undo(korean_phone: ChatPage, server: LiveServer) -> None:
    """The way back is on the screen, in Korean, and large enough for a finger."""
    begin(server, "지울 대화")
    korean_phone.open(model="echo")
    korean_phone.page.get_by_role("button", name="사이드바 열기").tap()
    korean_phone.page.get_by_role("button", name="‘지울 대화’ 메뉴").tap()
    korean_phone.page.get_by_role("menuitem", name="삭제").tap()
    back = korean_phone.page.get_by_role("button", name="되돌리기")
    box = back.bounding_box()
    assert box is not None
    assert box["height"] >= 40
    back.tap()
    korean_phone.page.get_by_role("button", name="사이드바 열기").tap()
    expect(korean_phone.page.get_by_role("link", name="지울 대화")).to_have_count(1)


def test_thousands_of_chats_are_listed_page_by_page(browser: Browser, server: LiveServer) -> None:
    """The first ones come at once, the others while one scrolls; typing stays quick beside them."""
    for number in range(MANY):
        begin(server, f"Many {number}")
    page = browser.new_context(locale="en-US").new_page()
    page.goto(server.url)
    rows = page.get_by_role("navigation").get_by_role("link", name="Many")
    expect(rows.nth(40)).to_be_attached()
    for count in range(50, 650, 50):
        page.get_by_role("navigation").evaluate("(list) => list.scrollTo(0, list.scrollHeight)")
        expect(rows.nth(count)).to_be_attached()
    titles = rows.all_inner_texts()
    assert titles == [f"Many {MANY - 1 - number}" for number in range(len(titles))]
    page.context.close()
