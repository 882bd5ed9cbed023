"""The network breaks at a bad moment: nothing is lost, nothing is said twice."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import WebSocketRoute, expect

from support.browser_watch import Watch
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.scripted_models import WORDS_OF_BRIEF, WORDS_OF_SLOW
from support.until import until

Cut = Callable[[], None]


@dataclass
class Tunnel:
    """Breaks the connection of a page at an exact moment; what was on its way then is lost.

    Attributes:
        frames_back: so many more frames reach the page; None: all.
        is_deaf: the next frame of the page does not reach the server.
        is_mute: what the server says does not reach the page.
        cut: break the connection now.
    """

    frames_back: int | None = None
    is_deaf: bool = False
    is_mute: bool = False
    cut: Cut = lambda: None

    def carry(self, here: WebSocketRoute) -> None:
        """Stand between a page and the server."""
        there = here.connect_to_server()
        is_broken = False

        def cut() -> None:
            nonlocal is_broken
            is_broken = True
            there.close()
            here.close(code=3001)

        def pass_on(frame: str | bytes, to: WebSocketRoute, *, breaks: bool) -> None:
            if is_broken or (to is here and self.is_mute):
                return
            if breaks:
                cut()
            else:
                to.send(frame)

        self.cut = cut
        here.on_message(lambda frame: pass_on(frame, there, breaks=self._is_lost_there()))
        there.on_message(lambda frame: pass_on(frame, here, breaks=self._is_lost_back()))

    def waits(self) -> bool:
        """Whether the moment has not come."""
        return self.frames_back is not None

    def _is_lost_there(self) -> bool:
        was_deaf, self.is_deaf = self.is_deaf, False
        return was_deaf

    def _is_lost_back(self) -> bool:
        if self.frames_back is None:
            return False
        self.frames_back -= 1
        if self.frames_back >= 0:
            return False
        self.frames_back = None
        return True


def test_connection_may_break_at_every_moment_of_an_answer(chat: ChatPage, watch: Watch) -> None:
    """Each question is asked once, and each answer stands on the page as the server has it."""
    tunnel = Tunnel()
    watch.is_network_cut = True
    chat.page.route_web_socket("**/v1/responses", tunnel.carry)
    chat.open(model="brief")
    moment, broke = 0, True
    while broke:
        tunnel.frames_back, tunnel.is_deaf = moment, not moment
        chat.ask(f"Question {moment}")
        broke, tunnel.frames_back = not tunnel.waits(), None
        moment += 1
    assert moment > WORDS_OF_BRIEF
    expect(chat.questions).to_have_count(moment)
    shown = chat.answers.locator(".prose").all_text_contents()
    id_ = chat.page.url.rpartition("/")[2]
    kept = chat.page.request.get(f"{chat.url}/v1/conversations/{id_}/items?order=asc&limit=100").json()["data"]
    asked, answered = (
        [item["content"][0]["text"].strip() for item in kept if item["role"] == role] for role in ("user", "assistant")
    )
    assert asked == [f"Question {number}" for number in range(moment)]
    assert answered == shown
    assert len(set(answered)) == moment


@pytest.mark.parametrize("first", ["slow", "echo"])
def test_several_answers_survive_a_break_before_the_first_has_a_name(chat: ChatPage, watch: Watch, first: str) -> None:
    """What waits for the question to be taken goes then, whether the first one still runs or has ended meanwhile."""
    tunnel = Tunnel()
    watch.is_network_cut = True
    chat.page.route_web_socket("**/v1/responses", tunnel.carry)
    chat.open(model=first)
    chat.box.press_sequentially("/comp")
    chat.page.keyboard.press("Enter")
    window = chat.page.get_by_role("dialog", name="Compare models")
    expect(window.get_by_role("checkbox", name=first, exact=True)).to_be_checked()
    window.get_by_role("checkbox", name="brief", exact=True).check()
    window.get_by_role("button", name="Compare").click()
    tunnel.frames_back = 0
    chat.say("Both of you")
    columns = chat.page.locator("article[data-role=compared]")
    expect(columns).to_have_count(2)
    expect(columns.get_by_role("button", name="Continue with this one")).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    assert not tunnel.waits()
    expect(columns).to_have_count(2)
    expect(chat.questions).to_have_count(1)
    names = {column.get_by_role("heading").inner_text() for column in columns.all()}
    assert names == {first, "brief"}


def test_a_stop_holds_over_a_break_before_the_answer_has_a_name(chat: ChatPage, watch: Watch) -> None:
    """The page learns of the answer when the connection is back, and stops it then."""
    tunnel = Tunnel()
    watch.is_network_cut = True
    chat.page.route_web_socket("**/v1/responses", tunnel.carry)
    chat.open(model="steady")
    expect(chat.page.get_by_role("button", name="Model: steady")).to_be_visible()
    tunnel.is_mute = True
    chat.say("Stop me in the tunnel")
    chat.stop_button.click()
    tunnel.is_mute = False
    tunnel.cut()
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    expect(chat.questions).to_have_count(1)


def test_what_waits_goes_when_the_answer_has_ended_in_a_break(chat: ChatPage, watch: Watch) -> None:
    """Nothing comes of an answer whose end the page has missed, so nothing else would send it."""
    tunnel = Tunnel()
    watch.is_network_cut = True
    chat.page.route_web_socket("**/v1/responses", tunnel.carry)
    chat.open(model="brief")
    expect(chat.page.get_by_role("button", name="Model: brief")).to_be_visible()
    tunnel.is_mute = True
    chat.say("The first in the tunnel")
    chat.box.fill("The second, which waits")
    chat.box.press("Enter")
    expect(chat.page.get_by_role("region", name="Waiting to be sent")).to_contain_text("The second, which waits")
    until(
        chat.page,
        """async (id) => {
            const tree = await (await fetch(`/v1/conversations/${id}/tree`)).json();
            return Object.values(tree.responses).some(({ status }) => status === "completed");
        }""",
        chat.page.url.rpartition("/")[2],
    )
    tunnel.is_mute = False
    tunnel.cut()
    expect(chat.answers).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    expect(chat.questions).to_have_count(2)


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
