"""Memory across chats, on the page: off at first, and nothing in it but what the person wrote or said yes to."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, expect

from maru.memory.facts import HEADING
from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import LiveServer

TITLE = "Memory across chats"


def _memory(server: LiveServer, method: str = "GET", body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{server.url}/v1/memory", data, headers, method=method)) as answer:
        return json.load(answer)


@pytest.fixture(autouse=True)
def nothing_remembered(server: LiveServer) -> Iterator[None]:
    """Facts belong to the person and not to a conversation: each test begins and ends without any."""
    _memory(server, "DELETE")
    _memory(server, "POST", {"enabled": False})
    yield
    _memory(server, "DELETE")
    _memory(server, "POST", {"enabled": False})


def _open_facts(chat: ChatPage) -> Locator:
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name=TITLE).click()
    window = chat.page.get_by_role("dialog", name=TITLE)
    expect(window.get_by_role("switch")).to_be_visible()
    return window


def _texts(server: LiveServer) -> list[str]:
    return [fact["text"] for fact in _memory(server)["facts"]]


def test_it_is_off_until_the_person_turns_it_on(chat: ChatPage, server: LiveServer) -> None:
    """And says what it does."""
    chat.open(model="echo")
    window = _open_facts(chat)
    expect(window).to_contain_text("nothing is remembered by itself")
    expect(window.get_by_role("switch")).not_to_be_checked()
    window.get_by_role("switch").click()
    expect(window.get_by_role("switch")).to_be_checked()
    expect(window).to_contain_text("On: models are told these facts.")
    assert _memory(server)["enabled"] is True
    chat.page.reload()
    expect(_open_facts(chat).get_by_role("switch")).to_be_checked()


def test_facts_are_written_changed_and_deleted_by_keyboard_alone(chat: ChatPage, server: LiveServer) -> None:
    """Each step is told, and the focus is never lost."""
    chat.open(model="echo")
    keyboard = chat.page.keyboard
    settings = chat.page.get_by_role("button", name="Settings")
    settings.focus()
    keyboard.press("Enter")
    chat.page.get_by_role("menuitem", name=TITLE).press("Enter")
    window = chat.page.get_by_role("dialog", name=TITLE)
    status = window.get_by_role("status")
    new = window.get_by_label("New fact")
    new.focus()
    for words in ("I am a vegetarian.", "My sister is Mina."):
        keyboard.type(words)
        keyboard.press("Enter")
        expect(status).to_have_text("Added.")
        expect(new).to_have_value("")
        expect(new).to_be_focused()
    window.get_by_role("button", name="Edit “I am a vegetarian.”").press("Enter")
    expect(window.get_by_label("Edit this fact")).to_be_focused()
    keyboard.press("Home")
    keyboard.type("Mostly ")
    keyboard.press("Enter")
    expect(window.get_by_role("button", name="Edit “Mostly I am a vegetarian.”")).to_be_focused()
    expect(status).to_have_text("Saved.")
    window.get_by_role("button", name="Edit “My sister is Mina.”").press("Enter")
    keyboard.type(" No!")
    keyboard.press("Escape")
    expect(window).to_be_visible()
    expect(window.get_by_role("button", name="Edit “My sister is Mina.”")).to_be_focused()
    assert _texts(server) == ["Mostly I am a vegetarian.", "My sister is Mina."]
    window.get_by_role("button", name="Delete “My sister is Mina.”").press("Enter")
    expect(status).to_have_text("Deleted.")
    expect(new).to_be_focused()
    assert _texts(server) == ["Mostly I am a vegetarian."]
    keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(settings).to_be_focused()


def test_all_are_deleted_only_after_a_question(chat: ChatPage, server: LiveServer) -> None:
    """Whoever says no keeps them."""
    chat.open(model="echo")
    window = _open_facts(chat)
    for words in ("One plank", "Another plank"):
        window.get_by_label("New fact").fill(words)
        window.get_by_role("button", name="Add").click()
        expect(window.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    question = chat.page.get_by_role("alertdialog")
    window.get_by_role("button", name="Delete all").click()
    question.get_by_role("button", name="Keep them").click()
    expect(window.get_by_role("listitem")).to_have_count(2)
    window.get_by_role("button", name="Delete all").click()
    question.get_by_role("button", name="Delete all").click()
    expect(window).to_contain_text("Nothing is written down yet.")
    assert _texts(server) == []


def test_what_the_server_refuses_is_told_and_stays_in_the_box(chat: ChatPage, watch: Watch) -> None:
    """The same fact twice; and one that is too long is never sent."""
    chat.open(model="echo")
    window = _open_facts(chat)
    box, add = window.get_by_label("New fact"), window.get_by_role("button", name="Add")
    box.fill("I live in Jeonju.")
    add.click()
    expect(box).to_have_value("")
    watch.is_network_cut = True  # the browser complains about a 400
    box.fill("i live in  jeonju.")
    add.click()
    expect(window.get_by_role("alert")).to_contain_text("This is written down already.")
    expect(box).to_have_value("i live in  jeonju.")
    box.fill("x" * 301)
    expect(add).to_be_disabled()
    expect(window).to_contain_text("301 of 300 characters")
    box.fill("x" * 300)
    expect(add).to_be_enabled()


def test_a_message_is_remembered_after_the_person_said_so(chat: ChatPage, server: LiveServer) -> None:
    """As the person words it, on one line; memory is turned on with their yes, and their no keeps nothing."""
    chat.open(model="echo")
    chat.ask("I am allergic to nuts.\n\nWhat can I bake?")
    conversation = chat.page.url.rsplit("/", 1)[1]
    action = chat.questions.last.get_by_role("button", name="Remember this")
    window = chat.page.get_by_role("dialog", name="Remember this in all chats?")
    chat.questions.last.hover()
    action.click()
    box = window.get_by_label("What to remember")
    expect(box).to_be_focused()
    expect(box).to_have_value("I am allergic to nuts. What can I bake?")
    window.get_by_role("button", name="Cancel").click()
    expect(action).to_be_focused()
    assert (_texts(server), _memory(server)["enabled"]) == ([], False)
    chat.page.keyboard.press("Enter")
    box.fill("I am allergic to nuts.")
    expect(window).to_contain_text("Memory across chats is off. It will be turned on.")
    window.get_by_role("button", name="Turn on and remember").click()
    expect(window).to_have_count(0)
    expect(action).to_be_focused()
    expect(chat.page.get_by_role("status")).to_have_text("Remembered for all chats.")
    memory = _memory(server)
    assert memory["enabled"] is True
    assert [(fact["text"], fact["conversation"]) for fact in memory["facts"]] == [
        ("I am allergic to nuts.", conversation)
    ]


def test_selected_words_are_remembered(chat: ChatPage, server: LiveServer) -> None:
    """Of an answer too; without a selection there is no button in the way."""
    _memory(server, "POST", {"enabled": True})
    chat.open(model="echo")
    chat.ask("Tea houses in Jeonju close at nine.")
    button = chat.page.get_by_role("button", name="Remember this").filter(has_text="Remember this")
    expect(button).to_have_count(0)
    chat.last_answer.locator("p").dblclick(position={"x": 10, "y": 10})
    button.click()
    window = chat.page.get_by_role("dialog", name="Remember this in all chats?")
    expect(window.get_by_label("What to remember")).to_have_value("Tea")
    window.get_by_role("button", name="Remember", exact=True).click()
    expect(window).to_have_count(0)
    expect(button).to_have_count(0)
    assert _texts(server) == ["Tea"]


def test_a_new_chat_knows_a_fact_from_another(chat: ChatPage) -> None:
    """The model is told it, as the window of what it saw shows; turned off, it is not."""
    chat.open(model="echo")
    chat.ask("My sister is Mina.")
    chat.questions.last.hover()
    chat.questions.last.get_by_role("button", name="Remember this").click()
    chat.page.get_by_role("button", name="Turn on and remember").click()
    expect(chat.page.get_by_role("status")).to_have_text("Remembered for all chats.")
    chat.page.keyboard.press("Control+Shift+O")
    chat.ask("Who is my sister?")
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    seen = chat.page.get_by_role("dialog", name="What the model saw")
    expect(seen).to_contain_text(re.compile(rf"{HEADING['en']}\s+- My sister is Mina\."))
    chat.page.keyboard.press("Escape")
    _open_facts(chat).get_by_role("switch").click()
    expect(chat.page.get_by_role("dialog").get_by_role("switch")).not_to_be_checked()
    chat.page.keyboard.press("Escape")
    chat.ask("And now?")
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    expect(seen).to_contain_text("And now?")
    expect(seen).not_to_contain_text(HEADING["en"])


def test_a_korean_phone_manages_facts(korean_phone: ChatPage, server: LiveServer) -> None:
    """In the drawer, with the finger; axe finds nothing in either window."""
    page = korean_phone.page
    korean_phone.open()
    page.get_by_role("button", name="사이드바 열기").tap()
    page.get_by_role("button", name="설정").tap()
    page.get_by_role("menuitem", name="대화를 넘어 기억하기").tap()
    window = page.get_by_role("dialog", name="대화를 넘어 기억하기")
    window.get_by_role("switch").tap()
    expect(window.get_by_role("switch")).to_be_checked()
    window.get_by_label("새로 적기").fill("나는 전주에 살아요.")
    window.get_by_role("button", name="추가").tap()
    expect(window.get_by_role("listitem")).to_have_text("나는 전주에 살아요.")
    settled(page)
    assert violations(page) == []
    window.get_by_role("button", name="닫기").tap()
    expect(window).to_have_count(0)
    assert _texts(server) == ["나는 전주에 살아요."]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, theme: str) -> None:
    """A list, one being changed, a refusal, and the question of what to remember."""
    chat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    chat.open(model="echo")
    chat.ask("I walk to work.")
    window = _open_facts(chat)
    for words in ("One plank", "Another plank"):
        window.get_by_label("New fact").fill(words)
        window.get_by_role("button", name="Add").click()
        expect(window.get_by_role("listitem").filter(has_text=words)).to_be_visible()
    window.get_by_role("button", name="Edit “One plank”").click()
    window.get_by_label("New fact").fill("x" * 301)
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    chat.questions.last.hover()
    chat.questions.last.get_by_role("button", name="Remember this").click()
    expect(chat.page.get_by_role("button", name="Turn on and remember")).to_be_enabled()
    settled(chat.page)
    assert violations(chat.page) == []
