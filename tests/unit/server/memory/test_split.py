"""Rules of `memory/split.py`: what a summary may replace."""

import time
from itertools import pairwise

from maru.memory.split import Split, split
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item, Reasoning
from support.responses import a_message


def _call(id_: str) -> FunctionCall:
    return FunctionCall(id=f"fc_{id_}", call_id=id_, name="look", arguments="{}", status="completed")


def _output(id_: str) -> FunctionCallOutput:
    return FunctionCallOutput(id=f"fco_{id_}", call_id=id_, output="done", status="completed")


def _user(text: str) -> Item:
    return a_message(text, "user", f"msg_{text}")


def _assistant(text: str) -> Item:
    return a_message(text, "assistant", f"msg_{text}")


def test_the_question_that_waits_is_kept() -> None:
    """It is about to be answered."""
    items = (_user("u1"), _assistant("a1"), _user("u2"))
    assert split(items) == Split(items[:2], (), items[2:])
    assert split(items).task is None


def test_the_newest_request_is_told_apart() -> None:
    """The summary may miss a detail of it."""
    u1, a1, u2, a2 = _user("u1"), _assistant("a1"), _user("u2"), _assistant("a2")
    assert split((u1, a1, u2, a2)) == Split((u1, a1, u2, a2), (), ())
    assert split((u1, a1, u2, a2)).task is u2


def test_a_call_stays_with_its_output() -> None:
    """Engines refuse one without the other; the task of a long tool loop stays too."""
    u1, c1, o1, c2, c3, o2, o3 = (
        _user("u1"), _call("1"), _output("1"), _call("2"), _call("3"), _output("2"), _output("3"),
    )  # fmt: skip
    assert split((u1, c1, o1, c2, c3, o2, o3)) == Split((u1, c1, o1), (), (c2, c3, o2, o3))
    assert split((u1, c1, o1, c2, c3, o2, o3)).task is u1


def test_a_call_whose_output_is_still_to_come_is_kept() -> None:
    """Its client sends the output next; one that was talked past is given up."""
    u1, c1, u2, c2 = _user("u1"), _call("1"), _user("u2"), _call("2")
    assert split((u1, c1, u2, c2)) == Split((u1, c1, u2), (), (c2,))


def test_instructions_among_the_items_are_kept() -> None:
    """A rule that is summarised is no rule any more."""
    rule = a_message("be brief", "developer", "msg_rule")
    u1, a1, u2 = _user("u1"), _assistant("a1"), _user("u2")
    assert split((rule, u1, a1, u2)) == Split((u1, a1), (rule,), (u2,))


def test_thinking_is_dropped() -> None:
    """It is not shown to the model again in any case."""
    thought = Reasoning(id="rs_1", summary=())
    u1, a1 = _user("u1"), _assistant("a1")
    assert split((u1, thought, a1)) == Split((u1, a1), (), ())


def _each_output_behind_the_next_call(calls: int) -> list[Item]:
    ids = [str(number) for number in range(calls)]
    between = (item for before, id_ in pairwise(ids) for item in (_call(id_), _output(before)))
    return [_user("u1"), _assistant("a1"), _call(ids[0]), *between, _output(ids[-1])]


def test_calls_and_outputs_that_cross_stay_together() -> None:
    """Cut anywhere, an output of the tail would lose its call."""
    items = _each_output_behind_the_next_call(5)
    assert split(items) == Split(tuple(items[:2]), (), tuple(items[2:]))


def test_no_order_of_calls_takes_longer_than_another() -> None:
    """Clients make up the order, and everybody's answers wait meanwhile."""
    items = _each_output_behind_the_next_call(10_000)
    start = time.process_time()
    assert len(split(items).tail) == 20_000
    assert time.process_time() - start < 2


def test_nothing_is_split_into_nothing() -> None:
    """A conversation may be empty."""
    assert split(()) == Split((), (), ())
    assert split(()).task is None


def test_what_is_pinned_stays_with_its_turn() -> None:
    """A question without its answer, or the reverse, would mislead."""
    u1, a1, u2, a2, u3 = _user("u1"), _assistant("a1"), _user("u2"), _assistant("a2"), _user("u3")
    assert split((u1, a1, u2, a2, u3), frozenset({"msg_a1"})) == Split((u2, a2), (u1, a1), (u3,))
    assert split((u1, a1, u2, a2, u3), frozenset({"msg_u3"})) == Split((u1, a1, u2, a2), (), (u3,))
