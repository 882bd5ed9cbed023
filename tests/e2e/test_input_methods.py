"""What real input methods did to real browsers (tests/recordings/ime), gone through again in the page's own box."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from support.chat_page import ChatPage
from support.ime.scenarios import CHOSEN

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
