"""What a person says about answers, on the page: one press, and more only for whoever wants to say more."""

import json
import re
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.live_server import LiveServer


def _feedback(chat: ChatPage, server: LiveServer) -> Any:
    conversation = chat.page.url.rsplit("/", 1)[1]
    with urlopen(f"{server.url}/v1/conversations/{conversation}/feedback") as answer:
        return json.load(answer)


def _expect_rating(chat: ChatPage, server: LiveServer, value: str, reasons: list[str], comment: str | None) -> None:
    """Soon: what is pressed is shown before it is saved."""
    wanted = [(value, reasons, comment)]
    kept: list[tuple[str, list[str], str | None]] = []
    for _ in range(150):
        kept = [(one["value"], one["reasons"], one["comment"]) for one in _feedback(chat, server)["ratings"]]
        if kept == wanted:
            break
        chat.page.wait_for_timeout(200)
    assert kept == wanted


def _thumb(chat: ChatPage, name: str = "Good answer") -> Locator:
    return chat.answers.last.get_by_role("button", name=name)


def _panel(chat: ChatPage) -> Locator:
    return chat.answers.last.get_by_role("region", name=re.compile("^What was (good|wrong)"))


def _again(chat: ChatPage, count: int) -> None:
    for number in range(2, count + 2):
        chat.answers.last.get_by_role("button", name="Answer again").click()
        expect(chat.answers.last.get_by_text(f"{number}/{number}")).to_be_visible()
        chat.wait_until_answered()


def test_one_press_rates_and_a_second_takes_it_back(chat: ChatPage, server: LiveServer) -> None:
    """It survives a reload, names the model, and the focus stays where it was."""
    chat.open(model="echo")
    chat.ask("Is the maru warm?")
    thumb = _thumb(chat)
    expect(thumb).to_have_attribute("aria-pressed", "false")
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(thumb).to_be_focused()
    expect(chat.page.get_by_role("status")).to_have_text("Your rating is saved.")
    (rating,) = _feedback(chat, server)["ratings"]
    assert (rating["value"], rating["reasons"], rating["answer"]["model"]) == ("up", [], "echo")
    chat.page.reload()
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(_panel(chat)).to_have_count(0)
    thumb.click()
    expect(thumb).to_have_attribute("aria-pressed", "false")
    expect(chat.page.get_by_role("status")).to_have_text("Your rating is taken back.")
    assert _feedback(chat, server)["ratings"] == []


def test_reasons_and_a_note_are_kept_as_they_are_pressed(chat: ChatPage, server: LiveServer) -> None:
    """The other thumb begins anew, with other reasons; the note stays."""
    chat.open(model="echo")
    chat.ask("How tall is Seoraksan?")
    _thumb(chat, "Bad answer").click()
    panel = _panel(chat)
    panel.get_by_role("button", name="Not correct").click()
    panel.get_by_role("button", name="Badly written").click()
    panel.get_by_role("button", name="Badly written").click()
    note = panel.get_by_label("A note")
    note.fill("1,708 m")
    note.press("Enter")
    expect(panel.get_by_role("button", name="Note saved")).to_be_visible()
    _expect_rating(chat, server, "down", ["incorrect"], "1,708 m")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)
    chat.answers.last.get_by_role("button", name="Say why").click()
    expect(panel.get_by_role("button", name="Not correct")).to_have_attribute("aria-pressed", "true")
    expect(note).to_have_value("1,708 m")
    _thumb(chat).click()
    expect(panel.get_by_role("button", name="Correct", exact=True)).to_be_visible()
    _expect_rating(chat, server, "up", [], "1,708 m")


def test_a_refused_rating_is_told_and_undone(chat: ChatPage, watch: Watch) -> None:
    """The thumb never says what the server does not know."""
    chat.open(model="echo")
    chat.ask("Hello?")
    watch.is_network_cut = True
    chat.page.route("**/rating", lambda route: route.abort())
    _thumb(chat).click()
    expect(chat.answers.last.get_by_role("alert")).to_contain_text("This was not saved.")
    expect(_thumb(chat)).to_have_attribute("aria-pressed", "false")


