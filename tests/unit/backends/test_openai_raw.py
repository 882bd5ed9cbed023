"""Rules of `openai_raw.py`: logprobs in lists beside each other, as OpenAI's older API has them."""

from maru_backends.base import LEAST_LOGPROB, ChatRequest, Finished, RivalToken, TextDelta, TokenLogprob
from maru_backends.openai_raw import raw_logprobs
from support.engine_chunks import read

ASKED = ChatRequest((), raw="one", top_logprobs=2)
HALVES = {"tokens": ["bytes:\\xe2\\x80", "bytes:\\x99", "s"], "token_logprobs": [-1.0, -0.5, None]}


def test_rivals_stand_in_order() -> None:
    """They come as an object, which has none."""
    told = {"tokens": [" two"], "token_logprobs": [-0.2], "top_logprobs": [{" six": -3.0, " two": -0.2}]}
    rivals = (RivalToken(" two", -0.2, tuple(b" two")), RivalToken(" six", -3.0, tuple(b" six")))
    assert [*raw_logprobs(dict[str, object](told))] == [TokenLogprob(" two", -0.2, tuple(b" two"), rivals)]


def test_half_a_character_is_told_by_its_bytes() -> None:
    """Joined, they are the text; a chance that is not told is none."""
    found = [*raw_logprobs(dict[str, object](HALVES))]
    assert b"".join(bytes(token.bytes) for token in found).decode() == "\N{RIGHT SINGLE QUOTATION MARK}s"
    assert [token.logprob for token in found] == [-1.0, -0.5, LEAST_LOGPROB]


def test_what_is_no_list_tells_nothing() -> None:
    """Engines put what they like there."""
    for told in ({}, {"tokens": "two"}, {"tokens": None, "token_logprobs": [1]}):
        assert [*raw_logprobs(dict[str, object](told))] == []


def test_tokens_come_with_their_text() -> None:
    """Those of a chunk without text, which became a character later, too."""
    first = '{"choices": [{"index": 0, "text": "", "logprobs": {"tokens": ["bytes:\\\\xe2\\\\x80"]}}]}'
    second = '{"choices": [{"index": 0, "text": "\\u2019", "logprobs": {"tokens": ["bytes:\\\\x99"]}}]}'
    end = '{"choices": [{"index": 0, "text": "", "finish_reason": "length"}]}'
    delta, finished = read(first, second, end, request=ASKED)
    assert isinstance(delta, TextDelta)
    assert (delta.text, [token.bytes for token in delta.logprobs]) == ("\u2019", [(0xE2, 0x80), (0x99,)])
    assert finished == Finished("length")
