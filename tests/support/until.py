"""Waiting for what a page can only say by a promise.

Playwright's `wait_for_function` takes a promise itself for the answer, whatever it resolves to.
"""

import time

from playwright.sync_api import Page

PATIENCE_S = 30.0
PAUSE_MS = 100


def until(page: Page, promise: str, argument: object = None) -> None:
    """Ask again and again until the function `promise` resolves to what is true.

    Raises:
        AssertionError: it did not in time.
    """
    deadline = time.monotonic() + PATIENCE_S
    while not page.evaluate(promise, argument):
        assert time.monotonic() < deadline, f"never came true: {promise}"
        page.wait_for_timeout(PAUSE_MS)
