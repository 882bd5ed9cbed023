"""What a person asks again and again: kept, used by a word, filled in, changed, brought back."""

import json
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Route, expect

from support.axe import settled, violations
from support.chat_page import ChatPage
from support.live_server import LiveServer

SAFARI_ENTER = """(field) => field.dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }))"""


@pytest.fixture(autouse=True)
def _as_before(server: LiveServer) -> Iterator[None]:
    """All browser tests are the same person."""
    yield
    with urlopen(f"{server.url}/v1/prompts") as answer:
        there = json.load(answer)["data"]
    for prompt in there:
        urlopen(Request(f"{server.url}/v1/prompts/{prompt['id']}", method="DELETE")).close()


def _library(chat: ChatPage) -> Locator:
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Prompts").click()
    return chat.page.get_by_role("dialog", name="Prompts")


def _write(window: Locator, title: str, word: str, text: str) -> None:
    window.get_by_label("Title").fill(title)
    window.get_by_label("Word after the slash").fill(word)
    window.get_by_label("Text", exact=True).fill(text)
    window.get_by_role("button", name="Save", exact=True).click()
    expect(window.get_by_role("list", name="Prompts")).to_contain_text(title)


def _add(chat: ChatPage, title: str, word: str, text: str) -> None:
    window = _library(chat)
    window.get_by_role("button", name="New prompt").click()
    _write(window, title, word, text)
    chat.page.keyboard.press("Escape")
    expect(window).to_have_count(0)


def test_a_prompt_with_variables_is_used_by_its_word(chat: ChatPage) -> None:
    """By keyboard alone: each variable is asked for once, presets stand there, and the text can be changed before."""
    press, write = chat.page.keyboard.press, chat.page.keyboard.type
    chat.open(model="echo")
    _add(chat, "A letter", "letter", "Write to {{name}} in a {{tone:kind}} tone. Greet {{name}}.")
    chat.box.press_sequentially("/lett")
    expect(chat.page.get_by_role("option")).to_have_text("/letterA letter")
    press("Enter")
    form = chat.page.get_by_role("dialog", name="A letter")
    expect(form.get_by_label("name")).to_be_focused()
    expect(form.get_by_label("tone")).to_have_value("kind")
    write("Mina")
    press("Shift+Enter")
    write("and Jihoon")
    form.get_by_label("name").evaluate(SAFARI_ENTER)
    expect(form).to_be_visible()
    press("Enter")
    expect(form).to_have_count(0)
    expect(chat.box).to_be_focused()
    text = "Write to Mina\nand Jihoon in a kind tone. Greet Mina\nand Jihoon."
    expect(chat.box).to_have_value(text)
    write(" Thanks!")
    press("Enter")
    expect(chat.questions.last).to_contain_text("Thanks!")


def test_one_without_variables_is_in_the_box_at_once(chat: ChatPage) -> None:
    """From the library, which the palette opens too."""
    chat.open(model="echo")
    _add(chat, "Sum up", "sum", "Sum up what we said.")
    chat.page.keyboard.press("Control+k")
    chat.page.get_by_role("combobox").fill("Prompts")
    chat.page.get_by_role("option", name="Prompts").click()
    chat.page.get_by_role("dialog", name="Prompts").get_by_role("button", name="Sum up /sum").click()
    expect(chat.page.get_by_role("dialog")).to_have_count(0)
    expect(chat.box).to_have_value("Sum up what we said.")
    expect(chat.box).to_be_focused()


def test_each_save_is_a_version_that_can_be_brought_back(chat: ChatPage) -> None:
    """With what went and what came."""
    chat.open(model="echo")
    _add(chat, "Sum up", "sum", "First line.\nOld line.")
    window = _library(chat)
    window.get_by_role("button", name="Change “Sum up”").click()
    _write(window, "Sum up", "sum", "First line.\nNew line.")
    window.get_by_role("button", name="Versions of “Sum up”").click()
    newest = window.get_by_role("listitem").filter(has=chat.page.get_by_role("heading", name="Version 2"))
    expect(newest).to_contain_text("Removed:Old line.")
    expect(newest).to_contain_text("Added:New line.")
    settled(chat.page)
    assert violations(chat.page) == []
    window.get_by_role("button", name="Bring back version 1").click()
    window.get_by_role("button", name="Versions of “Sum up”").click()
    expect(window.get_by_role("heading", name="Version 3")).to_be_visible()
    window.get_by_role("button", name="All prompts").click()
    window.get_by_role("button", name="Sum up /sum").click()
    expect(chat.box).to_have_value("First line.\nOld line.")


