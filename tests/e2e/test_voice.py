"""Speaking instead of typing: with a microphone that plays a file, a recogniser of the operator's, and a stand-in."""

import math
import re
import wave
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserType, Locator, Page, expect

from support.axe import violations
from support.chat_page import ChatPage
from support.echo_models import ECHO
from support.live_server import LiveServer, live_server
from support.recogniser_peer import RecogniserPeer, recogniser_in_thread

WORDS = "hello from the recogniser"
ANSWER = f'{{"text": "{WORDS}"}}'
STAND_IN = """
window.heard = { made: [], say(words, isFinal) {
    const results = words.map((one) => Object.assign([{ transcript: one }], { isFinal }));
    this.made.at(-1).dispatchEvent(Object.assign(new Event("result"), { results })); },
  fail(error) { const it = this.made.at(-1);
    it.dispatchEvent(Object.assign(new Event("error"), { error })); it.dispatchEvent(new Event("end")); } };
window.SpeechRecognition = window.webkitSpeechRecognition = class extends EventTarget {
  constructor() { super(); heard.made.push(this); this.state = "new"; }
  start() { this.state = "on"; }
  stop() { this.state = "stopped"; setTimeout(() => this.dispatchEvent(new Event("end"))); }
  abort() { this.state = "aborted"; this.dispatchEvent(new Event("end")); }
};
"""
NO_RECOGNISER = "delete window.SpeechRecognition; delete window.webkitSpeechRecognition;"


@pytest.fixture(scope="module")
def peer() -> Iterator[RecogniserPeer]:
    """The recogniser that the operator named."""
    with recogniser_in_thread() as peer:
        yield peer


@pytest.fixture(scope="module")
def maru(peer: RecogniserPeer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A server with that recogniser."""
    settings = f'transcription_url = "{peer.base_url}"\n'
    with live_server(tmp_path_factory.mktemp("voice"), settings + ECHO) as server:
        yield server


@pytest.fixture(scope="module")
def speaking(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser whose microphone hears a tone."""
    tone = tmp_path_factory.mktemp("tone") / "tone.wav"
    with wave.open(str(tone), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(array("h", (int(16_000 * math.sin(n / 17)) for n in range(96_000))).tobytes())
    flags = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={tone}"]
    launch: dict[str, Any] = {**browser_type_launch_args, "args": [*browser_type_launch_args["args"], *flags]}
    with browser_type.launch(**launch) as browser:
        yield browser


@pytest.fixture
def speak(speaking: Browser, maru: LiveServer, peer: RecogniserPeer) -> Iterator[Callable[..., ChatPage]]:
    """Opens the page for a person who speaks; the microphone is allowed unless said otherwise."""
    peer.heard.clear()
    peer.status, peer.answer = 200, ANSWER
    contexts: list[Any] = []

    def opened(locale: str = "en-US", *, allowed: bool = True, **more: Any) -> ChatPage:
        context = speaking.new_context(locale=locale, permissions=["microphone"] if allowed else [], **more)
        contexts.append(context)
        chat = ChatPage(context.new_page(), maru.url)
        chat.open()
        return chat

    yield opened
    for context in contexts:
        context.close()


def _mic(page: Page) -> Locator:
    return page.get_by_role("button", name="Speak")


def _loud(page: Page) -> None:
    expect(page.locator("[data-level]")).to_have_attribute("data-level", re.compile(r"^(0\.[2-9]|1)"))


def test_what_is_said_lands_at_the_caret_and_is_not_sent(speak: Callable[..., ChatPage], peer: RecogniserPeer) -> None:
    """By the keyboard alone; the recording is sound that every recogniser reads, and the words can be undone."""
    chat = speak()
    chat.box.fill("Note:end")
    chat.box.press("Home")
    for _ in "Note:":
        chat.box.press("ArrowRight")
    _mic(chat.page).focus()
    chat.page.keyboard.press("Enter")
    done = chat.page.get_by_role("button", name="Done", exact=True)
    expect(done).to_be_focused()
    expect(chat.page.get_by_role("group", name="Listening").get_by_role("status")).to_have_text("Listening. Speak now.")
    _loud(chat.page)
    expect(chat.page.get_by_role("group", name="Listening")).to_contain_text("0:02")
    assert violations(chat.page) == []
    chat.page.keyboard.press("Enter")
    expect(chat.box).to_have_value(f"Note: {WORDS} end")
    expect(chat.box).to_be_focused()
    expect(chat.questions).to_have_count(0)
    [heard] = peer.heard
    assert (heard.name, heard.media_type, heard.fields["language"]) == ("speech.wav", "audio/wav", "en")
    assert heard.seconds > 1
    assert heard.loudness > 0.2
    chat.page.keyboard.press("Control+z")
    expect(chat.box).to_have_value("Note:end")


def test_escape_forgets_what_was_said(speak: Callable[..., ChatPage], peer: RecogniserPeer) -> None:
    """And the microphone is off again."""
    chat = speak()
    chat.box.fill("A draft")
    _mic(chat.page).click()
    _loud(chat.page)
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("group", name="Listening")).to_have_count(0)
    expect(chat.box).to_be_focused()
    expect(chat.box).to_have_value("A draft")
    expect(_mic(chat.page)).to_be_visible()
    chat.page.wait_for_timeout(300)
    assert peer.heard == []


def test_korean_is_written_down_as_korean(speak: Callable[..., ChatPage], peer: RecogniserPeer) -> None:
    """The page's language is what is listened for."""
    peer.answer = '{"text": "안녕하세요"}'
    chat = speak("ko-KR", viewport={"width": 390, "height": 844})
    chat.page.get_by_role("button", name="말로 입력").click()
    _loud(chat.page)
    assert violations(chat.page) == []
    chat.page.get_by_role("button", name="완료").click()
    expect(chat.box).to_have_value("안녕하세요")
    assert peer.heard[0].fields["language"] == "ko"


def test_a_recording_outlives_a_failure(speak: Callable[..., ChatPage], peer: RecogniserPeer) -> None:
    """What was said need not be said again when the recogniser or the network comes back."""
    chat = speak()
    peer.status = 500
    _mic(chat.page).click()
    _loud(chat.page)
    chat.page.get_by_role("button", name="Done", exact=True).click()
    trouble = chat.page.get_by_role("alert")
    expect(trouble).to_contain_text("It could not be written down: The recogniser failed (HTTP 500).")
    assert violations(chat.page) == []
    chat.page.context.set_offline(True)
    chat.page.get_by_role("button", name="Try again").click()
    expect(trouble).to_contain_text("The connection was lost")
    chat.page.context.set_offline(False)
    peer.status = 200
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.box).to_have_value(WORDS)
    assert [heard.data for heard in peer.heard] == [peer.heard[0].data] * 2


