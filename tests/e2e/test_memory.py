"""What the model sees, as the page tells it: the meter, the line where its memory begins, pins, each answer's own."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.contrast import READABLE, contrast
from support.live_server import LiveServer

SUMMARY = "Summary of what is above"
LINE = "The model remembers from here"
UNSEEN = re.compile("The model no longer sees this")
TURNS = 7


def _words(number: int) -> str:
    return f"Plank number {number} of the maru is made of old pine and lies beside the others"


def _talk(chat: ChatPage, count: int = TURNS, first: int = 0) -> None:
    for number in range(first, first + count):
        chat.ask(_words(number))


def _line(page: Page) -> Locator:
    return page.get_by_role("heading", name=LINE)


def _question(chat: ChatPage, number: int) -> Locator:
    return chat.questions.filter(has_text=_words(number))


def _unseen(chat: ChatPage) -> list[int]:
    """Numbers of the questions that are told to be out of the model's sight."""
    told = chat.questions.filter(has=chat.page.get_by_role("heading", name=UNSEEN))
    return [int(found) for text in told.all_inner_texts() for found in re.findall(r"number (\d+)", text)]


def _pin(chat: ChatPage, number: int, name: str = "Pin, so that the model keeps seeing it") -> None:
    button = _question(chat, number).get_by_role("button", name=name)
    button.focus()
    chat.page.keyboard.press("Enter")
    expect(_question(chat, number).locator("button:focus")).to_be_visible()


def _top(locator: Locator) -> float:
    top: float = locator.evaluate("(e) => e.getBoundingClientRect().top")
    return top


def _colour(locator: Locator) -> str:
    colour: str = locator.evaluate("(e) => getComputedStyle(e).color")
    return colour


def test_nothing_is_marked_while_the_model_sees_everything(chat: ChatPage) -> None:
    """A line would only worry people."""
    chat.open(model="forgetful")
    _talk(chat, 2)
    expect(_line(chat.page)).to_have_count(0)
    assert _unseen(chat) == []


def test_the_line_stands_where_the_models_memory_begins(chat: ChatPage) -> None:
    """What is above it is paler and told to screen readers; a reload shows the same."""
    chat.open(model="forgetful")
    _talk(chat)
    for _ in range(2):
        expect(_line(chat.page)).to_have_count(1)
        unseen = _unseen(chat)
        assert unseen == list(range(len(unseen)))
        assert 0 < len(unseen) < TURNS
        above, below = _question(chat, unseen[-1]), _question(chat, unseen[-1] + 1)
        assert _top(above) < _top(_line(chat.page)) < _top(below)
        pale, plain = (chat.answers.nth(number).locator(".prose") for number in (0, TURNS - 1))
        assert _colour(pale) != _colour(plain)
        chat.page.reload()
        expect(chat.questions).to_have_count(TURNS)


def test_the_line_follows_the_branch(chat: ChatPage) -> None:
    """A new wording of the second question has little before it, so its model sees everything."""
    chat.open(model="forgetful")
    _talk(chat)
    expect(_line(chat.page)).to_have_count(1)
    _question(chat, 1).hover()
    _question(chat, 1).get_by_role("button", name="Edit", exact=True).click()
    chat.page.get_by_label("Edit your message").fill("Another second question")
    chat.page.get_by_label("Edit your message").press("Control+Enter")
    expect(chat.last_answer).to_have_text("Another second question")
    chat.wait_until_answered()
    expect(_line(chat.page)).to_have_count(0)
    chat.questions.last.hover()
    chat.page.get_by_role("button", name="Previous version").click()
    expect(_line(chat.page)).to_have_count(1)


def test_what_is_pinned_stays_in_sight(chat: ChatPage) -> None:
    """At once on the page, in the next answer, and after a reload; until it is unpinned."""
    chat.open(model="forgetful")
    _talk(chat)
    assert 0 in _unseen(chat)
    _pin(chat, 0)
    expect(_question(chat, 0).get_by_text("Pinned")).to_be_visible()
    expect(chat.page.get_by_role("status")).to_have_text("Pinned. The model keeps seeing it.")
    assert _unseen(chat)[0] == 1
    chat.ask("Go on")
    chat.page.reload()
    expect(_question(chat, 0).get_by_text("Pinned")).to_be_visible()
    assert _unseen(chat)[0] == 1
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    first = chat.page.get_by_role("dialog").get_by_role("listitem").first
    expect(first).to_contain_text("Seen (pinned)")
    chat.page.keyboard.press("Escape")
    _pin(chat, 0, "Unpin")
    expect(_question(chat, 0).get_by_text("Pinned")).to_have_count(0)
    assert _unseen(chat)[0] == 0


def test_a_pin_that_is_refused_is_taken_back(chat: ChatPage, watch: Watch) -> None:
    """And said, beside the message."""
    chat.open(model="forgetful")
    _talk(chat, 1)
    watch.is_network_cut = True
    chat.page.route("**/items/*", lambda route: route.abort())
    _pin(chat, 0)
    expect(_question(chat, 0).get_by_role("alert")).to_contain_text("This could not be pinned.")
    expect(_question(chat, 0).get_by_text("Pinned", exact=True)).to_have_count(0)
    chat.page.unroute("**/items/*")
    _pin(chat, 0)
    expect(_question(chat, 0).get_by_text("Pinned", exact=True)).to_be_visible()
    expect(_question(chat, 0).get_by_role("alert")).to_have_count(0)


