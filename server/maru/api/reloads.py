"""Tells a tab that was closed from one that reloads: a browser asks for the page before it leaves the old one.

Each browser is known by a random cookie that names nobody and opens nothing.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

COOKIE: Final = "maru_browser"
# From the answer with the new page to the close of the old page's socket it takes a browser well under a second.
RELOAD_S: Final = 10.0
MOST_BROWSERS: Final = 10_000
_FORM: Final = re.compile(r"[A-Za-z0-9_-]{22}")


class Reloads:
    """Which browsers asked for the page a moment ago; one per server, bounded."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start empty; `clock` tells seconds and never goes back."""
        self._clock = clock
        self._asked_at: OrderedDict[str, float] = OrderedDict()

    def page_asked(self, cookie: str | None) -> str | None:
        """Note that a browser asks for the page; the cookie to set, if it brought none of ours."""
        if cookie is None or not _FORM.fullmatch(cookie):
            return secrets.token_urlsafe(16)
        self._asked_at[cookie] = self._clock()
        self._asked_at.move_to_end(cookie)
        if len(self._asked_at) > MOST_BROWSERS:
            self._asked_at.popitem(last=False)
        return None

    def is_reloading(self, cookie: str | None) -> bool:
        """Whether the tab of this browser that goes away now is most likely only reloading."""
        asked_at = self._asked_at.get(cookie) if cookie is not None else None
        return asked_at is not None and self._clock() - asked_at < RELOAD_S