def test_answers_are_put_in_order_by_keyboard(chat: ChatPage, server: LiveServer) -> None:
    """With a tie, told to screen readers, saved, changed and deleted; another answer is asked for on the way."""
    chat.open(model="echo")
    chat.ask("Name a tea.")
    _again(chat, 1)
    chat.answers.last.get_by_role("button", name="Compare answers").click()
    window = chat.page.get_by_role("dialog", name="Which answer is best?")
    rows = window.get_by_role("listitem")
    expect(rows).to_have_count(2)
    window.get_by_role("button", name="Ask for another answer").click()
    expect(rows).to_have_count(3)
    handle = window.get_by_role("button", name=re.compile("^Answer C, "))
    handle.focus()
    chat.page.keyboard.press("ArrowUp")
    expect(handle).to_have_accessible_name(re.compile("place 2 of 3"))
    expect(handle).to_be_focused()
    expect(window.get_by_role("status")).to_have_text("Answer C is now at place 2 of 3.")
    chat.page.keyboard.press("Home")
    expect(handle).to_have_accessible_name(re.compile("place 1 of 3"))
    rows.nth(2).get_by_role("checkbox", name="As good as the one above").check()
    expect(window.get_by_role("status")).to_have_text("Answer B is as good as the one above, place 2.")
    window.get_by_role("button", name="Save the order").click()
    expect(window).to_have_count(0)
    expect(chat.page.get_by_role("status")).to_have_text("The order is saved.")
    (ranking,) = _feedback(chat, server)["rankings"]
    assert [len(place) for place in ranking["places"]] == [1, 2]
    assert len({answer["response"] for place in ranking["places"] for answer in place}) == 3
    chat.page.reload()
    chat.answers.last.get_by_role("button", name="Compare answers").click()
    expect(rows.nth(0).get_by_role("button", name=re.compile("^Answer C, place 1"))).to_be_visible()
    window.get_by_role("button", name="Delete the order").click()
    expect(window).to_have_count(0)
    assert _feedback(chat, server)["rankings"] == []


def test_an_answer_is_dragged_to_its_place(chat: ChatPage, server: LiveServer) -> None:
    """With the mouse; a finger does the same, as both are pointers."""
    chat.open(model="echo")
    chat.ask("Name a tree.")
    _again(chat, 2)
    chat.answers.last.get_by_role("button", name="Compare answers").click()
    window = chat.page.get_by_role("dialog", name="Which answer is best?")
    settled(chat.page)
    handle = window.get_by_role("button", name=re.compile("^Answer A, "))
    start, end = handle.bounding_box(), window.get_by_role("listitem").nth(2).bounding_box()
    assert start is not None
    assert end is not None
    mouse = chat.page.mouse
    mouse.move(start["x"] + 10, start["y"] + start["height"] / 2)
    mouse.down()
    mouse.move(start["x"] + 10, end["y"] + end["height"] / 2, steps=12)
    mouse.up()
    expect(handle).to_have_accessible_name(re.compile("place 3 of 3"))
    first = window.get_by_role("listitem").first.get_by_role("button", name=re.compile("^Answer B"))
    expect(first).to_be_visible()
    window.get_by_role("button", name="Save the order").click()
    expect(window).to_have_count(0)
    assert len(_feedback(chat, server)["rankings"][0]["places"]) == 3


def test_a_better_answer_is_kept_beside_the_first(chat: ChatPage, server: LiveServer) -> None:
    """It begins with the words of the answer, which stays as it is; it can be changed and deleted."""
    chat.open(model="echo")
    before = chat.ask("Say 2 + 2.")
    _thumb(chat, "Bad answer").click()
    _panel(chat).get_by_role("button", name="Write a better answer").click()
    window = chat.page.get_by_role("dialog", name="A better answer")
    box = window.get_by_label("The better answer")
    expect(box).to_be_focused()
    expect(box).to_have_value(before)
    expect(window.get_by_role("button", name="Save")).to_be_disabled()
    box.fill("4")
    window.get_by_role("button", name="Save").click()
    expect(window).to_have_count(0)
    (made,) = _feedback(chat, server)["demonstrations"]
    assert (made["text"], made["answer"]["model"]) == ("4", "echo")
    expect(chat.last_answer).to_have_text(before)
    chat.page.reload()
    chat.answers.last.get_by_role("button", name="Change my better answer").click()
    expect(box).to_have_value("4")
    window.get_by_role("button", name="Delete it").click()
    expect(window).to_have_count(0)
    assert _feedback(chat, server)["demonstrations"] == []


def test_a_korean_phone_rates_with_a_finger(korean_phone: ChatPage, server: LiveServer) -> None:
    """The panel fits, and axe finds nothing."""
    page = korean_phone.page
    korean_phone.open(model="echo")
    korean_phone.box.fill("마루는 무엇인가요?")
    korean_phone.send_button.tap()
    korean_phone.wait_until_answered()
    korean_phone.answers.last.get_by_role("button", name="나쁜 답변").tap()
    korean_phone.answers.last.get_by_role("button", name="틀렸어요").tap()
    chip = korean_phone.answers.last.get_by_role("button", name="틀렸어요")
    expect(chip).to_have_attribute("aria-pressed", "true")
    settled(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    _expect_rating(korean_phone, server, "down", ["incorrect"], None)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, theme: str) -> None:
    """The panel, the order with a tie, and the better answer."""
    chat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    chat.open(model="echo")
    chat.ask("Name a bird.")
    _again(chat, 1)
    _thumb(chat, "Bad answer").click()
    _panel(chat).get_by_role("button", name="Harmful").click()
    settled(chat.page)
    assert violations(chat.page) == []
    _panel(chat).get_by_role("button", name="Compare answers").click()
    chat.page.get_by_role("checkbox", name="As good as the one above").check()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    _panel(chat).get_by_role("button", name="Write a better answer").click()
    settled(chat.page)
    assert violations(chat.page) == []
