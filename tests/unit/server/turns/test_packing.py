"""Rules of `maru/turns/packing.py`."""

from hypothesis import given
from hypothesis import strategies as st

from maru.ids import new_id
from maru.protocol.builder import ResponseBuilder
from maru.protocol.events import Event
from maru.turns.packing import pack, unpack
from maru_backends.base import Finished, TextDelta, ToolCallDelta
from support.responses import a_response


def _events_of(texts: list[str]) -> list[Event]:
    builder = ResponseBuilder(a_response(), new_id)
    events = list(builder.started())
    for text in texts:
        events += builder.feed(TextDelta(text), now=1)
    events += builder.feed(ToolCallDelta(0, id="call_1", name="f", arguments='{"a":"\\n"}'), now=1)
    return [*events, *builder.feed(Finished("stop"), now=1)]


@given(st.lists(st.text(min_size=1), max_size=5))
def test_what_is_unpacked_is_what_was_packed(texts: list[str]) -> None:
    """Byte for byte, also line ends of every sort and letters of any writing."""
    events = _events_of([text.encode(errors="replace").decode() for text in texts])
    assert unpack(pack(events)) == events


def test_an_answer_is_small() -> None:
    """A log that is kept for ever must not outweigh the words it holds."""
    events = _events_of([f"word{number} " for number in range(500)])
    assert len(pack(events)) < 10_000
