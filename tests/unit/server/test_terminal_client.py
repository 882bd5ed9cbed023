"""What frames mean for a reader, and what the terminal never prints."""

from pathlib import Path
from typing import Any

import pytest

from maru.terminal_chat import printable
from maru.terminal_client import AnswerEvent, ChatError, Ended, Started, Thought, Words, event_of, server_url


@pytest.mark.parametrize(
    ("frame", "event"),
    [
        ({"type": "response.created", "response": {"id": "resp_1"}}, Started("resp_1")),
        ({"type": "response.output_text.delta", "delta": "안"}, Words("안")),
        ({"type": "response.refusal.delta", "delta": "no"}, Words("no")),
        ({"type": "response.reasoning_text.delta", "delta": "hm"}, Thought("hm")),
        ({"type": "response.completed", "response": {}}, Ended()),
        ({"type": "response.incomplete", "response": {"status": "cancelled"}}, Ended("Stopped.")),
        (
            {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "max_output_tokens"}}},
            Ended("The answer reached its greatest length."),
        ),
        (
            {"type": "response.incomplete", "response": {"incomplete_details": {"reason": "content_filter"}}},
            Ended("The answer is not whole (content_filter)."),
        ),
        (
            {"type": "response.incomplete", "response": {"incomplete_details": None}},
            Ended("The answer is not whole."),
        ),
        ({"type": "response.failed", "response": {"error": {"message": "down"}}}, Ended("down")),
        ({"type": "response.failed", "response": {"error": None}}, Ended("The answer failed.")),
        ({"type": "error", "error": {"message": "busy"}}, Ended("busy")),
        ({"type": "error"}, Ended("The server refused the message.")),
        ({"type": "response.in_progress"}, None),
        ({"type": "maru:something"}, None),
        ({}, None),
    ],
)
def test_frame_becomes_what_the_reader_should_know(frame: dict[str, Any], event: AnswerEvent | None) -> None:
    """Unknown frames tell nothing: a newer server may send more."""
    assert event_of(frame) == event


def test_models_words_cannot_steer_the_terminal() -> None:
    """Escape sequences move the cursor, rename the window, or type for the person."""
    assert printable("a\x1b[2J\x1b]0;x\x07b\rc\x9bd\x7f\n\t한 e\u0301") == "a[2J]0;xbcd\n\t한 e\u0301"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("port = 9", "http://127.0.0.1:9"),
        ('host = "0.0.0.0"', "http://127.0.0.1:8000"),
        ('host = "::"', "http://[::1]:8000"),
        ('host = "192.168.1.5"', "http://192.168.1.5:8000"),
    ],
)
def test_server_is_looked_for_where_the_settings_put_it(tmp_path: Path, text: str, url: str) -> None:
    """Both commands read the same file."""
    file = tmp_path / "maru.toml"
    file.write_text(text)
    assert server_url(None, file) == url


def test_given_address_may_be_written_in_several_ways() -> None:
    """With the path that SDKs want, or a slash."""
    assert server_url("https://maru.example/v1/", None) == server_url("https://maru.example", None)
    with pytest.raises(ChatError, match="no address"):
        server_url("maru.example", None)
    with pytest.raises(ChatError, match="no settings file"):
        server_url(None, Path("/nowhere.toml"))
