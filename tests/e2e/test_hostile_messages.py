"""450 messages that would act if they could, shown as stored: none does, and none breaks the page."""

from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import expect

from support.chat_page import ChatPage
from support.hostile_messages import every_message

A_CHAT = 50
MESSAGES = list(enumerate(every_message()))
CHATS = [MESSAGES[begin : begin + A_CHAT] for begin in range(0, len(MESSAGES), A_CHAT)]
ACTING = (
    "script, iframe:not([sandbox]), style, form, object, embed, meta, base, link, audio, video, details, marquee, "
    "svg image, [onerror], [onload], [onclick], [onfocus], [style*='url('], #composer, #root"
)


def _turn(number: int, words: str) -> list[dict[str, Any]]:
    asked = {"type": "message", "role": "user", "content": words}
    said = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": words}]}
    return [{**asked, "content": f"{number}: {words}"}, said]


@pytest.mark.parametrize("messages", CHATS, ids=lambda messages: f"from {messages[0][0]}")
def test_hostile_messages_do_nothing(chat: ChatPage, messages: Sequence[tuple[int, str]]) -> None:
    """The `watch` behind `chat` fails the test on any foreign request and on any complaint of the browser."""
    made = chat.page.request.post(f"{chat.url}/v1/conversations", data={}).json()
    for number, words in messages:
        items = f"{chat.url}/v1/conversations/{made['id']}/items"
        assert chat.page.request.post(items, data={"items": _turn(number, words)}).ok, words[:80]
    chat.open(f"/c/{made['id']}")
    expect(chat.answers).to_have_count(len(messages), timeout=60_000)
    shown = chat.answers.locator(".prose").all_text_contents()
    missing = [number for (number, _), text in zip(messages, shown, strict=True) if f"end of {number}" not in text]
    assert missing == []
    expect(chat.answers.locator(ACTING)).to_have_count(0)
    expect(chat.answers.locator("img:not([src^='data:image/'])")).to_have_count(0)
    links = chat.answers.locator("a[href]").evaluate_all("all => all.map(a => a.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}
    chat.page.keyboard.press("Tab")  # what has the focus may act
    assert chat.page.evaluate("() => window.owned === undefined")
    chat.ask("still here")
