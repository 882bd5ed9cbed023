"""The summary that stands for what the model sees no more: read, changed, written again and deleted on the page."""

import re

import pytest
from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage

TITLE = "Summary of what is above"
LINE = "The model remembers from here"
WRITTEN = re.compile(r"0x[0-9a-f]{8}")
MOST_TURNS = 12
MINE = "Mina likes quiet tea houses."


def _words(number: int) -> str:
    return f"Plank number {number} of the maru is made of old pine and lies beside the others"


def _fold(chat: ChatPage) -> Locator:
    return chat.page.locator("details", has_text=TITLE)


def _talk_until_cut(chat: ChatPage) -> None:
    chat.open(model="summarising")
    for number in range(MOST_TURNS):
        chat.ask(_words(number))
        if chat.page.get_by_role("heading", name=LINE).count():
            break
    expect(_fold(chat)).to_have_count(1, timeout=ANSWERED_WITHIN_MS)


def _talk(chat: ChatPage) -> Locator:
    """Talk until something is out of sight; the fold of its summary, opened."""
    _talk_until_cut(chat)
    chat.page.get_by_text(TITLE).click()
    expect(_fold(chat)).to_contain_text(WRITTEN)
    return _fold(chat)


def _seen(chat: ChatPage) -> Locator:
    chat.answers.last.get_by_role("button", name="What did the model see?").click()
    return chat.page.get_by_role("dialog", name="What the model saw")


def test_it_is_folded_over_the_line(chat: ChatPage) -> None:
    """And says who wrote it, and whether the newest answer was written with it."""
    _talk_until_cut(chat)
    expect(_fold(chat).get_by_text(WRITTEN)).not_to_be_visible()
    title = chat.page.get_by_text(TITLE)
    line = chat.page.get_by_role("heading", name=LINE)
    places = [one.evaluate("(e) => e.getBoundingClientRect().top") for one in (title, line)]
    assert places[0] < places[1]
    chat.ask("Short")
    title.press("Enter")
    expect(_fold(chat).get_by_text(WRITTEN)).to_be_visible()
    expect(_fold(chat)).to_contain_text("Written by scribe. The last answer was written with this summary.")
    expect(_seen(chat)).to_contain_text("In the summary")


def test_what_the_person_writes_is_what_the_model_is_told(chat: ChatPage) -> None:
    """By keyboard: Escape changes nothing, Save does, and the next answer is written with it."""
    fold = _talk(chat)
    edit = fold.get_by_role("button", name="Edit")
    box = chat.page.get_by_label("Edit the summary")
    edit.press("Enter")
    expect(box).to_be_focused()
    box.press("Escape")
    expect(edit).to_be_focused()
    expect(fold).to_contain_text(WRITTEN)
    edit.press("Enter")
    box.fill(MINE)
    box.press("Control+Enter")
    expect(fold).to_contain_text(MINE)
    expect(edit).to_be_focused()
    expect(chat.page.get_by_role("status")).to_have_text("The summary is saved.")
    expect(fold).to_contain_text("Changed by you.")
    chat.ask("Short")
    expect(_seen(chat)).to_contain_text(MINE)
    chat.page.keyboard.press("Escape")
    chat.page.reload()
    chat.page.get_by_text(TITLE).click()
    expect(_fold(chat)).to_contain_text(MINE)


def test_it_is_written_again(chat: ChatPage) -> None:
    """In place of what the person wrote."""
    fold = _talk(chat)
    fold.get_by_role("button", name="Edit").click()
    chat.page.get_by_label("Edit the summary").fill(MINE)
    fold.get_by_role("button", name="Save").click()
    expect(fold).to_contain_text(MINE)
    fold.get_by_role("button", name="Write it again").click()
    expect(fold).to_contain_text(WRITTEN)
    expect(fold).not_to_contain_text(MINE)
    expect(fold).to_contain_text("Written by scribe.")
    expect(chat.page.get_by_role("status")).to_have_text("The summary was written again.")


def test_it_is_deleted_only_after_a_question(chat: ChatPage) -> None:
    """The line stays, has the focus, and says how to keep a message in sight."""
    fold = _talk(chat)
    delete = fold.get_by_role("button", name="Delete")
    question = chat.page.get_by_role("alertdialog")
    delete.click()
    question.get_by_role("button", name="Keep it").click()
    expect(delete).to_be_focused()
    expect(fold).to_contain_text(WRITTEN)
    delete.click()
    question.get_by_role("button", name="Delete").click()
    # An older one may stand for a part of what is above.
    expect(chat.page.get_by_role("status")).to_have_text("The summary is deleted.")
    expect(chat.page.get_by_role("heading", name=LINE)).to_be_focused()


def test_what_is_refused_is_told_and_loses_nothing(chat: ChatPage, watch: Watch) -> None:
    """What was typed stays in the box; the old words stay where a new text could not be written."""
    fold = _talk(chat)
    watch.is_network_cut = True
    chat.page.route("**/summaries/**", lambda route: route.abort())
    fold.get_by_role("button", name="Write it again").click()
    expect(fold.get_by_role("alert")).to_contain_text("That did not work. The server cannot be reached.")
    expect(fold).to_contain_text(WRITTEN)
    fold.get_by_role("button", name="Edit").click()
    box = chat.page.get_by_label("Edit the summary")
    box.fill(MINE)
    fold.get_by_role("button", name="Save").click()
    expect(fold.get_by_role("alert")).to_contain_text("The server cannot be reached.")
    expect(box).to_have_value(MINE)
    chat.page.unroute("**/summaries/**")
    fold.get_by_role("button", name="Save").click()
    expect(fold).to_contain_text("Changed by you.")


def test_opening_it_moves_nothing_above_it(chat: ChatPage) -> None:
    """One reads on where one has clicked."""
    _talk_until_cut(chat)
    title = chat.page.get_by_text(TITLE)
    title.scroll_into_view_if_needed()
    before = title.evaluate("(e) => e.getBoundingClientRect().top")
    title.click()
    expect(_fold(chat).get_by_text(WRITTEN)).to_be_visible()
    chat.page.wait_for_timeout(300)
    assert title.evaluate("(e) => e.getBoundingClientRect().top") == pytest.approx(before, abs=2)


def test_the_house_model_knows_what_the_summary_says(chat: ChatPage) -> None:
    """Long after the name is out of its sight; and a name that the person puts right there is the one it says."""
    chat.open(model="house")
    chat.ask("My name is Jihoon.")
    for number in range(2, 20):
        chat.ask(f"What is {number} plus 7?")
        if chat.page.get_by_role("heading", name=LINE).count():
            break
    expect(chat.page.get_by_role("heading", name=LINE)).to_be_visible()
    fold = _fold(chat)
    expect(fold).to_have_count(1, timeout=ANSWERED_WITHIN_MS)
    chat.page.get_by_text(TITLE).click()
    expect(fold).to_contain_text("Name: Jihoon")
    fold.get_by_role("button", name="Edit").click()
    box = chat.page.get_by_label("Edit the summary")
    box.fill(box.input_value().replace("Jihoon", "Mina"))
    fold.get_by_role("button", name="Save").click()
    expect(fold).to_contain_text("Name: Mina")
    assert "Mina" in chat.ask("What is my name?")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, theme: str) -> None:
    """Open, being changed, and with the question before it is deleted."""
    chat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    fold = _talk(chat)
    settled(chat.page)
    assert violations(chat.page) == []
    fold.get_by_role("button", name="Delete").click()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    fold.get_by_role("button", name="Edit").click()
    settled(chat.page)
    assert violations(chat.page) == []
