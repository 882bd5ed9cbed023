"""The page by keyboard alone: shortcuts that can be changed, commands in the box, the last message once more."""

from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.chat_page import ChatPage


def _list(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Keyboard shortcuts")


def _change(chat: ChatPage, action: str, keys: str) -> None:
    _list(chat).get_by_role("button", name=f"Change the keys of “{action}”").click()
    expect(_list(chat).get_by_role("button", name="Press the new keys…")).to_be_focused()
    chat.page.keyboard.press(keys)


def test_list_opens_by_its_keys_and_not_while_one_types(chat: ChatPage) -> None:
    """A question mark in a message is a question mark."""
    chat.open(model="echo")
    chat.box.focus()
    chat.page.keyboard.type("why?")
    expect(chat.box).to_have_value("why?")
    expect(_list(chat)).to_have_count(0)
    chat.page.keyboard.press("Control+Slash")
    expect(_list(chat)).to_be_visible()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    expect(_list(chat)).to_have_count(0)
    chat.page.evaluate("() => document.activeElement.blur()")
    chat.page.keyboard.press("?")
    expect(_list(chat)).to_be_visible()


def test_shortcut_is_changed_and_outlives_a_reload(chat: ChatPage) -> None:
    """The old keys do nothing then."""
    chat.open(model="echo")
    chat.ask("A chat to leave")
    chat.page.keyboard.press("Control+Slash")
    _change(chat, "New chat", "Alt+KeyN")
    expect(_list(chat).get_by_role("button", name="Change the keys of “New chat”")).to_contain_text("AltN")
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    chat.page.keyboard.press("Control+Shift+KeyO")
    expect(chat.questions).to_have_count(1)
    chat.page.keyboard.press("Alt+KeyN")
    expect(chat.questions).to_have_count(0)


def test_keys_that_cannot_be_are_refused_with_the_reason(chat: ChatPage) -> None:
    """Two actions on one key, a bare letter, or a key of the browser would only surprise."""
    chat.open(model="echo")
    chat.page.keyboard.press("Control+Slash")
    _change(chat, "New chat", "Control+KeyB")
    expect(_list(chat).get_by_role("alert")).to_have_text("These are the keys of “Open or close the sidebar”.")
    chat.page.keyboard.press("g")
    expect(_list(chat).get_by_role("alert")).to_contain_text("function key")
    chat.page.keyboard.press("Escape")
    expect(_list(chat)).to_be_visible()
    expect(_list(chat).get_by_role("alert")).to_have_count(0)


def test_shortcut_can_be_turned_off_and_all_set_back(chat: ChatPage) -> None:
    """Some people press Escape for other reasons."""
    chat.open(model="steady")
    chat.page.keyboard.press("Control+Slash")
    _list(chat).get_by_role("button", name="Turn off the keys of “Stop answering”").click()
    chat.page.keyboard.press("Escape")
    chat.say("Count and do not stop")
    chat.wait_for_words(3)
    chat.page.keyboard.press("Escape")
    chat.wait_for_words(20)
    expect(chat.stop_button).to_be_visible()
    chat.page.keyboard.press("Control+Slash")
    _list(chat).get_by_role("button", name="Reset all").click()
    chat.page.keyboard.press("Escape")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible()


def test_enter_can_begin_a_line_and_control_enter_send(chat: ChatPage) -> None:
    """For people who write letters."""
    chat.open(model="echo")
    chat.page.keyboard.press("Control+Slash")
    _list(chat).get_by_role("radio", name="Ctrl+Enter or ⌘+Enter sends").check()
    chat.page.keyboard.press("Escape")
    chat.box.fill("one")
    chat.box.press("Enter")
    chat.page.keyboard.type("two")
    expect(chat.box).to_have_value("one\ntwo")
    chat.box.press("Control+Enter")
    expect(chat.questions.last).to_contain_text("two")


def test_arrow_up_in_an_empty_box_edits_the_last_message(chat: ChatPage) -> None:
    """A slip of the finger is mended without the mouse; with words in the box the arrow moves in them."""
    chat.open(model="echo")
    chat.ask("A slip of the fingre")
    chat.box.fill("x")
    chat.box.press("ArrowUp")
    expect(chat.page.get_by_label("Edit your message")).to_have_count(0)
    chat.box.fill("")
    chat.box.press("ArrowUp")
    editor = chat.page.get_by_label("Edit your message")
    expect(editor).to_be_focused()
    expect(editor).to_have_value("A slip of the fingre")
    editor.fill("A slip of the finger")
    editor.press("Control+Enter")
    expect(chat.last_answer).to_have_text("A slip of the finger")


def test_commands_in_the_box(chat: ChatPage) -> None:
    """A slash lists them; arrows and Enter pick one; what only looks like one is sent as it is."""
    chat.open(model="steady")
    chat.box.fill("/")
    commands = chat.page.get_by_role("listbox", name="Commands")
    expect(commands.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    assert violations(chat.page) == []
    chat.box.fill("/mo")
    chat.box.press("Enter")
    expect(chat.box).to_have_value("/model ")
    chat.page.keyboard.type("ech")
    expect(commands.get_by_role("option")).to_have_count(1)
    chat.box.press("Enter")
    expect(chat.box).to_have_value("")
    expect(chat.page.get_by_role("button", name="Model: echo")).to_be_visible()
    chat.box.fill("/n")
    chat.box.press("Escape")
    expect(commands).to_have_count(0)
    expect(chat.box).to_have_value("/n")
    chat.box.fill("/etc/hosts is a file")
    chat.box.press("Enter")
    expect(chat.last_answer).to_have_text("/etc/hosts is a file")
    chat.wait_until_answered()
    chat.box.fill("/new")
    chat.box.press("Tab")
    expect(chat.questions).to_have_count(0)
