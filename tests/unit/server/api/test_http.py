"""Rules of `maru/api/http.py` and of how wrong values are shown."""

import json

import pytest

from maru.api.http import MAX_DEPTH, MAX_VALUES, decode_json
from maru.protocol.errors import LONGEST_SHOWN, ApiError, shown


def _refusal(text: str) -> str | None:
    with pytest.raises(ApiError) as caught:
        decode_json(text)
    assert caught.value.status == 400
    return caught.value.code


def test_depth_is_bounded() -> None:
    """Code that recurses comes after."""
    assert decode_json("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert _refusal("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)) == "too_deep"
    assert _refusal('{"a":' * (MAX_DEPTH + 1) + "1" + "}" * (MAX_DEPTH + 1)) == "too_deep"
    assert _refusal("[" * 100_000) == "too_deep"


def test_the_number_of_values_is_bounded_but_not_that_of_words() -> None:
    """Objects are what validation takes its time for; an embedding of a million numbers is quick."""
    assert decode_json(json.dumps([[] for _ in range(MAX_VALUES - 1)]))
    assert _refusal(json.dumps([[] for _ in range(MAX_VALUES)])) == "too_many_values"
    assert decode_json(json.dumps([1] * (2 * MAX_VALUES)))


@pytest.mark.parametrize("text", ["", "{", "NaN", "1e400", '"\\ud800"', "9" * 5_000, "[1,]"])
def test_what_is_no_json_is_refused(text: str) -> None:
    """Also what some parsers take."""
    assert _refusal(text) == "invalid_json"


@pytest.mark.parametrize(
    "value", ["x" * 10**6, list(range(10**6)), {str(n): n for n in range(10**5)}, json.loads("[" * 900 + "]" * 900)]
)
def test_a_wrong_value_is_shown_short(value: object) -> None:
    """However large and deep it is."""
    assert 0 < len(shown(value)) <= LONGEST_SHOWN


@pytest.mark.parametrize("value", [5, "gpt", None, True, [1, 2], {"a": "b"}])
def test_a_short_wrong_value_is_shown_whole(value: object) -> None:
    """So that it is recognised."""
    assert shown(value) == repr(value)
