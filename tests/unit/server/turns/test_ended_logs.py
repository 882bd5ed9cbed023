"""The logs of ended runs that nothing else keeps."""

from maru.protocol.events import Event
from maru.turns.ended_logs import EndedLog, EndedLogs
from maru.turns.log import EventLog


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        """At zero."""
        self.now_s = 0.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now_s


def _ended(size: int, owner: str = "user_1") -> EndedLog:
    return EndedLog(owner, EventLog([Event(0, "response.completed", "x" * size)]), is_streamed=True)


def test_only_the_owner_finds_one() -> None:
    """A stranger's id and a missing one look the same."""
    logs = EndedLogs(10)
    logs.keep("resp_1", mine := _ended(1))
    assert logs.find("user_1", "resp_1") is mine
    assert logs.find("user_2", "resp_1") is None
    assert logs.find("user_1", "resp_2") is None


def test_each_is_kept_for_its_time() -> None:
    """Nobody comes back after that."""
    clock = Clock()
    logs = EndedLogs(10, clock=clock)
    logs.keep("resp_1", _ended(1))
    clock.now_s = 9
    logs.keep("resp_2", _ended(1))
    clock.now_s = 11
    logs.forget_old()
    assert logs.find("user_1", "resp_1") is None
    assert logs.find("user_1", "resp_2") is not None


def test_all_together_are_bounded_in_bytes() -> None:
    """Many long answers must not fill the memory; one that is too long alone is not kept."""
    logs = EndedLogs(10, max_bytes=100)
    for number in range(3):
        logs.keep(f"resp_{number}", _ended(40))
    assert [logs.find("user_1", f"resp_{number}") is not None for number in range(3)] == [False, True, True]
    logs.keep("resp_giant", _ended(101))
    assert logs.find("user_1", "resp_giant") is None
