"""Rules of logprobs on their way: which of an engine's chunks they come in, and which text they belong to."""

import json
from collections.abc import Iterable
from dataclasses import replace

from maru_backends.base import BackendEvent, TextDelta
from support.engine_chunks import REQUEST, call, chunk, read, read_with_tags


def weighed(*tokens: str | bytes, text: str | None = None, reason: str | None = None, **delta: object) -> str:
    """A chunk of tokens with their logprobs and one rival each; by default their text is the content."""
    rival = {"token": "other", "logprob": -9999999.0, "bytes": None}
    spelt = [token.encode() if isinstance(token, str) else token for token in tokens]
    told = [
        {"token": one.decode(errors="replace"), "logprob": -0.5, "bytes": list(one), "top_logprobs": [rival]}
        for one in spelt
    ]
    content = b"".join(spelt).decode() if text is None else text
    choice = {"delta": {"content": content, **delta}, "logprobs": {"content": told}, "finish_reason": reason}
    return json.dumps({"choices": [choice]})


def tokens_by_text(events: Iterable[BackendEvent]) -> list[tuple[str, list[str]]]:
    """Each piece of the answer with its tokens."""
    texts = (event for event in events if isinstance(event, TextDelta))
    return [(event.text, [token.token for token in event.logprobs]) for event in texts]


def test_logprobs_come_with_their_text() -> None:
    """Bytes are made of the token where an engine leaves them out, and a chance of nothing is a number."""
    asked = replace(REQUEST, top_logprobs=1)
    (text, *_) = read(weighed("네"), chunk({}, "stop"), request=asked)
    assert isinstance(text, TextDelta)
    (token,) = text.logprobs
    assert (token.token, token.logprob, token.bytes) == ("네", -0.5, tuple("네".encode()))
    assert [(r.token, r.logprob, r.bytes) for r in token.top_logprobs] == [("other", -9999.0, tuple(b"other"))]


def test_rivals_stand_in_the_order_of_their_chances() -> None:
    """VLLM names the token that came first."""
    rivals = [{"token": name, "logprob": value} for name, value in (("came", -3.0), ("best", -0.1), ("next", -2.0))]
    content = [{"token": "came", "logprob": -3.0, "top_logprobs": rivals}]
    choice = {"index": 0, "delta": {"content": "came"}, "logprobs": {"content": content}, "finish_reason": None}
    asked = replace(REQUEST, top_logprobs=3)
    (text, *_) = read(json.dumps({"choices": [choice]}), chunk({}, "stop"), request=asked)
    assert isinstance(text, TextDelta)
    assert [one.token for one in text.logprobs[0].top_logprobs] == ["best", "next", "came"]


def test_the_token_that_ended_the_answer_is_none_of_its_tokens() -> None:
    """An engine that is asked faster than it is read tells it with the last words, whose bytes may be halves."""
    asked = replace(REQUEST, top_logprobs=0)
    last = weighed("Hi ", b"\xeb\x84", b"\xa4", "<|im_end|>", text="Hi 네", reason="stop")
    assert tokens_by_text(read(last, request=asked)) == [("Hi 네", ["Hi ", "\ufffd", "\ufffd"])]


def test_logprobs_nobody_asked_for_are_not_read() -> None:
    """They cost time."""
    assert read(weighed("a"), chunk({}, "stop"))[0] == TextDelta("a")


def test_logprobs_of_thinking_and_of_its_tags_are_left_out() -> None:
    """They are the answer's only."""
    asked = replace(REQUEST, top_logprobs=0)
    said = ("<think>", "hm", "</think>", "\n", "Yes", "!")
    events = read_with_tags(*map(weighed, said), chunk({}, "stop"), request=asked)
    assert tokens_by_text(events) == [("Yes", ["Yes"]), ("!", ["!"])]


def test_one_chunk_may_hold_thinking_and_the_answer_with_its_logprobs() -> None:
    """Engines send several tokens at once when they are asked faster than they are read."""
    asked = replace(REQUEST, top_logprobs=0)
    chunks = (weighed("<think>", "hm"), weighed("so", "</think>", "\n", "Yes", "!"), weighed("?"))
    assert tokens_by_text(read_with_tags(*chunks, chunk({}, "stop"), request=asked)) == [
        ("Yes!", ["Yes", "!"]),
        ("?", ["?"]),
    ]


def test_logprobs_of_text_that_comes_later_wait_for_it() -> None:
    """Half a character, or what may become a stop string, is a chunk with tokens and without text."""
    asked = replace(REQUEST, top_logprobs=0)
    half, rest = "네".encode()[:1], "네".encode()[1:]
    events = read(
        weighed(half, text=""), weighed(rest, text="네"), weighed("<eos>", text="", reason="stop"), request=asked
    )
    assert tokens_by_text(events) == [("네", ["\ufffd", "\ufffd\ufffd"])]


def test_logprobs_of_what_is_no_answer_do_not_wait() -> None:
    """Engines send an empty content beside thinking and calls."""
    asked = replace(REQUEST, top_logprobs=0)
    called = weighed("{}", text="", tool_calls=[call("{}", "look", id="c1")])
    thought = (weighed("hm", text="", reasoning="hm"), weighed("</think>", text=""))
    events = read(*thought, weighed("Yes"), called, weighed("!"), chunk({}, "tool_calls"), request=asked)
    assert tokens_by_text(events) == [("Yes", ["Yes"]), ("!", ["!"])]
