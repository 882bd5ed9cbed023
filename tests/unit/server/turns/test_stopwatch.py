"""How long an answer took."""

from maru.protocol.response import Timing
from maru.turns.stopwatch import Stopwatch
from maru_backends.base import Finished, ReasoningDelta, TextDelta, Usage

USAGE = Usage(input_tokens=1, output_tokens=1)


def test_times_are_told_apart() -> None:
    """The wait for the first word, the thinking, and all of it."""
    watch = Stopwatch(10.0)
    watch.heard(ReasoningDelta("hm"), 10.5)
    watch.heard(ReasoningDelta("hm"), 12.0)
    watch.heard(TextDelta("a"), 14.5)
    watch.heard(TextDelta("b"), 15.0)
    assert watch.timing(16.0) == Timing(first_token_ms=500, thinking_ms=4000, total_ms=6000)


def test_answer_that_never_came_has_no_first_word() -> None:
    """What an engine says about itself is no word."""
    watch = Stopwatch(1.0)
    watch.heard(USAGE, 1.5)
    watch.heard(Finished("stop"), 1.6)
    assert watch.timing(2.0) == Timing(first_token_ms=None, thinking_ms=0, total_ms=1000)


def test_thinking_that_was_stopped_counts_until_the_end() -> None:
    """Stopping in the middle of a thought is no end of it."""
    watch = Stopwatch(0.0)
    watch.heard(ReasoningDelta("hm"), 1.0)
    assert watch.timing(3.0).thinking_ms == 2000


def test_thinking_twice_is_added_up() -> None:
    """Some models think again between their words."""
    watch = Stopwatch(0.0)
    watch.heard(ReasoningDelta("hm"), 1.0)
    watch.heard(TextDelta("a"), 2.0)
    watch.heard(ReasoningDelta("hm"), 5.0)
    watch.heard(TextDelta("b"), 5.5)
    assert watch.timing(6.0).thinking_ms == 1500
