"""What a person tells all models: written once, told in every chat, off where it is not wanted."""

import json
import re
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import LiveServer

TOLD = "About the user:\nI teach physics.\n\nHow to answer:\nBe brief."


@pytest.fixture(autouse=True)
def _as_before(server: LiveServer) -> Iterator[None]:
    """All browser tests are the same person."""
    yield
    body = json.dumps({"about": "", "style": "", "enabled": True}).encode()
    urlopen(Request(f"{server.url}/v1/instructions", body, {"content-type": "application/json"}, method="POST")).close()


def _open(chat: ChatPage) -> Locator:
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Custom instructions").click()
    window = chat.page.get_by_role("dialog", name="Custom instructions")
    expect(window.get_by_label("How should they answer?")).to_be_visible()
    return window


def _write(chat: ChatPage) -> None:
    window = _open(chat)
    window.get_by_label("What should models know about you?").fill("I teach physics.")
    window.get_by_label("How should they answer?").fill("Be brief.")
    window.get_by_role("button", name="Save").click()
    expect(window).to_have_count(0)


def _seen(chat: ChatPage) -> str | None:
    """The instructions that the model of the newest answer was shown, as the eye below it tells."""
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    window = chat.page.get_by_role("dialog", name="What the model saw")
    expect(window).to_be_visible()
    expect(window.get_by_role("listitem").first).to_be_visible()
    told = window.get_by_text("About the user:")
    words = told.inner_text() if told.count() else None
    chat.page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    return words


def test_they_are_told_in_every_chat_and_shown(chat: ChatPage) -> None:
    """Before the chat's own; and they are there again when one looks."""
    chat.open(model="echo")
    _write(chat)
    chat.page.get_by_role("button", name="How this chat is answered").click()
    chat.page.get_by_label("Instructions", exact=True).fill("Rhyme.")
    chat.page.get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    chat.ask("Hello")
    seen = _seen(chat)
    assert seen is not None
    assert re.sub(r"\n+", "\n", seen) == re.sub(r"\n+", "\n", f"{TOLD}\nRhyme.")
    chat.page.reload()
    window = _open(chat)
    expect(window.get_by_label("What should models know about you?")).to_have_value("I teach physics.")


def test_off_in_one_chat_and_off_altogether(chat: ChatPage) -> None:
    """In a chat's settings, which the chat keeps; and by the switch, where the words stay."""
    chat.open(model="echo")
    _write(chat)
    chat.page.get_by_role("button", name="How this chat is answered").click()
    chat.page.get_by_label("Tell the model my custom instructions in this chat").uncheck()
    chat.page.get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    chat.ask("Not here")
    assert _seen(chat) is None
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    chat.ask("Still not")
    assert _seen(chat) is None
    chat.page.keyboard.press("Control+Shift+O")
    chat.ask("But here")
    assert _seen(chat) == TOLD
    window = _open(chat)
    window.get_by_role("switch", name="Tell models this").click()
    window.get_by_role("button", name="Save").click()
    expect(window).to_have_count(0)
    chat.ask("And not any more")
    assert _seen(chat) is None


def test_a_temporary_chat_is_told_them_too_unless_it_is_not_to_be(chat: ChatPage) -> None:
    """The choice is the same, in the settings of that chat."""
    creates: list[dict[str, object]] = []

    def take(payload: str | bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "response.create":
            creates.append(frame)

    chat.page.on("websocket", lambda socket: socket.on("framesent", take))
    chat.open(model="echo")
    chat.page.get_by_role("button", name="Temporary chat").click()
    chat.ask("First")
    chat.page.get_by_role("button", name="How this chat is answered").click()
    chat.page.get_by_label("Tell the model my custom instructions in this chat").uncheck()
    chat.page.get_by_role("button", name="Save").click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    chat.ask("Second")
    assert [frame.get("maru:custom_instructions") for frame in creates] == [True, None]


def test_by_keyboard_from_the_box(chat: ChatPage) -> None:
    """A command opens it, the first field is two tabs away, Enter on the button saves."""
    press = chat.page.keyboard.press
    chat.open(model="echo")
    chat.box.press_sequentially("/instr")
    press("Enter")
    field = chat.page.get_by_label("What should models know about you?")
    expect(field).to_be_visible()
    for _ in range(10):
        if field.evaluate("(it) => it === document.activeElement"):
            break
        press("Tab")
    expect(field).to_be_focused()
    chat.page.keyboard.type("I teach physics.")
    press("Tab")
    chat.page.keyboard.type("Be brief.")
    press("Tab")
    press("Tab")
    press("Enter")
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(chat.box).to_be_focused()
    chat.ask("Hello")
    assert _seen(chat) == TOLD


def test_what_is_not_saved_stays_in_the_field(chat: ChatPage, watch: Watch) -> None:
    """With a word about why; and what cannot be loaded says so."""
    chat.open(model="echo")
    window = _open(chat)
    watch.is_network_cut = True
    chat.page.route("**/v1/instructions", lambda route: route.abort())
    window.get_by_label("How should they answer?").fill("Be brief.")
    window.get_by_role("button", name="Save").click()
    expect(window.get_by_role("alert")).to_contain_text("This was not saved.")
    expect(window.get_by_label("How should they answer?")).to_have_value("Be brief.")


def test_a_korean_phone_and_axe(korean_phone: ChatPage) -> None:
    """All of it fits, and axe finds nothing."""
    page = korean_phone.page
    korean_phone.open(model="echo")
    page.get_by_role("button", name="사이드바 열기").tap()
    page.get_by_role("button", name="설정").tap()
    page.get_by_role("menuitem", name="맞춤 지침").tap()
    box = page.get_by_label("어떻게 답하면 좋을까요?")
    box.fill("가" * 1_900)
    expect(page.get_by_text("100자 남음")).to_be_visible()
    settled(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
