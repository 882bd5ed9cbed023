"""A closed tab and one that reloads close their socket alike; what the browser asked for before tells them apart."""

import re

import pytest

from maru.api import reloads
from maru.api.reloads import RELOAD_S, Reloads


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        """Start anywhere."""
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def _browser(known: Reloads) -> str:
    cookie = known.page_asked(None)
    assert cookie is not None
    return cookie


def test_a_browser_that_just_asked_for_the_page_reloads() -> None:
    """It asks first and leaves the old page afterwards."""
    clock = Clock()
    known = Reloads(clock)
    browser, other = _browser(known), _browser(known)
    assert known.page_asked(browser) is None
    clock.now += RELOAD_S - 0.1
    assert known.is_reloading(browser)
    assert not known.is_reloading(other)


def test_a_browser_that_asked_long_ago_closes_its_tab() -> None:
    """Also the one whose first visit this is, and one without a cookie."""
    clock = Clock()
    known = Reloads(clock)
    browser = _browser(known)
    assert not known.is_reloading(browser)
    assert not known.is_reloading(None)
    known.page_asked(browser)
    clock.now += RELOAD_S
    assert not known.is_reloading(browser)


@pytest.mark.parametrize("cookie", ["", "x", "a" * 5000, "<script>aaaaaaaaaaaaaa", "é" * 22])
def test_a_cookie_of_another_form_is_replaced(cookie: str) -> None:
    """Nobody fills the memory with words of their own."""
    known = Reloads(Clock())
    fresh = known.page_asked(cookie)
    assert fresh is not None
    assert re.fullmatch(r"[\w-]{22}", fresh)
    assert not known.is_reloading(cookie)


def test_the_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The browsers that asked longest ago are forgotten first."""
    monkeypatch.setattr(reloads, "MOST_BROWSERS", 2)
    known = Reloads(Clock())
    first, second, third = (_browser(known) for _ in range(3))
    for browser in (first, second, first, third):
        known.page_asked(browser)
    assert [known.is_reloading(browser) for browser in (first, second, third)] == [True, False, True]
