"""The network breaks at a bad moment: nothing is lost, nothing is said twice."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.scripted_models import WORDS_OF_SLOW

Cut = Callable[[], None]


@pytest.fixture
def cut(page: Page, watch: Watch) -> Cut:
    """Breaks the newest connection of the page, on both sides."""
    pairs: list[tuple[WebSocketRoute, WebSocketRoute]] = []
    page.route_web_socket("**/v1/responses", lambda route: pairs.append((route, route.connect_to_server())))

    def cut_now() -> None:
        watch.is_network_cut = True
        here, there = pairs[-1]
        there.close()
        here.close(code=3001)

    return cut_now


def test_answer_goes_on_after_the_connection_broke(chat: ChatPage, cut: Cut) -> None:
    """Every word is there once, in order."""
    chat.open(model="slow")
    chat.say("Count through a tunnel")
    for words in (10, 40, 70):
        chat.wait_for_words(words)
        cut()
    chat.wait_until_answered()
    assert chat.counted() == list(range(WORDS_OF_SLOW))


def test_message_written_without_a_connection_is_sent_once(chat: ChatPage, cut: Cut) -> None:
    """It stands on the page at once and goes when the network is back."""
    chat.open(model="echo")
    chat.ask("Before the tunnel")
    cut()
    chat.say("Inside the tunnel")
    expect(chat.last_answer).to_have_text("Inside the tunnel", timeout=20_000)
    chat.wait_until_answered()
    chat.page.reload()
    expect(chat.questions).to_have_count(2)
    expect(chat.answers).to_have_count(2)