def test_too_much_pinned_is_told_in_words(chat: ChatPage) -> None:
    """The way out is to unpin, and the page says so."""
    chat.open(model="forgetful")
    _talk(chat, 3)
    for number in range(3):
        _pin(chat, number)
        expect(_question(chat, number).get_by_text("Pinned")).to_be_visible()
    chat.say(" ".join(["pine"] * 100))
    expect(chat.page.get_by_text("The message and what is pinned do not fit")).to_be_visible()


def test_the_meter_tells_how_full_the_memory_is(chat: ChatPage) -> None:
    """In numbers, by keyboard too; and it leads to what the model saw."""
    chat.open(model="forgetful")
    _talk(chat, 3)
    meter = chat.page.get_by_role("button", name=re.compile("% of the model’s memory is in use"))
    meter.focus()
    chat.page.keyboard.press("Enter")
    numbers = chat.page.get_by_role("dialog", name="The model’s memory")
    expect(numbers).to_contain_text(re.compile(r"\d+ of 200 tokens"))
    expect(numbers).to_contain_text(re.compile(r"142 tokens, then the oldest messages no longer fit"))
    numbers.get_by_role("button", name="What did the model see?").press("Enter")
    expect(chat.page.get_by_role("dialog", name="What the model saw")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(meter).to_be_focused()


def test_what_the_model_saw_is_told_for_each_answer(chat: ChatPage) -> None:
    """By keyboard: the numbers, what happens when it is full, and each turn with what became of it."""
    chat.open(model="forgetful")
    _talk(chat)
    seen = TURNS - len(_unseen(chat))
    eye = chat.answers.last.get_by_role("button", name="What did the model see?")
    eye.focus()
    chat.page.keyboard.press("Enter")
    window = chat.page.get_by_role("dialog", name="What the model saw")
    expect(window).to_contain_text(re.compile(r"forgetful read \d+ tokens to write this answer"))
    expect(window).to_contain_text("The oldest messages are left out, several at a time.")
    rows = window.get_by_role("listitem")
    expect(rows).to_have_count(TURNS)
    expect(rows.first).to_contain_text(re.compile(rf"{_words(0)}.*Not seen.*\d+ tokens"))
    expect(rows.last).to_contain_text(re.compile(r"Seen.*\d+ tokens"))
    expect(window).to_contain_text(f"It saw {seen} of {TURNS} messages of yours")
    chat.page.keyboard.press("Escape")
    expect(eye).to_be_focused()
    first = chat.answers.first
    first.hover()
    first.get_by_role("button", name="What did the model see?").click()
    expect(window.get_by_role("listitem")).to_have_count(1)


def test_what_is_not_kept_is_said(chat: ChatPage, watch: Watch) -> None:
    """Answers of an older version left no ledger; and a server that is away can be asked again."""
    chat.open(model="echo")
    chat.ask("Who saw this?")
    watch.is_network_cut = True
    refusal: dict[str, Any] = {"error": {"code": "context_not_kept", "message": "gone"}}
    chat.page.route("**/context", lambda route: route.fulfill(status=404, json=refusal))
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    window = chat.page.get_by_role("dialog")
    expect(window).to_contain_text("What the model saw for this answer was not kept.")
    chat.page.keyboard.press("Escape")
    chat.page.unroute("**/context")
    chat.page.route("**/context", lambda route: route.abort())
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    expect(window).to_contain_text("The server cannot be reached.")
    chat.page.unroute("**/context")
    window.get_by_role("button", name="Try again").click()
    expect(window).to_contain_text("Who saw this?")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["laptop", "phone"])
def test_axe_finds_nothing(
    browser: Browser, server: LiveServer, watch: Watch, theme: str, size: tuple[int, int]
) -> None:
    """The line, what is pale above it, the meter's numbers and the window with what the model saw."""
    context = browser.new_context(
        locale="en-US",
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        viewport={"width": size[0], "height": size[1]},
    )
    page = context.new_page()
    watch.listen(page)
    chat = ChatPage(page, server.url)
    chat.open(model="forgetful")
    chat.ask("Some `code`, a [link](https://example.org/) and\n\n```python\nplank = 'pine'  # old\n```")
    _talk(chat, TURNS, first=1)
    _pin(chat, 1)
    _line(page).scroll_into_view_if_needed()
    settled(page)
    assert violations(page) == []
    plain = contrast(chat.last_answer.locator("p"))
    for words in ("article.unseen .prose p", "article.unseen .prose code", "article.unseen[data-role=user] > div"):
        assert READABLE <= contrast(page.locator(words).first) < plain
    assert contrast(_line(page)) >= READABLE
    page.get_by_role("button", name=re.compile("of the model’s memory is in use")).click()
    settled(page)
    assert violations(page) == []
    page.get_by_role("dialog").get_by_role("button", name="What did the model see?").click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    settled(page)
    assert violations(page) == []
    context.close()
