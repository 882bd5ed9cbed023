"""How often one address may ask."""

import pytest

from maru.api import pace
from maru.api.pace import Pace


class Clock:
    """Seconds that a test moves."""

    def __init__(self) -> None:
        """Begin anywhere."""
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_so_many_at_once_and_then_at_a_pace() -> None:
    """The wait that is told is enough."""
    clock = Clock()
    limit = Pace(clock, at_once=3, a_second=0.5)
    assert [limit.wait_s("a") for _ in range(4)] == [0, 0, 0, 2.0]
    clock.now += 1
    assert limit.wait_s("a") == 1.0
    clock.now += 1
    assert [limit.wait_s("a"), limit.wait_s("a")] == [0, 2.0]


def test_addresses_do_not_pay_for_each_other_and_rest_refills() -> None:
    """But never above what is allowed at once."""
    clock = Clock()
    limit = Pace(clock, at_once=2, a_second=1)
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 1.0]
    assert limit.wait_s("b") == 0
    clock.now += 1000
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 1.0]


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attacker has many addresses."""
    monkeypatch.setattr(pace, "MOST_ADDRESSES", 10)
    limit = Pace(Clock(), at_once=1, a_second=1)
    for number in range(100):
        limit.wait_s(str(number))
    assert len(limit._left) == 10
