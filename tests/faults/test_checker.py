"""The checker catches every broken promise: a good history, and for each rule what would break it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from faults.checker import violations
from faults.history import Afterwards, Exchange, Frame, History, Leg, longest_silence_s
from maru_backends.echo import counted_word
from support.paced_engine import EngineCall

PROMPT = "round 1 words=4"
ID, ITEM, QUESTION, CONVERSATION = (f"{kind}_{'0' * 15}{n}" for n, kind in enumerate(("resp", "msg", "msg", "conv")))
WORDS = [counted_word(PROMPT, index) for index in range(4)]
WHOLE = "".join(WORDS)
Body = dict[str, Any]


def _response(status: str, text: str) -> Body:
    output = [{"id": ITEM, "type": "message", "content": [{"type": "output_text", "text": text}]}] if text else []
    conversation = {"id": CONVERSATION}
    return {"id": ID, "status": status, "metadata": {"prompt": PROMPT}, "output": output, "conversation": conversation}


def _events(text: str, end: str = "completed") -> list[Body]:
    """All events of an answer, from its creation to its end."""
    events: list[Body] = [
        {"type": "response.created", "response": _response("in_progress", "")},
        *({"type": "response.output_text.delta", "delta": word} for word in WORDS),
        {"type": "response.output_text.done", "text": text},
        {"type": f"response.{end}", "response": _response(end, text)},
    ]
    return [{**event, "sequence_number": number} for number, event in enumerate(events)]


def _leg(events: Sequence[Body], *, after: int | None = None, at: float = 1.0, **changes: Any) -> Leg:
    """What a connection carried: a create without `after`, else a follow; an event each tenth of a second."""
    asked: Body = {"type": "response.create", "input": PROMPT}
    if after is not None:
        asked = {"type": "maru:response.follow", "response_id": ID, "starting_after": after}
    frames = [Frame(at + number / 10, json.dumps(event)) for number, event in enumerate(events)]
    fields: dict[str, Any] = {"client": "a", "owner": "local", "asked": asked, "began_at": at, "frames": frames}
    return Leg(**{**fields, **changes})


def _error(code: str) -> list[Body]:
    return [{"type": "error", "error": {"code": code, "message": "No."}}]


def _call(method: str, path: str, body: Any, *, status: int = 200, at: float = 2.0, owner: str = "local") -> Exchange:
    return Exchange("a", owner, method, path, at, at + 0.1, status, json.dumps(body))


def _item(id_: str, parent: str | None, role: str, text: str) -> Body:
    return {"id": id_, "maru:parent": parent, "role": role, "content": [{"text": text}]}


def _tree(*items: Body, running: Sequence[str] = ()) -> Body:
    return {"items": list(items), "running": list(running)}


@dataclass
class Round:
    """One round that went well; a test breaks one thing in it."""

    history: History
    after: Afterwards

    def stored(self, **changes: Any) -> None:
        """Change the stored response."""
        self.after = replace(self.after, responses={ID: {**(self.after.responses[ID] or {}), **changes}})


def _good() -> Round:
    events = _events(WHOLE)
    made = _call("POST", "/v1/conversations", {"id": CONVERSATION}, at=0.5)
    legs = [_leg(events[:3], lost="cut"), _leg(events[3:], after=2, at=2.0), _leg(events, after=-1, at=3.0, client="b")]
    history = History(legs, [made], [], [EngineCall(PROMPT, CONVERSATION, 1.0, 4, 1.5)])
    tree = _tree(_item(QUESTION, None, "user", PROMPT), _item(ITEM, QUESTION, "assistant", WHOLE))
    question = _item(QUESTION, None, "user", PROMPT)
    return Round(history, Afterwards({ID: _response("completed", WHOLE)}, {ID: [question]}, {CONVERSATION: tree}))


def _crashed() -> Round:
    """The server died when three words were seen; two of them were kept, and the end came after a jump."""
    kept = "".join(WORDS[:2])
    events = _events(kept, "incomplete")
    ending = [{**event, "sequence_number": 1_000 + number} for number, event in enumerate(events[-2:])]
    good = _good()
    good.history.legs = [
        _leg(events[:4], lost="cut"),
        _leg(ending, after=3, at=2.0),
        _leg([*events[:3], *ending], after=-1),
    ]
    good.history.crashes = [1.5]
    good.after.trees[CONVERSATION]["items"][1]["content"][0]["text"] = kept  # type: ignore[index]
    good.stored(**_response("incomplete", kept))
    return good


@pytest.mark.parametrize("make", [_good, _crashed])
def test_what_is_right_breaks_nothing(make: Callable[[], Round]) -> None:
    """Also what a crash must leave behind."""
    made = make()
    assert violations(made.history, made.after) == []


def _drop(round_: Round, leg: int, frame: int) -> None:
    del round_.history.legs[leg].frames[frame]


def _repeat(round_: Round) -> None:
    frames = round_.history.legs[1].frames
    frames.insert(1, frames[0])


def _resume_from_elsewhere(round_: Round) -> None:
    round_.history.legs[1].asked = {**round_.history.legs[1].asked, "starting_after": 1}


def _jump_without_a_crash(round_: Round) -> None:
    round_.history.crashes = [0.1]


def _other_bytes(round_: Round) -> None:
    frames = round_.history.legs[2].frames
    frames[1] = Frame(frames[1].at, frames[1].data.replace(":", " :", 1))


def _second_end(round_: Round) -> None:
    again = {**_events(WHOLE)[-1], "sequence_number": 7}
    round_.history.legs[2].frames.append(Frame(9.0, json.dumps(again)))


def _no_end(round_: Round) -> None:
    for leg in round_.history.legs:
        leg.frames = [frame for frame in leg.frames if "completed" not in frame.data]


def _error_in_the_middle(round_: Round) -> None:
    round_.history.legs[0].frames.append(Frame(1.9, json.dumps(_error("server_error")[0])))


def _swapped_words(round_: Round) -> None:
    swap = {WORDS[0]: WORDS[1], WORDS[1]: WORDS[0]}
    for leg in round_.history.legs:
        for number, frame in enumerate(leg.frames):
            body = frame.body()
            if body.get("delta") in swap:
                leg.frames[number] = Frame(frame.at, json.dumps({**body, "delta": swap[body["delta"]]}))


def _other_text_stored(round_: Round) -> None:
    round_.stored(output=_response("completed", WORDS[0])["output"], status="incomplete")


def _called_complete(round_: Round) -> None:
    round_.stored(status="completed")


def _lost_response(round_: Round) -> None:
    round_.after = replace(round_.after, responses={ID: None})


def _lost_message(round_: Round) -> None:
    round_.after = replace(round_.after, inputs={ID: []})


def _lost_conversation(round_: Round) -> None:
    round_.after = replace(round_.after, trees={CONVERSATION: None})


def _lost_early_words(round_: Round) -> None:
    round_.history.crashes = [1.2 + 10]


def _other_end_stored(round_: Round) -> None:
    round_.stored(status="cancelled")


def _appended_twice(round_: Round) -> None:
    items = _item("msg_2", ITEM, "user", PROMPT)
    (round_.after.trees[CONVERSATION] or {})["items"].append(items)


def _branched(round_: Round) -> None:
    (round_.after.trees[CONVERSATION] or {})["items"].append(_item("msg_2", QUESTION, "assistant", "x"))


def _answer_not_in_its_conversation(round_: Round) -> None:
    (round_.after.trees[CONVERSATION] or {})["items"].pop()


def _still_open(round_: Round) -> None:
    round_.stored(status="in_progress")


def _still_busy(round_: Round) -> None:
    (round_.after.trees[CONVERSATION] or {})["running"].append(ID)


def _late_stop(round_: Round) -> None:
    round_.history.engine = [EngineCall(PROMPT, CONVERSATION, 1.0, 4, 3.6)]
    round_.history.exchanges.append(_call("POST", f"/v1/responses/{ID}/cancel", round_.after.responses[ID], at=2.5))


def _works_for_nobody(round_: Round) -> None:
    round_.history.engine = [EngineCall(PROMPT, CONVERSATION, 1.0, 4, float("inf"))]


def _two_at_once(round_: Round) -> None:
    round_.history.engine.append(EngineCall("round 2", CONVERSATION, 1.4, 4, 1.9))


def _asked_three_times(round_: Round) -> None:
    round_.history.engine = [EngineCall(PROMPT, "", at, 0, at) for at in (0.1, 0.2, 0.3)]


def _asked_again_after_words(round_: Round) -> None:
    round_.history.engine.append(EngineCall(PROMPT, CONVERSATION, 1.6, 4, 1.9))


def _race(round_: Round, code: str | None) -> None:
    """A second create of the same race, refused with this code or else won too."""
    legs = round_.history.legs
    other = _events(WHOLE) if code is None else _error(code)
    legs.append(_leg(other, client="b"))
    for leg in (legs[0], legs[-1]):
        leg.asked = {**leg.asked, "metadata": {"race": "r"}}


def _two_winners(round_: Round) -> None:
    _race(round_, None)


def _loser_not_told(round_: Round) -> None:
    _race(round_, "server_error")


def _stop_heard_of_another_end(round_: Round) -> None:
    round_.history.exchanges.append(_call("POST", f"/v1/responses/{ID}/cancel", _response("cancelled", "")))


def _stranger_may_ask(round_: Round) -> None:
    round_.history.exchanges.append(_call("GET", f"/v1/responses/{ID}", {"status": "completed"}, owner="stranger"))


def _stranger_is_shown(round_: Round) -> None:
    round_.history.exchanges.append(_call("GET", "/v1/conversations", [CONVERSATION], owner="stranger"))


def _stranger_follows(round_: Round) -> None:
    round_.history.legs.append(_leg(_events(WHOLE), after=-1, owner="stranger"))


def _own_mistake(round_: Round) -> None:
    round_.history.exchanges.append(_call("GET", "/v1/models", {}, status=500))


def _own_mistake_in_an_answer(round_: Round) -> None:
    error = [{"type": "error", "error": {"code": "server_error", "message": "The server made a mistake."}}]
    round_.history.legs.append(_leg(error))


BROKEN: list[tuple[str, Callable[[], Round], Callable[[Round], None]]] = [
    ("numbers", _good, lambda round_: _drop(round_, 2, 2)),
    ("numbers", _good, lambda round_: _drop(round_, 1, 0)),
    ("numbers", _good, lambda round_: _drop(round_, 0, 0)),
    ("numbers", _good, _repeat),
    ("numbers", _good, _resume_from_elsewhere),
    ("numbers", _crashed, _jump_without_a_crash),
    ("same_bytes", _good, _other_bytes),
    ("one_end", _good, _second_end),
    ("one_end", _good, _no_end),
    ("one_end", _good, _error_in_the_middle),
    ("words", _good, _swapped_words),
    ("words", _good, _other_text_stored),
    ("words", _crashed, _called_complete),
    ("acknowledged", _good, _lost_response),
    ("acknowledged", _good, _lost_message),
    ("acknowledged", _good, _lost_conversation),
    ("acknowledged", _good, _other_end_stored),
    ("acknowledged", _crashed, _lost_early_words),
    ("trees", _good, _appended_twice),
    ("trees", _good, _branched),
    ("trees", _good, _answer_not_in_its_conversation),
    ("nothing_open", _good, _still_open),
    ("nothing_open", _good, _still_busy),
    ("stops", _good, _late_stop),
    ("one_writer", _good, _works_for_nobody),
    ("one_writer", _good, _two_at_once),
    ("retries", _good, _asked_three_times),
    ("retries", _good, _asked_again_after_words),
    ("winners", _good, _two_winners),
    ("winners", _good, _loser_not_told),
    ("winners", _good, _stop_heard_of_another_end),
    ("strangers", _good, _stranger_may_ask),
    ("strangers", _good, _stranger_is_shown),
    ("strangers", _good, _stranger_follows),
    ("mistakes", _good, _own_mistake),
    ("mistakes", _good, _own_mistake_in_an_answer),
]


@pytest.mark.parametrize(("rule", "make", "harm"), BROKEN)
def test_what_is_wrong_is_caught_by_its_rule(
    rule: str, make: Callable[[], Round], harm: Callable[[Round], None]
) -> None:
    """A checker that finds nothing proves nothing."""
    made = make()
    harm(made)
    assert rule in {found.split(":")[0] for found in violations(made.history, made.after)}


def test_every_rule_is_tried() -> None:
    """A new rule comes with a history that breaks it."""
    from faults.checker import _RULES

    assert {rule.__name__.strip("_") for rule in _RULES} == {rule for rule, _, _ in BROKEN}


def test_the_longest_silence_is_measured_from_edge_to_edge() -> None:
    """A stream that stands still until the end of the span was silent too."""
    leg = _leg(_events(WHOLE), at=1.0)
    assert longest_silence_s([leg], 0.0, 1.2) == pytest.approx(1.0)
    assert longest_silence_s([leg], 1.0, 5.0) == pytest.approx(3.4)
