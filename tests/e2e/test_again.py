"""More of an answer, or another one: going on where one stopped, and asking another model."""

import re

from playwright.sync_api import expect

from support.chat_page import ANSWERED_WITHIN_MS, ChatPage


def test_stopped_answer_can_be_gone_on_with(chat: ChatPage) -> None:
    """The words stay, and one press asks for the rest."""
    chat.open(model="steady")
    chat.say("Count and stop")
    chat.wait_for_words(3)
    chat.stop()
    words = chat.counted()
    chat.answers.last.get_by_role("button", name="Continue").click()
    expect(chat.questions.last).to_contain_text("Please go on exactly where you stopped.")
    expect(chat.answers).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    chat.wait_for_words(1)
    chat.stop()
    expect(chat.answers).to_have_count(2)
    expect(chat.answers.first.get_by_role("button", name="Continue")).to_have_count(0)
    expect(chat.answers.first).to_contain_text(re.compile(rf"\b{words[-1]}x"))


def test_answer_again_with_another_model(chat: ChatPage) -> None:
    """The other model's answer stands beside the first one, and says whose it is."""
    chat.open(model="slow")
    chat.ask("Say it differently")
    chat.page.get_by_role("button", name="Ask another model").click()
    chat.page.get_by_role("menuitem", name="echo", exact=True).click()
    expect(chat.last_answer).to_have_text("Say it differently")
    chat.wait_until_answered()
    expect(chat.page.get_by_label("Version 2 of 2")).to_be_visible()
    chat.answers.last.get_by_role("button", name="Details").click()
    expect(chat.page.get_by_role("dialog")).to_contain_text("echo")