def test_what_was_said_becomes_a_prompt(chat: ChatPage) -> None:
    """And a word that is taken is refused, with the words still there; one that is deleted is gone."""
    chat.open(model="echo")
    _add(chat, "Sum up", "sum", "Sum up.")
    chat.ask("Explain planks to a child.")
    chat.questions.last.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="Save as a prompt").click()
    window = chat.page.get_by_role("dialog", name="Prompts")
    expect(window.get_by_label("Text", exact=True)).to_have_value("Explain planks to a child.")
    window.get_by_label("Title").fill("Planks")
    window.get_by_label("Word after the slash").fill("planks")
    window.get_by_role("button", name="Save", exact=True).click()
    expect(window.get_by_role("list", name="Prompts")).to_contain_text("Planks")
    window.get_by_role("button", name="Delete “Planks”").press("Enter")
    sure = chat.page.get_by_role("alertdialog", name="Delete “Planks”?")
    expect(sure.get_by_role("button", name="Keep it")).to_be_focused()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Enter")
    expect(sure).to_have_count(0)
    expect(window.get_by_role("button", name="Delete “Planks”")).to_be_focused()
    chat.page.keyboard.press("Enter")
    sure.get_by_role("button", name="Delete").press("Enter")
    expect(window.get_by_role("list", name="Prompts")).not_to_contain_text("Planks")
    expect(window.get_by_role("list", name="Prompts")).to_contain_text("Sum up")


def test_a_command_keeps_its_word(chat: ChatPage) -> None:
    """The form gives it to no prompt; one that had it before is a line of its own and puts its words in."""
    chat.open(model="echo")
    window = _library(chat)
    window.get_by_role("button", name="New prompt").click()
    window.get_by_label("Title").fill("News of the day")
    window.get_by_label("Word after the slash").fill("New")
    window.get_by_label("Text", exact=True).fill("Tell me the news.")
    window.get_by_role("button", name="Save", exact=True).click()
    expect(window.get_by_role("alert")).to_have_text("/new is a command of Maru. Choose another word.")
    expect(window.get_by_label("Word after the slash")).to_be_focused()
    settled(chat.page)
    assert violations(chat.page) == []
    window.get_by_label("Word after the slash").fill("news")
    expect(window.get_by_role("alert")).to_have_count(0)
    window.get_by_role("button", name="Save", exact=True).click()
    expect(window.get_by_role("list", name="Prompts")).to_contain_text("/news")
    chat.page.route("**/v1/prompts", _with_an_old_one)
    chat.open(model="echo")
    chat.box.fill("/new")
    chat.page.get_by_role("option", name="/new Taken").click()
    expect(chat.box).to_have_value("Words of the prompt.")


def _with_an_old_one(route: Route) -> None:
    """Servers of before kept any word."""
    answer = route.fetch()
    body = answer.json()
    taken = {**body["data"][0], "id": "prompt_old", "title": "Taken", "word": "new", "text": "Words of the prompt."}
    route.fulfill(response=answer, json={**body, "data": [*body["data"], taken]})


def test_a_korean_phone_and_axe(korean_phone: ChatPage) -> None:
    """Library, form and variables; all of it fits."""
    page = korean_phone.page
    korean_phone.open(model="echo")
    korean_phone.box.fill("/prompts")
    page.get_by_role("option").first.tap()
    window = page.get_by_role("dialog", name="프롬프트")
    window.get_by_role("button", name="새 프롬프트").tap()
    settled(page)
    assert violations(page) == []
    window.get_by_label("제목").fill("편지")
    window.get_by_label("/ 뒤에 칠 단어").fill("편지")
    window.get_by_label("내용").fill("{{이름:지훈}}에게 편지를 써 줘.")
    window.get_by_role("button", name="저장", exact=True).tap()
    expect(window.get_by_role("list", name="프롬프트")).to_contain_text("편지")
    settled(page)
    assert violations(page) == []
    window.get_by_role("button", name="편지 /편지").tap()
    expect(page.get_by_role("dialog", name="편지").get_by_label("이름")).to_have_value("지훈")
    settled(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="메시지 입력란에 넣기").tap()
    expect(korean_phone.box).to_have_value("지훈에게 편지를 써 줘.")
