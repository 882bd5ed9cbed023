"""Ids sort in the order of making and cannot be guessed."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

from maru.ids import IdMaker, new_id


def test_id_has_prefix_time_and_eighty_random_bits() -> None:
    """The prefix tells people what it is; the rest is for machines."""
    assert re.fullmatch(r"conv_[0-9a-f]{36}", new_id("conv"))


def test_ids_of_one_moment_are_in_order_and_share_no_random_bits() -> None:
    """Whoever made an id in the same millisecond cannot count up to the next one."""
    maker = IdMaker(clock_ns=lambda: 1_700_000_000_000_000_000)
    made = [maker.make("msg") for _ in range(1_000)]
    assert made == sorted(made)
    assert len({id_[-20:] for id_ in made}) == 1_000


def test_order_survives_a_clock_that_goes_back() -> None:
    """An hour back, as the end of summer time on a badly set machine."""
    times = iter([2_000_000_000, 1_000_000_000, 1_000_000_000, 3_000_000_000])
    maker = IdMaker(clock_ns=lambda: next(times) * 1_000)
    made = [maker.make("x") for _ in range(4)]
    assert all(one < other for one, other in pairwise(made))


def test_threads_never_get_the_same_id() -> None:
    """The counter is shared."""
    maker = IdMaker(clock_ns=lambda: 0)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(maker.make, ["x"] * 2_000))
    assert len({id_[:18] for id_ in made}) == 2_000
