"""Rules of the parser of server-sent events."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru_backends.sse import EventTooLargeError, ServerSentEvent, SseParser


def events_of(*chunks: bytes, max_event_bytes: int = 1000) -> list[ServerSentEvent]:
    """All events of a stream that came in these chunks."""
    parser = SseParser(max_event_bytes=max_event_bytes)
    return [event for chunk in chunks for event in parser.feed(chunk)] + list(parser.end())


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_is_understood(line_end: bytes) -> None:
    """The standard allows three, and proxies change one into another."""
    stream = b"data: one\n\nevent: error\ndata: two\n\n".replace(b"\n", line_end)
    assert events_of(stream) == [ServerSentEvent("one"), ServerSentEvent("two", "error")]


def test_comments_and_unknown_fields_are_passed_over() -> None:
    """Keep-alive comments and retry fields carry nothing for us."""
    assert events_of(b": ping\n\nid: 7\nretry: 10\nnonsense\ndata: a\n\n") == [ServerSentEvent("a")]


def test_data_lines_of_one_event_are_joined() -> None:
    """Pretty-printed JSON comes as several data lines."""
    assert events_of(b"data: {\ndata:  1\ndata\ndata:}\n\n") == [ServerSentEvent("{\n 1\n\n}")]


def test_character_cut_in_two_stays_whole() -> None:
    """A chunk border inside a Hangul syllable must not show as replacement marks."""
    stream = "data: 지훈\n\n".encode()
    assert events_of(stream[:8], stream[8:]) == [ServerSentEvent("지훈")]


def test_broken_utf8_is_replaced() -> None:
    """One bad byte must not cost the whole answer."""
    assert events_of(b"data: a\xff\n\n") == [ServerSentEvent("a\ufffd")]


def test_byte_order_mark_is_dropped_at_the_start_only() -> None:
    """The standard says so."""
    assert events_of(b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n") == [ServerSentEvent("a")]


@pytest.mark.parametrize("stream", [b"data: a", b"data: a\n", b"data: a\r"])
def test_last_event_needs_no_blank_line(stream: bytes) -> None:
    """Some engines close the connection right after their last line."""
    assert events_of(stream) == [ServerSentEvent("a")]


def test_event_without_data_is_no_event() -> None:
    """A lone name carries nothing, and its name must not stick to the next event."""
    assert events_of(b"event: ping\n\ndata: a\n\n") == [ServerSentEvent("a")]


@pytest.mark.parametrize("stream", [b"data: " + b"x" * 2000, b"data: 1234\n" * 200, b": " + b"x" * 2000 + b"\n"])
def test_endless_event_is_refused(stream: bytes) -> None:
    """A hostile engine must not fill the memory, by one line or by many."""
    with pytest.raises(EventTooLargeError):
        events_of(stream)


def test_events_before_the_endless_one_still_count() -> None:
    """The words before the attack were said."""
    parser = SseParser(max_event_bytes=20)
    events = parser.feed(b"data: a\n\ndata: " + b"x" * 50)
    assert next(events) == ServerSentEvent("a")
    with pytest.raises(EventTooLargeError):
        next(events)


LINES = st.sampled_from(
    ["data: 한글 word", "data:x", "data", "event: error", ": note", "id: 1", "", "\ufeff", "other: y"]
)


@given(
    lines=st.lists(st.tuples(LINES, st.sampled_from(["\n", "\r", "\r\n"])), max_size=12),
    cuts=st.lists(st.integers(min_value=0, max_value=200)),
)
def test_any_chunking_gives_the_same_events(lines: list[tuple[str, str]], cuts: list[int]) -> None:
    """Where the network cuts is chance."""
    stream = "".join(line + end for line, end in lines).encode()
    borders = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    assert events_of(*(stream[start:end] for start, end in pairwise(borders))) == events_of(stream)
