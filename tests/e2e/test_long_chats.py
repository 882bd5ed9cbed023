"""A conversation of many messages: the newest are there at once, the oldest when one goes there."""

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from support.chat_page import ChatPage
from support.live_server import LiveServer

MESSAGES = 400
MOST_ITEMS = 20  # of one request
DRAWN_BY_ITSELF = 200
# At every frame: where the message stands that is being read.
WATCH = """
(row) => {
    window.seen = new Set();
    const look = () => { window.seen.add(Math.round(row.getBoundingClientRect().top)); requestAnimationFrame(look); };
    requestAnimationFrame(look);
}
"""


def _post(server: LiveServer, path: str, body: dict[str, Any]) -> Any:
    request = Request(server.url + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urlopen(request) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def long_chat(server: LiveServer) -> str:
    """Its address."""
    conversation = _post(server, "/v1/conversations", {})["id"]
    for first in range(0, MESSAGES, MOST_ITEMS):
        items = [
            {"type": "message", "role": ("user", "assistant")[number % 2], "content": f"Message {number}."}
            for number in range(first, first + MOST_ITEMS)
        ]
        _post(server, f"/v1/conversations/{conversation}/items", {"items": items})
    return f"/c/{conversation}"


def test_oldest_messages_are_drawn_when_one_goes_there(chat: ChatPage, long_chat: str) -> None:
    """Until then they cost nothing; and what one reads does not move when they come."""
    chat.open(long_chat)
    expect(chat.answers.last).to_contain_text(f"Message {MESSAGES - 1}.")
    earlier = chat.page.get_by_role("button", name="Show earlier messages")
    expect(earlier).to_be_attached()
    rows = chat.page.locator("article")
    expect(rows).to_have_count(DRAWN_BY_ITSELF, timeout=30_000)
    pane = chat.page.get_by_role("region", name="Messages")
    pane.evaluate("(e) => e.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))")
    rows.nth(8).evaluate("(row) => { row.scrollIntoView(); window.read = row; }")
    chat.page.evaluate(f"() => ({WATCH})(window.read)")
    expect(rows).not_to_have_count(DRAWN_BY_ITSELF)
    chat.page.wait_for_timeout(500)
    places = chat.page.evaluate("() => [...window.seen]")
    assert max(places) - min(places) <= 2
    while rows.count() < MESSAGES:
        earlier.evaluate_all("(all) => all.forEach((button) => button.click())")  # it may be gone at any moment
        chat.page.wait_for_timeout(100)
    expect(rows).to_have_count(MESSAGES)
    expect(chat.questions.first).to_contain_text("Message 0.")


def test_new_messages_push_no_old_ones_out(chat: ChatPage, long_chat: str) -> None:
    """The beginning of what is drawn stays where it is."""
    chat.open(long_chat, model="echo")
    expect(chat.page.get_by_role("button", name="Show earlier messages")).to_be_attached()
    oldest = chat.page.locator("article").first.inner_text()
    chat.ask("One more")
    assert chat.page.locator("article").first.inner_text() == oldest
