"""Rules of `maru/protocol/lanes.py`."""

import pytest

from maru.protocol.errors import ApiError
from maru.protocol.lanes import MAX_LANES, Lanes


def test_a_name_may_be_used_again_and_again() -> None:
    """A lane is a sequence of answers."""
    lanes = Lanes()
    assert [lanes.join("a") for _ in range(3 * MAX_LANES)] == ["a"] * 3 * MAX_LANES
    assert lanes.join("A-z_0.9" + "x" * 249) is not None


def test_no_name_is_the_default_lane() -> None:
    """It counts as no name, so it is always free."""
    lanes = Lanes()
    for number in range(MAX_LANES):
        lanes.join(f"lane-{number}")
    assert lanes.join(None) is None


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "a\n", "x" * 257, 5, True, ["a"], {"a": 1}, "a\x00"])
def test_what_is_no_name_is_refused(name: object) -> None:
    """It would be repeated unescaped in every event."""
    with pytest.raises(ApiError) as caught:
        Lanes().join(name)
    assert (caught.value.status, caught.value.code, caught.value.param) == (400, "invalid_stream_id", "stream_id")
    assert len(caught.value.message) < 200


def test_names_are_bounded_and_those_in_use_go_on() -> None:
    """The reference service allows 32 of a connection."""
    lanes = Lanes()
    for number in range(MAX_LANES):
        lanes.join(f"lane-{number}")
    with pytest.raises(ApiError) as caught:
        lanes.join("one-more")
    assert (caught.value.status, caught.value.code) == (400, "websocket_stream_limit_reached")
    assert lanes.join("lane-0") == "lane-0"
