"""Rules of `maru/protocol/steering.py`."""

import json
from typing import Any

import pytest

from maru.protocol.events import TERMINAL_TYPES, encode_event
from maru.protocol.steering import refused_steer


def _refused(frame: dict[str, Any], stream_id: str | None = None) -> Any:
    return json.loads(encode_event(refused_steer(frame, 3, stream_id)).data)


@pytest.mark.parametrize("said", ["more", [{"role": "user", "content": "more"}]])
def test_what_was_said_comes_back_whole(said: Any) -> None:
    """The client puts it into its next create."""
    event = _refused({"type": "response.steer", "input": said, "previous_response_id": "resp_1"})
    assert event["type"] == "response.steer.failed"
    assert event["sequence_number"] == 3
    assert event["steer"] == {"input": said, "previous_response_id": "resp_1"}
    assert (event["error"]["type"], event["error"]["code"]) == ("invalid_request_error", "steering_not_supported")
    assert "response.create" in event["error"]["message"]


@pytest.mark.parametrize("frame", [{}, {"input": None}, {"previous_response_id": 7, "input": {"a": [1]}}])
def test_a_steer_that_makes_no_sense_is_refused_in_the_same_way(frame: dict[str, Any]) -> None:
    """An `error` frame would be read as the end of the answer that runs."""
    event = _refused(frame)
    assert event["error"]["code"] == "steering_not_supported"
    assert event["steer"] == {"input": None, "previous_response_id": None, **frame}


def test_the_lane_is_named_where_there_is_one() -> None:
    """Lanes of one socket are told apart by it."""
    assert _refused({}, "a.b")["stream_id"] == "a.b"
    assert "stream_id" not in _refused({})


def test_a_refused_steer_ends_nothing() -> None:
    """The answer goes on."""
    assert encode_event(refused_steer({}, 0, None)).type not in TERMINAL_TYPES
