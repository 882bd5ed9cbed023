"""Finding conversations, messages and commands in the browser, by keyboard."""

import re

import pytest
from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.chat_page import ChatPage


def palette(chat: ChatPage) -> Locator:
    """The box in which one writes what is looked for."""
    chat.page.keyboard.press("Control+K")
    box = chat.page.get_by_role("combobox")
    expect(box).to_be_focused()
    return box


def option(chat: ChatPage, text: str | re.Pattern[str]) -> Locator:
    """One of the things that are offered."""
    return chat.page.get_by_role("option").filter(has_text=text)


def test_a_message_is_found_and_opened_where_it_stands(chat: ChatPage) -> None:
    """By a Korean word of two letters inside a longer one, from another conversation, without the mouse."""
    chat.open(model="echo")
    chat.ask("어제 점심에 칼국수를 먹었다")
    for number in range(12):
        chat.ask(f"무슨 말 {number}\n" + "길게 " * 60)
    chat.page.keyboard.press("Control+Shift+O")
    box = palette(chat)
    box.press_sequentially("국수 점심")
    answer = option(chat, "Maru: 어제 점심에 칼국수를")
    expect(answer).to_be_visible()
    expect(answer.locator("mark")).to_have_text(["점심", "국수"])
    box.press("ArrowDown")
    expect(answer).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    box.press("Enter")
    expect(chat.page.get_by_role("combobox")).to_have_count(0)
    question = chat.questions.first
    expect(question).to_be_in_viewport()
    expect(question).to_be_focused()
    expect(question).to_have_attribute("data-sought", "")
    assert chat.page.evaluate("[...CSS.highlights.get('sought')].map(String)") == ["점심", "국수"]
    chat.page.reload()
    expect(chat.questions.first).to_be_in_viewport()


def test_a_hit_opens_the_branch_that_holds_it(chat: ChatPage) -> None:
    """Also one that was left."""
    chat.open(model="echo")
    chat.ask("The wording with the xylophone")
    chat.questions.first.hover()
    chat.page.get_by_role("button", name="Edit", exact=True).click()
    editor = chat.page.get_by_label("Edit your message")
    editor.fill("The other wording")
    editor.press("Control+Enter")
    expect(chat.last_answer).to_have_text("The other wording")
    chat.wait_until_answered()
    palette(chat).fill("xylophone")
    option(chat, "You:").click()
    expect(chat.last_answer).to_have_text("The wording with the xylophone")
    expect(chat.questions.first).to_be_focused()
    chat.questions.first.hover()
    expect(chat.page.get_by_label("Version 1 of 2").first).to_be_visible()


def test_commands_are_found_by_name(chat: ChatPage) -> None:
    """Theme, language, a new chat."""
    chat.open(model="echo")
    palette(chat).fill("dark")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator("html")).to_have_class("dark")
    palette(chat).fill("korean")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator("html")).to_have_attribute("lang", "ko")
    palette(chat).fill("light theme")
    chat.page.keyboard.press("Enter")
    expect(chat.page.locator("html")).not_to_have_class("dark")


def test_escape_gives_the_focus_back(chat: ChatPage) -> None:
    """And nothing was changed; what was written in the message box is still there."""
    chat.open(model="echo")
    chat.box.fill("half a thought")
    box = palette(chat)
    box.fill("zzzzqqq")
    expect(chat.page.get_by_text("Nothing was found.")).to_be_visible()
    box.press("Escape")
    expect(chat.box).to_be_focused()
    expect(chat.box).to_have_value("half a thought")


def test_hostile_words_are_looked_for_like_others(chat: ChatPage) -> None:
    """Neither markup nor the database's own signs do anything."""
    words = """<img src=x onerror=alert(1)> " OR * '; -- %"""
    chat.open(model="echo")
    chat.ask(f"say {words}")
    palette(chat).fill(words)
    expect(option(chat, "You:").first).to_contain_text(words)


def test_more_is_shown_at_the_end(chat: ChatPage) -> None:
    """Of many hits, page by page."""
    chat.open(model="echo")
    for number in range(13):
        chat.ask(f"a quokka {number}")
    palette(chat).fill("quokka")
    expect(option(chat, "quokka")).to_have_count(20)
    option(chat, "Show more").click()
    expect(option(chat, "quokka")).to_have_count(27)
    expect(option(chat, "Show more")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_palette(chat: ChatPage, theme: str) -> None:
    """With all kinds of things in it."""
    chat.page.add_init_script(f"localStorage.setItem('maru.theme', '{theme}')")
    chat.open(model="echo")
    chat.ask("The new language of the theme")
    box = palette(chat)
    settled(chat.page)
    assert violations(chat.page) == []
    box.fill("the")
    expect(option(chat, "You:").first).to_be_visible()
    settled(chat.page)
    assert violations(chat.page) == []


def test_a_phone_finds_too(korean_phone: ChatPage) -> None:
    """By the button; the chat that was chosen opens."""
    korean_phone.open(model="echo")
    korean_phone.box.fill("한옥의 대청마루")
    korean_phone.send_button.click()
    korean_phone.wait_until_answered()
    korean_phone.page.get_by_role("button", name="검색").click()
    box = korean_phone.page.get_by_role("combobox")
    box.fill("마루")
    hit = option(korean_phone, "나:").filter(has_text="대청마루")
    expect(hit).to_be_visible()
    assert korean_phone.page.evaluate("document.documentElement.scrollWidth") == 390
    hit.click()
    expect(korean_phone.questions.first).to_be_in_viewport()
