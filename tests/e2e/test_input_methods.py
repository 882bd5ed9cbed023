"""What real input methods did to real browsers (tests/recordings/ime), gone through again in the page's own box."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import expect

from support.chat_page import ChatPage
from support.ime.scenarios import CHOSEN
from support.live_server import LiveServer

ROOT = Path(__file__).parents[1]
REPLAYING = (ROOT / "support" / "ime" / "replaying.js").read_text(encoding="utf-8")
MINUTE_MS = 60_000  # longer than any scenario
RECORDINGS = sorted((ROOT / "recordings" / "ime").glob("*.json"))


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda file: file.stem)
def test_what_an_input_method_did_sends_each_message_once(chat: ChatPage, recording: Path) -> None:
    """An Enter that ends a Korean syllable sends with it; one that chooses from a list of candidates does not."""
    chat.open(model="echo")
    expect(chat.page.get_by_role("button", name="Model: echo")).to_be_visible()  # before, nothing is sent
    sent: list[str] = []
    for number, scenario in enumerate(json.loads(recording.read_text(encoding="utf-8"))["scenarios"]):
        gone = 0
        for step, events, text in _steps(scenario):
            gone = chat.page.evaluate(REPLAYING, {"events": events, "gone": gone, "since": number * MINUTE_MS})
            if step["sends"] is not None:
                sent.append(text.strip() if step["sends"] == CHOSEN else step["sends"])
                expect(chat.questions, scenario["name"]).to_have_count(len(sent))
                chat.wait_until_answered()
        expect(chat.box, scenario["name"]).to_have_value("")
        assert [_words(question) for question in chat.questions.all_text_contents()] == [*map(_words, sent)], scenario[
            "name"
        ]


@pytest.fixture
def greeting(server: LiveServer) -> Iterator[None]:
    """A prompt whose word is what the recordings of Hangul begin with."""
    body = {"title": "A greeting", "word": "안녕", "text": "Greet {{name}}."}
    prompts = f"{server.url}/v1/prompts"
    with urlopen(Request(prompts, json.dumps(body).encode(), {"Content-Type": "application/json"})) as answer:
        made = json.load(answer)["id"]
    yield
    urlopen(Request(f"{prompts}/{made}", method="DELETE")).close()


@pytest.mark.usefixtures("greeting")
@pytest.mark.parametrize(
    "recording", [file for file in RECORDINGS if "hangul" in file.stem], ids=lambda file: file.stem
)
def test_an_enter_that_ends_a_syllable_picks_from_the_list_of_commands(chat: ChatPage, recording: Path) -> None:
    """The word of a command is no message, however its last syllable came into the box."""
    chat.open(model="echo")
    expect(chat.page.get_by_role("button", name="Model: echo")).to_be_visible()
    chat.box.fill("/")
    expect(chat.page.get_by_role("option", name="A greeting")).to_be_visible()
    scenario = json.loads(recording.read_text(encoding="utf-8"))["scenarios"][0]
    ((_, events, _),) = _steps(scenario)
    chat.page.evaluate(REPLAYING, {"events": events, "gone": 0, "since": MINUTE_MS, "before": "/"})
    expect(chat.page.get_by_role("dialog", name="A greeting")).to_be_visible()
    expect(chat.box).to_have_value("")
    expect(chat.questions).to_have_count(0)


ESCAPE = """(field) => field.dispatchEvent(new KeyboardEvent("keydown",
    { key: "Escape", keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))"""


def test_an_escape_that_cancels_a_composition_closes_no_dialog(chat: ChatPage) -> None:
    """What was written in the dialog would be lost with it; the next Escape is the dialog's."""
    chat.open(model="echo")
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Custom instructions").click()
    window = chat.page.get_by_role("dialog", name="Custom instructions")
    field = window.get_by_role("textbox").first
    field.fill("안녕")
    field.evaluate(ESCAPE)
    expect(field).to_have_value("안녕")
    field.press("Escape")
    expect(window).to_have_count(0)


def test_escape_in_a_name_in_the_drawer_gives_up_the_name_only(chat: ChatPage) -> None:
    """On a small screen the list is a dialog; the one who renames a chat in it stays there."""
    chat.open(model="echo")
    chat.ask("A name in the drawer")
    chat.page.set_viewport_size({"width": 390, "height": 844})
    chat.page.get_by_role("button", name="Open sidebar").click()
    row = chat.sidebar.get_by_role("listitem").filter(has_text="A name in the drawer")
    row.get_by_role("button", name="Options for").click()
    chat.page.get_by_role("menuitem", name="Rename").click()
    field = chat.page.get_by_label("Name of the conversation")
    field.fill("Given up")
    field.press("Escape")
    expect(row).to_be_visible()
    expect(field).to_have_count(0)


def _steps(scenario: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]], str]]:
    """Each step with its events, and what stood in the recorder's box at its end."""
    rest = iter(scenario["events"])
    for step in scenario["steps"]:
        events: list[dict[str, Any]] = []
        for event in rest:
            if event["type"] == "mark":
                yield step, events, event["value"]
                break
            events.append(event)


def _words(text: str) -> str:
    return " ".join(text.removeprefix("You said").split())
