"""A chat of which nothing is kept: clearly marked, listed nowhere, gone when one leaves."""

import json
from typing import Any
from urllib.parse import quote
from urllib.request import urlopen

from playwright.sync_api import expect

from support.axe import settled, violations
from support.chat_page import ChatPage
from support.live_server import LiveServer


def _found(server: LiveServer, words: str) -> list[str]:
    """Titles and messages that the server has with these words."""
    with urlopen(f"{server.url}/v1/conversations/search?q={quote(words)}") as answer:
        return [hit["snippet"] for hit in json.load(answer)["data"]]


def _watch_creates(chat: ChatPage) -> list[dict[str, Any]]:
    creates: list[dict[str, Any]] = []

    def take(payload: str | bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "response.create":
            creates.append(frame)

    chat.page.on("websocket", lambda socket: socket.on("framesent", take))
    return creates


def test_temporary_chat_is_kept_nowhere(chat: ChatPage, server: LiveServer) -> None:
    """The server is told to keep nothing, the list stays as it was, and a reload finds an empty page."""
    creates = _watch_creates(chat)
    chat.open(model="echo")
    chat.page.get_by_role("button", name="Temporary chat").click()
    expect(chat.page.get_by_role("heading", name="Temporary chat")).to_be_visible()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.ask("A secret of the floor")
    chat.ask("And another one")
    expect(chat.page.get_by_role("heading", level=1, name="Temporary chat")).to_be_visible()
    assert violations(chat.page) == []
    assert chat.page.title() == "Temporary chat · Maru"
    assert [frame["store"] for frame in creates] == [False, False]
    said = [(one["role"], one["content"][0]["text"]) for one in creates[-1]["input"]]
    assert said == [
        ("user", "A secret of the floor"),
        ("assistant", "A secret of the floor"),
        ("user", "And another one"),
    ]
    assert "conversation" not in creates[-1]
    assert _found(server, "secret of the floor") == []
    kept = chat.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "floor" not in kept
    chat.page.reload()
    expect(chat.box).to_be_visible()
    expect(chat.questions).to_have_count(0)


def test_temporary_chat_has_versions_and_edits_of_its_own(chat: ChatPage) -> None:
    """It is a chat like any other while it lasts."""
    chat.open(model="echo")
    chat.page.keyboard.press("Control+Shift+Quote")
    chat.ask("The first wording")
    chat.page.get_by_role("button", name="Answer again").click()
    expect(chat.page.get_by_label("Version 2 of 2")).to_be_visible()
    chat.wait_until_answered()
    chat.page.get_by_role("button", name="Previous version").click()
    expect(chat.page.get_by_label("Version 1 of 2")).to_be_visible()
    chat.box.press("ArrowUp")
    editor = chat.page.get_by_label("Edit your message")
    editor.fill("The second wording")
    editor.press("Control+Enter")
    expect(chat.last_answer).to_have_text("The second wording")
    chat.wait_until_answered()
    for what in ("Good answer", "What did the model see?"):
        expect(chat.answers.last.get_by_role("button", name=what)).to_have_count(0)


def test_leaving_forgets_it_and_stops_its_answer(chat: ChatPage) -> None:
    """Nothing leads back, and a new chat is kept again."""
    chat.open(model="slow")
    chat.page.get_by_role("button", name="Temporary chat").click()
    chat.say("Count in secret")
    chat.wait_for_words(3)
    chat.page.keyboard.press("Control+Shift+O")
    expect(chat.questions).to_have_count(0)
    expect(chat.page.get_by_role("button", name="Temporary chat")).to_have_attribute("aria-pressed", "false")
    chat.say("Count in the open")
    chat.wait_for_words(1)
    expect(chat.sidebar.get_by_role("link", name="Count in the open")).to_be_visible()
    expect(chat.sidebar.get_by_role("link", name="Count in secret")).to_have_count(0)