def test_nothing_heard_is_said(speak: Callable[..., ChatPage], peer: RecogniserPeer) -> None:
    """An empty box without a word would look broken."""
    peer.answer = '{"text": " "}'
    chat = speak()
    _mic(chat.page).click()
    _loud(chat.page)
    chat.page.get_by_role("button", name="Done", exact=True).click()
    expect(chat.page.get_by_role("alert")).to_have_text("No words were heard.")
    chat.page.get_by_role("button", name="Close", exact=True).click()
    expect(chat.box).to_be_focused()


def test_a_refused_microphone_is_explained(speak: Callable[..., ChatPage]) -> None:
    """With where to allow it."""
    chat = speak(allowed=False)
    _mic(chat.page).click()
    expect(chat.page.get_by_role("alert")).to_contain_text("The microphone is not allowed here.")
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("alert")).to_have_count(0)


def test_a_computer_without_a_microphone(browser: Browser, maru: LiveServer) -> None:
    """It is allowed, and there is none."""
    context = browser.new_context(permissions=["microphone"])
    chat = ChatPage(context.new_page(), maru.url)
    chat.open()
    _mic(chat.page).click()
    expect(chat.page.get_by_role("alert")).to_have_text("No microphone was found.")
    context.close()


def test_the_browsers_recogniser_is_asked_for_first(chat: ChatPage) -> None:
    """Its maker may hear what is said; then its words land like any other, and once is enough to ask."""
    chat.page.add_init_script(STAND_IN)
    chat.open(model="echo")
    chat.box.fill("Tell me")
    _mic(chat.page).click()
    expect(chat.page.get_by_text("Chrome sends it to Google")).to_be_visible()
    assert violations(chat.page) == []
    chat.page.get_by_role("button", name="Not now").click()
    expect(chat.box).to_be_focused()
    _mic(chat.page).click()
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_role("button", name="Not now")).to_have_count(0)
    expect(chat.box).to_be_focused()
    assert chat.page.evaluate("heard.made.length") == 0
    _mic(chat.page).click()
    expect(chat.page.get_by_role("button", name="Listen", exact=True)).to_be_focused()
    chat.page.keyboard.press("Enter")
    expect(chat.page.get_by_role("button", name="Done", exact=True)).to_be_focused()
    chat.page.evaluate("heard.say(['about the'], false)")
    expect(chat.page.locator("[data-interim]")).to_have_text("about the")
    chat.page.evaluate("heard.say(['about the sea', 'please'], true)")
    chat.page.get_by_role("button", name="Done", exact=True).click()
    expect(chat.box).to_have_value("Tell me about the sea please")
    expect(chat.questions).to_have_count(0)
    assert chat.page.evaluate("[heard.made[0].lang, heard.made[0].state]") == ["en-US", "stopped"]
    _mic(chat.page).click()
    expect(chat.page.get_by_role("button", name="Done", exact=True)).to_be_focused()
    chat.page.evaluate("heard.fail('network')")
    expect(chat.page.get_by_role("alert")).to_contain_text("The connection was lost")
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.page.get_by_role("button", name="Done", exact=True)).to_be_focused()
    chat.page.evaluate("heard.say(['in winter'], true)")
    chat.page.keyboard.press("Enter")
    expect(chat.box).to_have_value("Tell me about the sea please in winter")
    assert chat.page.evaluate("heard.made.length") == 3


def test_there_is_no_button_where_nobody_can_write_it_down(chat: ChatPage, browser: Browser, tmp_path: Path) -> None:
    """Neither recogniser, or an operator who wants none of the browser's."""
    chat.page.add_init_script(NO_RECOGNISER)
    chat.open(model="echo")
    expect(chat.page.get_by_role("button", name="Model: ")).to_be_visible()
    expect(_mic(chat.page)).to_have_count(0)
    with live_server(tmp_path, "browser_speech = false\n" + ECHO) as server, browser.new_context() as context:
        silent = ChatPage(context.new_page(), server.url)
        silent.page.add_init_script(STAND_IN)
        with silent.page.expect_response("**/v1/voice"):
            silent.open()
        expect(silent.page.get_by_role("button", name="Model: ")).to_be_visible()
        expect(_mic(silent.page)).to_have_count(0)


def test_only_the_page_itself_may_listen(chat: ChatPage) -> None:
    """No frame of another site gets the microphone through Maru."""
    chat.open()
    headers = chat.page.request.get(chat.url).headers
    assert "microphone=(self)" in headers["permissions-policy"]
