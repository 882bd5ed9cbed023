"""Everybody can use it: keyboard, screen reader, Hangul, both themes, both languages, a phone."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import LiveServer

IME_KEY_CODE = 229

RICH = """# A heading

Some **bold** words, `code` and a [link](https://example.org/).

| Kind | Where |
| --- | --- |
| Daecheong | between rooms |

```python
def answer() -> int:  # a comment
    return 42
```

- one
- two
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_axe_finds_nothing(
    browser: Browser, server: LiveServer, watch: Watch, theme: str, size: tuple[int, int]
) -> None:
    """Empty, written, streaming, with a menu open and with the drawer or a dialog open."""
    context = browser.new_context(
        locale="en-US",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        viewport={"width": size[0], "height": size[1]},
    )
    page = context.new_page()
    watch.listen(page)
    chat = ChatPage(page, server.url)
    chat.open(model="echo")
    settled(page)
    assert violations(page) == []
    chat.ask(RICH)
    expect(page.locator(".shiki-piece").first).to_be_visible()
    settled(page)
    assert violations(page) == []
    page.get_by_role("button", name="Model: ").click()
    settled(page)
    assert violations(page) == []
    page.get_by_role("menuitemradio", name="steady").click()
    chat.say("Count while axe looks")
    chat.wait_for_words(3)
    assert violations(page) == []
    chat.stop()
    if size[0] < 768:  # the sidebar is a drawer there
        page.get_by_role("button", name="Open sidebar").click()
    chat.sidebar.get_by_role("button", name="Options for").first.click()
    page.get_by_role("menuitem", name="Delete").click()
    settled(page)
    assert violations(page) == []
    context.close()


def test_first_steps_by_keyboard_alone(chat: ChatPage) -> None:
    """Skip link, box, send, copy: every step has a visible focus and a name."""
    chat.open(model="echo")
    chat.page.keyboard.press("Tab")
    expect(chat.page.get_by_role("link", name="Skip to the message box")).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    chat.page.keyboard.type("By hand")
    chat.page.keyboard.press("Shift+Enter")
    chat.page.keyboard.type("on two lines")
    chat.page.keyboard.press("Enter")
    expect(chat.questions.last).to_contain_text("By hand\non two lines")
    expect(chat.box).to_be_focused()
    chat.wait_until_answered()
    chat.page.keyboard.press("Control+B")
    expect(chat.page.get_by_role("button", name="Open sidebar")).to_be_visible()
    chat.page.keyboard.press("Control+B")
    expect(chat.page.get_by_role("button", name="Close sidebar")).to_be_visible()


def test_screen_reader_is_told_once_that_the_answer_is_complete(chat: ChatPage) -> None:
    """The messages themselves are no live region, or every word would be read as it comes."""
    chat.open(model="echo")
    chat.ask("Tell me when you are done")
    expect(chat.page.get_by_role("status")).to_have_text("The answer is complete.")
    expect(chat.page.locator("[aria-live]:not([role=status])")).to_have_count(0)


@pytest.mark.parametrize("sends_a_second_key", [False, True], ids=["one-keydown", "two-keydowns"])
def test_enter_while_composing_hangul_commits_and_sends_once(chat: ChatPage, *, sends_a_second_key: bool) -> None:
    """Chrome's order: keydown 229, compositionend, and on some systems a plain keydown after it."""
    chat.open(model="echo")
    _compose(chat, "안녕")
    if sends_a_second_key:
        chat.box.press("Enter")
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.first).to_contain_text("안녕")
    chat.wait_until_answered()
    expect(chat.box).to_have_value("")
    expect(chat.questions).to_have_count(1)


def test_enter_in_a_candidate_window_does_not_send(chat: ChatPage) -> None:
    """In Japanese and Chinese that Enter chooses a word."""
    chat.open(model="echo")
    _compose(chat, "日本")
    chat.page.wait_for_timeout(300)
    expect(chat.questions).to_have_count(0)
    expect(chat.box).to_have_value("日本")
    chat.box.press("Enter")
    expect(chat.questions.first).to_contain_text("日本")


def test_language_and_theme_are_kept(chat: ChatPage) -> None:
    """A switch changes the words at once, without losing the draft, and holds after a reload."""
    chat.open(model="echo")
    chat.box.fill("a draft")
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitemradio", name="한국어").click()
    chat.page.get_by_role("menuitemradio", name="어둡게").click()
    expect(chat.page.locator("html.dark[lang=ko]")).to_have_count(1)
    chat.page.keyboard.press("Escape")
    expect(chat.box).to_have_value("a draft")
    chat.page.reload()
    expect(chat.page.locator("html.dark[lang=ko]")).to_have_count(1)
    expect(chat.box).to_have_attribute("placeholder", "무엇이든 물어보세요")


def test_page_follows_the_end_until_the_reader_scrolls_up(chat: ChatPage) -> None:
    """The text being read never moves; a button leads back to the end."""
    chat.open(model="echo")
    chat.ask("\n\n".join(f"A paragraph of some length, number {number}." for number in range(60)))
    pane = chat.page.get_by_role("region", name="Messages")
    chat.page.get_by_role("button", name="Model: ").click()
    chat.page.get_by_role("menuitemradio", name="steady").click()
    chat.say("Count below the fold")
    chat.wait_for_words(5)
    _expect_at_the_end(pane)
    pane.hover()
    chat.page.mouse.wheel(0, -1200)
    top = _where_it_comes_to_rest(chat, pane)
    chat.wait_for_words(90)
    assert pane.evaluate("(e) => e.scrollTop") == top
    chat.page.get_by_role("button", name="New below").click()
    chat.wait_until_answered()
    _expect_at_the_end(pane)


def _expect_at_the_end(pane: Locator) -> None:
    """The page scrolls in the frame after the one in which something grew."""
    at_end = "(pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop <= 1"
    pane.page.wait_for_function(at_end, arg=pane.element_handle())


def _where_it_comes_to_rest(chat: ChatPage, pane: Locator) -> float:
    """The wheel's own scrolling takes a while, on a busy machine a long one."""
    before = -1.0
    for _ in range(50):
        chat.page.wait_for_timeout(250)
        top: float = pane.evaluate("(e) => e.scrollTop")
        if top == before:
            break
        before = top
    return before


def _compose(chat: ChatPage, word: str) -> None:
    """What an input method does: preedit, Enter with the IME key code, commit."""
    chat.box.focus()
    keyboard: Any = chat.page.context.new_cdp_session(chat.page)  # typed in part
    selection = {"selectionStart": len(word), "selectionEnd": len(word)}
    keyboard.send("Input.imeSetComposition", {"text": word, **selection})
    enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": IME_KEY_CODE}
    keyboard.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
    keyboard.send("Input.insertText", {"text": word})
    keyboard.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
