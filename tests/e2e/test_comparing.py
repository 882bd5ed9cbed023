"""One question to several models, their answers side by side, and the one that the chat goes on with."""

import json
import re
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.live_server import LiveServer
from support.scripted_models import WORDS_OF_BRIEF, WORDS_OF_SLOW, WORDS_OF_STEADY
from support.until import until


def _choose(chat: ChatPage, *models: str) -> None:
    """From the model picker; what was checked before is unchecked."""
    chat.page.get_by_role("button", name=re.compile("^Model: ")).click()
    chat.page.get_by_role("menuitem", name="Compare models…").click()
    window = chat.page.get_by_role("dialog", name="Compare models")
    expect(window).to_be_visible()
    for box in window.get_by_role("checkbox", checked=True).all():
        box.uncheck()
    for model in models:
        window.get_by_role("checkbox", name=model, exact=True).check()
    window.get_by_role("button", name="Compare").click()
    expect(window).to_have_count(0)


def _column(chat: ChatPage, model: str) -> Locator:
    return chat.page.get_by_role("article", name=f"Answer of {model}", exact=True)


def _columns(chat: ChatPage) -> Locator:
    return chat.page.locator("article[data-role=compared]")


def _tree(chat: ChatPage, server: LiveServer) -> dict[str, Any]:
    conversation = chat.page.url.rsplit("/", 1)[-1].split("?")[0]
    with urlopen(f"{server.url}/v1/conversations/{conversation}/tree") as answer:
        tree: dict[str, Any] = json.load(answer)
        return tree


def _numbers(column: Locator) -> list[int]:
    return [int(number) for number in re.findall(r"(\d+)x[0-9a-f]{8}", column.inner_text())]


def test_three_models_answer_side_by_side(chat: ChatPage, server: LiveServer) -> None:
    """At the same time, each below its name; one is gone on with, and the others stay as versions beside it."""
    chat.open(model="echo")
    _choose(chat, "steady", "brief", "echo")
    expect(chat.page.get_by_role("button", name="Next question to steady, brief, echo")).to_be_visible()
    chat.say("Which plank?")
    expect(_columns(chat)).to_have_count(3)
    expect(_column(chat, "echo")).to_contain_text("Which plank?")
    # The quick ones do not wait for the slow one.
    expect(_column(chat, "brief")).to_contain_text(re.compile(rf"\b{WORDS_OF_BRIEF - 1}x"), timeout=ANSWERED_WITHIN_MS)
    expect(_column(chat, "steady").get_by_role("button", name="Stop steady")).to_be_visible()
    chat.wait_until_answered()
    names = [column.get_by_role("heading").inner_text() for column in _columns(chat).all()]
    assert names == ["steady", "brief", "echo"]
    assert _numbers(_column(chat, "steady")) == list(range(WORDS_OF_STEADY))
    _column(chat, "brief").get_by_role("button", name="Details").click()
    expect(chat.page.get_by_role("dialog", name="Details")).to_contain_text("brief")
    chat.page.keyboard.press("Escape")
    _column(chat, "brief").get_by_role("button", name="Continue with this one").click()
    expect(_columns(chat)).to_have_count(0)
    expect(chat.box).to_be_focused()
    assert len(chat.counted()) == WORDS_OF_BRIEF
    expect(chat.page.get_by_role("img", name=re.compile("^Version . of 3$"))).to_be_visible()
    # The next one is asked of one model again, below the answer that was chosen.
    chat.ask("And the next?")
    expect(chat.answers).to_have_count(2)
    chat.page.reload()
    expect(chat.questions).to_have_count(2)
    assert len(_numbers(chat.answers.first)) == WORDS_OF_BRIEF
    tree = _tree(chat, server)
    asked = next(item["id"] for item in tree["items"] if item.get("role") == "user")
    beside = [item["maru:response"] for item in tree["items"] if item["maru:parent"] == asked]
    assert {tree["responses"][response]["model"] for response in beside} == {"steady", "brief", "echo"}


def test_what_is_shown_is_what_the_server_keeps(chat: ChatPage, server: LiveServer) -> None:
    """Without a choice, the first that answered is open, here and in every other tab."""
    chat.open(model="echo")
    _choose(chat, "echo", "brief")
    chat.say("First come, first shown")
    chat.wait_until_answered()
    expect(_column(chat, "echo")).to_contain_text("In the chat")
    until(
        chat.page,
        """async (id) => {
            const tree = await (await fetch(`/v1/conversations/${id}/tree`)).json();
            const head = tree.items.find((item) => item.id === tree.head);
            return tree.responses[head["maru:response"]].model === "echo";
        }""",
        _tree(chat, server)["conversation_id"],
    )


