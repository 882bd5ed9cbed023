"""Answers that are read aloud by the browser's voice, which stands here for itself: this machine has none."""

import pytest
from playwright.sync_api import Page, expect

from support.axe import violations
from support.chat_page import ChatPage

VOICE = """
window.heard = [];
const voices = [["far", "ko-KR", false], ["near", "ko-KR", true], ["far", "en-US", false]].map(
    ([name, lang, localService]) => ({ name, lang, localService }));
const voice = { waiting: [], speak(words) { heard.push([words.lang, words.text]); this.waiting.push(words); },
    getVoices() { return voices; },
    cancel() { this.waiting = []; },
    finish() { this.waiting.shift()?.dispatchEvent(new Event("end")); } };
Object.defineProperty(window, "speechSynthesis", { value: voice });
window.SpeechSynthesisUtterance = class extends EventTarget {
    constructor(text) { super(); this.text = text; this.lang = ""; }
};
"""
ANSWER = "A **floor** is flat.\n\n```py\nprint(1)\n```\n\n마루는 시원해요."


@pytest.fixture(autouse=True)
def _voice(page: Page) -> None:
    """A voice that says nothing and notes what it was given."""
    page.add_init_script(VOICE)


def test_answer_is_read_by_sentence_without_markup_or_code(chat: ChatPage) -> None:
    """Each sentence in a voice of its language, the next one when the last is over."""
    chat.open(model="echo")
    chat.ask(ANSWER)
    chat.answers.last.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="Read aloud").click()
    stop = chat.answers.last.get_by_role("button", name="Stop reading")
    expect(stop).to_be_visible()
    chat.box.focus()
    expect(chat.page.get_by_role("tooltip")).to_have_count(0)
    assert violations(chat.page) == []
    assert chat.page.evaluate("() => heard") == [["en-US", "A floor is flat."]]
    chat.page.evaluate("() => speechSynthesis.finish()")
    assert chat.page.evaluate("() => heard[1]") == ["ko-KR", "마루는 시원해요."]
    chat.page.evaluate("() => speechSynthesis.finish()")
    expect(stop).to_have_count(0)


def test_reading_is_stopped_by_button_and_by_key(chat: ChatPage) -> None:
    """Nothing more is said after that."""
    chat.open(model="echo")
    chat.ask(ANSWER)
    chat.page.keyboard.press("Control+Shift+KeyL")
    stop = chat.answers.last.get_by_role("button", name="Stop reading")
    stop.click()
    expect(stop).to_have_count(0)
    chat.page.keyboard.press("Control+Shift+KeyL")
    expect(stop).to_be_visible()
    chat.page.keyboard.press("Control+Shift+KeyL")
    expect(stop).to_have_count(0)
    chat.page.evaluate("() => speechSynthesis.finish()")
    assert chat.page.evaluate("() => heard.length") == 2


def test_voice_is_one_of_this_machine_and_falls_silent_when_one_leaves(chat: ChatPage) -> None:
    """A voice of another company's would be told what was said; and in another chat nothing would stop it."""
    chat.open(model="echo")
    chat.ask("마루는 시원해요.\n\n바람이 지나가요.")
    chat.last_answer.locator("xpath=ancestor::article").get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="Read aloud").click()
    expect(chat.answers.last.get_by_role("button", name="Stop reading")).to_be_visible()
    assert chat.page.evaluate("() => speechSynthesis.waiting[0].voice.name") == "near"
    chat.page.keyboard.press("Control+Shift+KeyO")
    expect(chat.questions).to_have_count(0)
    assert chat.page.evaluate("() => speechSynthesis.waiting.length") == 0
