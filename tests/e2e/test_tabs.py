"""A tab that goes away: closing it stops its answer at the engine, unless somebody still looks at it."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

from playwright.sync_api import BrowserContext, Page

from support.browser_watch import Watch
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.live_server import LiveServer
from support.vllm_server import ENDLESS_FORMAT, VllmServer, running_requests

# Well before the answer would end by itself.
WITHIN_S = 12.0
# What the page sends goes through this, so that its answer is a long one.
ASK_FOR_MUCH = f"""
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (frame) {{
    const asked = JSON.parse(frame);
    if (asked.type === "response.create") asked.text = {json.dumps(ENDLESS_FORMAT)};
    send.call(this, JSON.stringify(asked));
}};
"""


def _get(url: str) -> Any:
    with urlopen(url) as answer:
        return json.load(answer)


def _running(server: LiveServer, conversation: str) -> list[str]:
    running: list[str] = _get(f"{server.url}/v1/conversations/{conversation}/tree")["running"]
    return running


def _wait(is_so: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _conversation(chat: ChatPage) -> str:
    return chat.page.url.rsplit("/", 1)[1]


def test_closing_the_tab_stops_its_answer(chat: ChatPage, server: LiveServer) -> None:
    """Nobody reads on; the words so far are kept."""
    chat.open(model="steady")
    chat.say("Count until I leave")
    chat.wait_for_words(5)
    conversation = _conversation(chat)
    (response_id,) = _running(server, conversation)
    chat.page.close()
    _wait(lambda: not _running(server, conversation), WITHIN_S)
    response = _get(f"{server.url}/v1/responses/{response_id}")
    assert response["status"] == "cancelled"
    assert " 5x" in response["output"][0]["content"][0]["text"]


def test_an_answer_that_another_tab_shows_goes_on(
    chat: ChatPage, context: BrowserContext, server: LiveServer, watch: Watch
) -> None:
    """The last tab decides."""
    chat.open(model="steady")
    chat.say("Count for both of us")
    chat.wait_for_words(5)
    conversation = _conversation(chat)
    page = context.new_page()
    watch.listen(page)
    other = ChatPage(page, server.url)
    other.open(f"/c/{conversation}")
    other.wait_for_words(8)
    (response_id,) = _running(server, conversation)
    chat.page.close()
    other.wait_until_answered()
    assert _get(f"{server.url}/v1/responses/{response_id}")["status"] == "completed"


def test_closing_the_tab_frees_the_engine(page: Page, vllm_server: VllmServer, maru_on_vllm: LiveServer) -> None:
    """Its own count of running requests falls to 0."""
    chat = ChatPage(page, maru_on_vllm.url)
    page.add_init_script(ASK_FOR_MUCH)
    chat.open(model="vllm")
    chat.say("Count.")
    _wait(lambda: running_requests(vllm_server) == 1, ANSWERED_WITHIN_MS / 1000)
    page.close()
    _wait(lambda: not running_requests(vllm_server), WITHIN_S)
