"""What stands on the screen while an answer grows: nothing that is being read moves."""

from playwright.sync_api import Locator, Route, expect

from support.axe import settled
from support.chat_page import ChatPage
from support.scripted_models import WORDS_OF_SLOW

MANY_LINES = "\n\n".join(f"A paragraph of some length, number {number}." for number in range(40))
TOP_PX = 60  # a question that was just sent stands within this of the upper edge
LATE_MS = 3000  # most of a `slow` answer
# At every frame: where the newest question stands and how far the messages are scrolled.
WATCH_QUESTION = """
() => {
    window.seen = new Set();
    const pane = document.querySelector("section[aria-label=Messages]");
    function look() {
        const question = [...document.querySelectorAll("article[data-role=user]")].at(-1);
        const place = question.getBoundingClientRect().top - pane.getBoundingClientRect().top;
        window.seen.add(`${Math.round(place)} ${Math.round(pane.scrollTop)}`);
        requestAnimationFrame(look);
    }
    requestAnimationFrame(look);
}
"""


def _pane(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("region", name="Messages")


def _place_of(question: Locator) -> float:
    """Of a question below the upper edge of the messages, in px."""
    place: float = question.evaluate(
        "(e) => e.getBoundingClientRect().top - e.closest('section').getBoundingClientRect().top"
    )
    return place


def _pick(chat: ChatPage, model: str) -> None:
    chat.page.get_by_role("button", name="Model: ").click()
    chat.page.get_by_role("menuitemradio", name=model).click()


def test_question_goes_to_the_top_and_nothing_moves_until_the_end(chat: ChatPage) -> None:
    """The answer grows into empty room, also when its buttons come at the end."""
    chat.page.set_viewport_size({"width": 1280, "height": 1100})
    chat.open(model="echo")
    chat.ask(MANY_LINES)
    _pick(chat, "slow")
    chat.say("Count while I watch")
    chat.wait_for_words(15)
    settled(chat.page)
    assert 0 <= _place_of(chat.questions.last) <= TOP_PX
    chat.page.evaluate(WATCH_QUESTION)
    chat.wait_until_answered()
    chat.page.wait_for_timeout(300)
    assert len(chat.counted()) == WORDS_OF_SLOW
    assert len(chat.page.evaluate("() => [...window.seen]")) == 1


def test_words_that_come_below_are_told_to_who_reads_above(chat: ChatPage) -> None:
    """The page does not move under the reader; a button says that there is more, and leads there."""
    chat.page.set_viewport_size({"width": 390, "height": 500})
    chat.open(model="echo")
    chat.ask(MANY_LINES)
    _pick(chat, "steady")
    chat.say("Count far below")
    chat.wait_for_words(40)
    _pane(chat).evaluate("(e) => e.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))")
    _pane(chat).evaluate("(e) => e.scrollBy(0, -600)")
    chat.page.wait_for_timeout(100)
    top = _pane(chat).evaluate("(e) => e.scrollTop")
    news = chat.page.get_by_role("button", name="New below")
    expect(news).to_be_visible()
    assert _pane(chat).evaluate("(e) => e.scrollTop") == top
    news.click()
    chat.wait_until_answered()
    expect(news).not_to_be_visible()
    # The page scrolls in the frame after the one in which something grew.
    chat.page.wait_for_function(
        "(pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop <= 1", arg=_pane(chat).element_handle()
    )


def test_following_can_be_turned_off(chat: ChatPage) -> None:
    """Who reads from the top is left there, however long the answer becomes; the choice outlives a reload."""
    chat.page.set_viewport_size({"width": 800, "height": 420})
    chat.open(model="slow")
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitemcheckbox", name="Scroll along with answers").click()
    chat.page.reload()
    chat.say("Count without me")
    chat.wait_until_answered()
    assert len(chat.counted()) == WORDS_OF_SLOW
    assert 0 <= _place_of(chat.questions.last) <= TOP_PX
    expect(chat.page.get_by_role("button", name="New below")).to_be_visible()


def test_who_is_not_scrolled_along_begins_at_the_question_also_late(chat: ChatPage) -> None:
    """The part of the page that draws messages comes after a good part of the answer, as on a bad network."""
    chat.page.set_viewport_size({"width": 800, "height": 420})
    chat.page.add_init_script("localStorage.setItem('maru.prefers.follow', 'no')")
    held: list[Route] = []
    chat.page.route("**/assets/Thread-*.js", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks what it is given)
    chat.open(model="slow")
    chat.box.fill("Count while the page comes")
    expect(chat.send_button).to_be_enabled()
    chat.box.press("Enter")
    chat.page.wait_for_timeout(LATE_MS)
    for route in held:
        route.continue_()
    chat.wait_until_answered()
    assert len(chat.counted()) == WORDS_OF_SLOW
    assert 0 <= _place_of(chat.questions.last) <= TOP_PX