def test_an_error_of_one_is_no_matter_of_the_others(chat: ChatPage) -> None:
    """Of one that is refused and of one that breaks; each can be asked again, where it stands."""
    chat.open(model="echo")
    _choose(chat, "busy", "broken", "echo")
    chat.say("Still standing")
    expect(_column(chat, "echo")).to_contain_text("Still standing", timeout=ANSWERED_WITHIN_MS)
    for broken in ("busy", "broken"):
        expect(_column(chat, broken).get_by_role("button", name="Try again")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    expect(_column(chat, "echo").get_by_role("button", name="Try again")).to_have_count(0)
    chat.page.reload()
    expect(_columns(chat)).to_have_count(3)
    _column(chat, "busy").get_by_role("button", name="Try again").click()
    expect(_column(chat, "busy").get_by_role("button", name="Try again")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    expect(_columns(chat)).to_have_count(3)
    expect(chat.page.get_by_role("region", name="Answers side by side")).to_be_focused()
    # The next question must not go below the first one.
    expect(_columns(chat).filter(has_text="In the chat")).to_have_count(1)
    _column(chat, "echo").get_by_role("button", name="Continue with this one").click()
    expect(chat.last_answer).to_have_text("Still standing")


def test_one_is_stopped_and_the_other_goes_on(chat: ChatPage) -> None:
    """Half an answer is kept."""
    chat.open(model="echo")
    _choose(chat, "steady", "brief")
    chat.say("Stop one")
    expect(_column(chat, "steady")).to_contain_text(re.compile(r"\b3x"), timeout=ANSWERED_WITHIN_MS)
    _column(chat, "steady").get_by_role("button", name="Stop steady").press("Enter")
    expect(_column(chat, "steady")).to_contain_text("You stopped this answer.", timeout=ANSWERED_WITHIN_MS)
    expect(_column(chat, "steady")).to_be_focused()
    chat.wait_until_answered()
    assert _numbers(_column(chat, "brief")) == list(range(WORDS_OF_BRIEF))
    assert 3 <= len(_numbers(_column(chat, "steady"))) < WORDS_OF_STEADY


def test_focus_stays_in_the_column_whose_answer_ends(chat: ChatPage) -> None:
    """Its stop button goes by itself; one reads on where one was, and not from the top of the page."""
    chat.open(model="echo")
    _choose(chat, "steady", "echo")
    chat.say("Stay here")
    stop = _column(chat, "steady").get_by_role("button", name="Stop steady")
    stop.focus()
    expect(stop).to_have_count(0, timeout=ANSWERED_WITHIN_MS)
    expect(_column(chat, "steady")).to_be_focused()


def test_going_on_with_one_stops_those_that_are_still_written(chat: ChatPage, server: LiveServer) -> None:
    """Nobody waits for an answer that was not chosen."""
    chat.open(model="echo")
    _choose(chat, "steady", "echo")
    chat.say("Enough of this")
    expect(_column(chat, "steady")).to_contain_text(re.compile(r"\b2x"), timeout=ANSWERED_WITHIN_MS)
    _column(chat, "echo").get_by_role("button", name="Continue with this one").click()
    chat.wait_until_answered()
    expect(chat.last_answer).to_have_text("Enough of this")
    statuses = {one["model"]: one["status"] for one in _tree(chat, server)["responses"].values()}
    assert statuses == {"steady": "cancelled", "echo": "completed"}
    chat.ask("Go on")
    chat.page.reload()
    expect(chat.answers).to_have_count(2)
    expect(chat.answers.first).to_contain_text("Enough of this")


def test_a_reload_in_the_middle_loses_nothing(chat: ChatPage) -> None:
    """The columns are there again in their order, with every word."""
    chat.open(model="echo")
    _choose(chat, "brief", "slow")
    chat.say("Read it to the end")
    expect(_column(chat, "slow")).to_contain_text(re.compile(r"\b5x"), timeout=ANSWERED_WITHIN_MS)
    chat.page.reload()
    expect(_columns(chat)).to_have_count(2)
    chat.wait_until_answered()
    assert _numbers(_column(chat, "slow")) == list(range(WORDS_OF_SLOW))
    assert _numbers(_column(chat, "brief")) == list(range(WORDS_OF_BRIEF))
    names = [column.get_by_role("heading").inner_text() for column in _columns(chat).all()]
    assert names == ["brief", "slow"]


def test_answers_that_are_there_are_compared_and_ranked(chat: ChatPage) -> None:
    """Those of two models, one of which was asked later; then a third joins them."""
    chat.open(model="echo")
    chat.ask("Name a tea house.")
    chat.page.get_by_role("button", name="Ask another model").click()
    chat.page.get_by_role("menuitem", name="brief", exact=True).click()
    expect(chat.page.get_by_label("Version 2 of 2")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    chat.answers.last.get_by_role("button", name="Show answers side by side").click()
    expect(_columns(chat)).to_have_count(2)
    expect(chat.page.get_by_role("region", name="Answers side by side")).to_be_focused()
    chat.page.get_by_role("button", name="Show one answer").click()
    chat.page.get_by_role("button", name="Ask another model").click()
    chat.page.get_by_role("menuitem", name="Several models…").click()
    window = chat.page.get_by_role("dialog", name="Compare models")
    window.get_by_role("checkbox", name="thinker", exact=True).check()
    window.get_by_role("button", name="Compare").click()
    expect(_columns(chat)).to_have_count(3)
    chat.wait_until_answered()
    chat.page.get_by_role("button", name="Rank them").click()
    rows = chat.page.get_by_role("dialog", name="Which answer is best?").get_by_role("listitem")
    expect(rows).to_have_count(3)


def test_a_temporary_chat_compares_too(chat: ChatPage) -> None:
    """Nothing is kept, and the next question goes below the answer that was chosen."""
    chat.open(model="echo")
    chat.page.get_by_role("button", name="Temporary chat").click()
    _choose(chat, "echo", "brief")
    chat.say("Not for the record")
    expect(_columns(chat)).to_have_count(2)
    chat.wait_until_answered()
    _column(chat, "echo").get_by_role("button", name="Continue with this one").click()
    expect(chat.last_answer).to_have_text("Not for the record")
    chat.ask("Nor this")
    expect(chat.last_answer).to_have_text("Nor this")


def test_all_of_it_by_keyboard(chat: ChatPage) -> None:
    """From the command in the box to the answer that is kept."""
    press = chat.page.keyboard.press
    chat.open(model="echo")
    chat.box.press_sequentially("/comp")
    press("Enter")
    window = chat.page.get_by_role("dialog", name="Compare models")
    expect(window).to_be_visible()
    for model in ("echo", "brief"):
        box = window.get_by_role("checkbox", name=model, exact=True)
        for _ in range(30):
            if box.evaluate("(it) => it === document.activeElement"):
                break
            press("Tab")
        expect(box).to_be_focused()
        if not box.is_checked():
            press("Space")
    press("Enter")
    expect(window).to_have_count(0)
    expect(chat.box).to_be_focused()
    chat.box.press_sequentially("By hand")
    press("Enter")
    expect(_columns(chat)).to_have_count(2)
    chat.wait_until_answered()
    keep = _column(chat, "brief").get_by_role("button", name="Continue with this one")
    for _ in range(30):
        if keep.evaluate("(it) => it === document.activeElement"):
            break
        press("Shift+Tab")
    expect(keep).to_be_focused()
    press("Enter")
    expect(chat.box).to_be_focused()
    assert len(chat.counted()) == WORDS_OF_BRIEF


def test_a_korean_phone_swipes_from_one_to_the_next(korean_phone: ChatPage) -> None:
    """One column fills the screen, its neighbour peeks in; nothing is wider than the page."""
    page = korean_phone.page
    korean_phone.open(model="echo")
    page.get_by_role("button", name=re.compile("^모델: ")).tap()
    page.get_by_role("menuitem", name="모델 비교하기…").tap()
    page.get_by_role("dialog").get_by_role("checkbox", name="brief", exact=True).tap()
    settled(page)
    assert violations(page) == []
    page.get_by_role("button", name="비교하기", exact=True).tap()
    korean_phone.box.fill("마루는 무엇인가요?")
    korean_phone.send_button.tap()
    korean_phone.wait_until_answered()
    columns = page.locator("article[data-role=compared]")
    expect(columns).to_have_count(2)
    page.get_by_role("button", name="brief", exact=True).tap()
    expect(columns.nth(1)).to_be_in_viewport(ratio=0.9)
    settled(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    columns.nth(1).get_by_role("button", name="이 답변으로 계속하기").tap()
    expect(columns).to_have_count(0)


def test_a_row_that_is_wider_than_the_page_names_all_columns(chat: ChatPage) -> None:
    """On a tablet too, where the third one is not seen; where all are seen there is nothing to go to."""
    chat.page.set_viewport_size({"width": 820, "height": 1180})
    chat.open(model="echo")
    _choose(chat, "echo", "brief", "thinker")
    chat.say("Who is behind the edge?")
    chat.wait_until_answered()
    expect(_column(chat, "thinker")).not_to_be_in_viewport(ratio=0.9)
    chat.page.get_by_role("button", name="thinker", exact=True).click()
    expect(_column(chat, "thinker")).to_be_in_viewport(ratio=0.9)
    chat.page.set_viewport_size({"width": 1440, "height": 900})
    expect(chat.page.get_by_role("button", name="thinker", exact=True)).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, theme: str) -> None:
    """While they are written, when they have ended, and with one that failed."""
    chat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    chat.open(model="echo")
    _choose(chat, "slow", "echo", "busy")
    settled(chat.page)
    assert violations(chat.page) == []
    chat.say("Look at this")
    expect(_column(chat, "slow")).to_contain_text(re.compile(r"\b2x"), timeout=ANSWERED_WITHIN_MS)
    settled(chat.page)
    assert violations(chat.page) == []
    chat.wait_until_answered()
    settled(chat.page)
    assert violations(chat.page) == []


def test_asking_one_model_again_leaves_one_in_the_box(chat: ChatPage) -> None:
    """The button is gone with its row, and the keyboard goes on where one writes."""
    chat.open(model="echo")
    _choose(chat, "echo", "brief")
    chat.page.get_by_role("button", name="Ask one model only").press("Enter")
    expect(chat.page.get_by_role("button", name="Next question to")).to_have_count(0)
    expect(chat.box).to_be_focused()
