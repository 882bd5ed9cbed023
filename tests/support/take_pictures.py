"""Pictures of the page for the README, of a running Maru: `python tests/support/take_pictures.py [URL]`.

What stands in them was really said by the default model of that server, so take them after a change of the page or of
the house model, and look at them. Needs Chromium and the fonts of the browser tests.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

FOLDER = Path(__file__).parents[2] / "docs" / "images"
LAPTOP = (1280, 800)
PHONE = (390, 844)
ENGLISH = ("My name is Jihoon.", "What is the capital of South Korea?", "What is my name?")
KOREAN = ("내 이름은 지훈이야.", "대한민국의 수도는 어디야?", "내 이름이 뭐야?")
ANSWERED_WITHIN_MS = 120_000


def main() -> None:
    """Take all of them."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for name, theme, locale, size, words in (
            ("empty-light", "light", "en-US", LAPTOP, ()),
            ("empty-dark-korean-phone", "dark", "ko-KR", PHONE, ()),
            ("chat-light", "light", "en-US", LAPTOP, ENGLISH),
            ("chat-dark-korean-phone", "dark", "ko-KR", PHONE, KOREAN),
        ):
            page = _page(browser, theme, locale, size)
            page.goto(url)
            for sentence in words:
                _say(page, sentence)
            page.wait_for_timeout(800)  # the title in the list, and the last fade
            page.screenshot(path=FOLDER / f"{name}.png")
            page.context.close()
        browser.close()


def _page(browser: Browser, theme: str, locale: str, size: tuple[int, int]) -> Page:
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        locale=locale,
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2 if size == PHONE else 1,
        has_touch=size == PHONE,
    )
    return context.new_page()


def _say(page: Page, sentence: str) -> None:
    send = page.locator("button[type=submit]")
    page.locator("#composer").fill(sentence)
    expect(send).to_be_enabled(timeout=ANSWERED_WITHIN_MS)
    send.click()
    expect(page.locator("article[data-role=user]").last).to_contain_text(sentence)
    expect(send).to_be_visible(timeout=ANSWERED_WITHIN_MS)


if __name__ == "__main__":
    main()
