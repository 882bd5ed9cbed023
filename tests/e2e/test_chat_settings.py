"""How one chat is answered: instructions, temperature, longest answer, kept with the chat."""

import json
from typing import Any

from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.chat_page import ChatPage


def _watch_creates(chat: ChatPage) -> list[dict[str, Any]]:
    creates: list[dict[str, Any]] = []

    def take(payload: str | bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "response.create":
            creates.append(frame)

    chat.page.on("websocket", lambda socket: socket.on("framesent", take))
    return creates


def _open(chat: ChatPage) -> Locator:
    chat.page.get_by_role("button", name="How this chat is answered").click()
    return chat.page.get_by_role("dialog", name="How this chat is answered")


def test_settings_of_a_new_chat_go_with_it_and_outlive_a_reload(chat: ChatPage) -> None:
    """They are sent with every question; the next new chat begins without them."""
    creates = _watch_creates(chat)
    chat.open(model="echo")
    window = _open(chat)
    settled(chat.page)
    assert violations(chat.page) == []
    window.get_by_label("Instructions", exact=True).fill("Answer in one word. " * 40)
    window.get_by_label("Temperature").fill("0.5")
    window.get_by_role("button", name="Save").click()
    expect(window).to_have_count(0)
    chat.ask("First")
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    chat.ask("Second")
    assert [(frame["instructions"], frame["temperature"]) for frame in creates] == [
        (("Answer in one word. " * 40).strip(), 0.5)
    ] * 2
    chat.page.keyboard.press("Control+Shift+O")
    expect(chat.page.get_by_role("button", name="How this chat is answered", exact=True)).to_be_visible()
    chat.ask("Third")
    assert "instructions" not in creates[-1]
    assert "temperature" not in creates[-1]


def test_answer_that_is_cut_by_its_length_can_be_gone_on_with(chat: ChatPage) -> None:
    """The settings of a chat that exists already are changed; the button says that something is set."""
    chat.open(model="slow")
    chat.page.get_by_role("button", name="Model: ").click()
    chat.page.get_by_role("menuitemradio", name="echo").click()
    chat.ask("one two three")
    window = _open(chat)
    window.get_by_label("Longest answer, in tokens").fill("16")
    window.get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("button", name="How this chat is answered (changed)")).to_be_visible()
    chat.ask(" ".join(f"word{number}" for number in range(40)))
    expect(chat.page.get_by_text("The answer reached its length limit.")).to_be_visible()
    chat.answers.last.get_by_role("button", name="Continue").click()
    expect(chat.questions).to_have_count(3)


def test_number_that_cannot_be_is_refused_where_it_stands(chat: ChatPage) -> None:
    """The browser says why, and nothing is saved."""
    chat.open(model="echo")
    window = _open(chat)
    window.get_by_label("Longest answer, in tokens").fill("3")
    window.get_by_role("button", name="Save").click()
    expect(window).to_be_visible()
    assert window.get_by_label("Longest answer, in tokens").evaluate("(e) => e.validity.rangeUnderflow")
