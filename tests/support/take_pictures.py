"""Pictures of the page for the README and the docs, of a running Maru.

Run: `PYTHONPATH=tests python tests/support/take_pictures.py [URL]`.

What stands in them was really said by the default model of that server, so take them after a change of the page or of
the house model, and look at them. Needs Chromium and the fonts of the browser tests.

`--memory` takes those of memory instead. They need a server whose default model has a small window and writes
summaries (`[models.memory]`, `policy = "summarise"`, `window = 320`), and leave two facts in its memory across chats.
`--finding` takes those of the list of chats and of the search; it leaves some chats and two folders.

`--moving` takes those of ratings, imports and shares, and leaves an imported chat behind.
"""

import argparse
import re
import shutil
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from support import pictures_of_moving

FOLDER = Path(__file__).parents[2] / "docs" / "images"
LAPTOP = (1280, 800)
TALL = (1280, 1000)
PHONE = (390, 844)
ENGLISH = ("My name is Jihoon.", "What is the capital of South Korea?", "What is my name?")
KOREAN = ("내 이름은 지훈이야.", "대한민국의 수도는 어디야?", "내 이름이 뭐야?")
LONG_ENGLISH = (
    "My name is Jihoon.",
    "My favourite color is green.",
    *(f"What is the capital of {place}?" for place in ("France", "Japan", "Italy", "Spain", "Egypt", "South Korea")),
    *(f"What is {number} plus 7?" for number in range(2, 12)),
)
LONG_KOREAN = (
    "내 이름은 지훈이야.",
    "내가 좋아하는 색은 초록색이야.",
    *(f"{place}의 수도는 어디야?" for place in ("프랑스", "일본", "이탈리아", "스페인", "이집트", "대한민국")),
    *(f"{number} 더하기 7은 얼마야?" for number in range(2, 12)),
)
FOLDERS = ("여행 Travel", "Sums")
CHATS = (
    ("My name is Jihoon.", "What is my name?"),
    ("What is the capital of France?", "What is the capital of Spain?"),
    ("대한민국의 수도는 어디야?", "일본의 수도는 어디야?"),
    ("What is 7 times 8?",),
    ("내 이름은 지훈이야.", "내 이름이 뭐야?"),
)
IN_FOLDER = (1, 2)
FACTS = ("I am a vegetarian.", "My sister Mina lives in Jeonju.")
LINE = re.compile("The model remembers from here|모델은 여기부터 기억해요")
PIN = re.compile("^(Pin, so that|고정해서)")
SEEN = re.compile("What did the model see|모델은 무엇을 봤나요")
SUMMARY_WITHIN_MS = 60_000
SETTLES_MS = 800  # the title in the list, and the last fade
ANSWERED_WITHIN_MS = 120_000


def main() -> None:
    """Take all of them."""
    parser = argparse.ArgumentParser(description="Pictures of the page.")
    parser.add_argument("url", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--moving", action="store_true", help="those of ratings, imports and shares instead")
    parser.add_argument("--memory", action="store_true", help="those of memory instead of the others")
    parser.add_argument("--finding", action="store_true", help="those of the list and the search instead")
    wanted = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        if wanted.memory:
            _take_memory(_page(browser, "light", "en-US", TALL), wanted.url, LONG_ENGLISH, "memory-light")
            _take_memory(_page(browser, "dark", "ko-KR", PHONE), wanted.url, LONG_KOREAN, "memory-dark-korean-phone")
            _take_facts(_page(browser, "light", "en-US", LAPTOP), wanted.url)
        elif wanted.finding:
            _take_search(_page(browser, "light", "en-US", LAPTOP), wanted.url)
            _take_list(_page(browser, "dark", "ko-KR", PHONE), wanted.url)
        elif wanted.moving:
            pictures_of_moving.take(partial(_page, browser), wanted.url)
        else:
            _take_chats(browser, wanted.url)
        browser.close()


def _take_chats(browser: Browser, url: str) -> None:
    """A new conversation, and one that remembers a name."""
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
        page.wait_for_timeout(SETTLES_MS)
        page.screenshot(path=FOLDER / f"{name}.png")
        page.context.close()


def _take_memory(page: Page, url: str, sentences: tuple[str, ...], name: str) -> None:
    """The line where the model's memory begins, over it the summary and a pinned message; and what the model saw."""
    page.goto(url)
    line = page.get_by_role("heading", name=LINE)
    for sentence in sentences:
        _say(page, sentence)
        if line.count():
            break
    expect(page.locator("details")).to_be_visible(timeout=SUMMARY_WITHIN_MS)
    _say(page, sentences[-1])
    above = page.locator("article.unseen[data-role=user]").nth(-2)
    above.hover()
    above.get_by_role("button", name=PIN).click()
    page.locator("details summary").click()
    line.evaluate("(line) => line.parentElement.nextElementSibling.scrollIntoView({ block: 'end' })")
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=FOLDER / f"{name}.png")
    _say(page, sentences[-2])
    page.locator("article[data-role=assistant]").last.get_by_role("button", name=SEEN).click()
    expect(page.get_by_role("dialog").get_by_role("listitem").first).to_be_visible()
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=FOLDER / f"{name.replace('memory', 'seen')}.png")
    page.context.close()


def _take_facts(page: Page, url: str) -> None:
    """Memory across chats, turned on, with two facts."""
    page.goto(url)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Memory across chats").click()
    window = page.get_by_role("dialog")
    if not window.get_by_role("switch").is_checked():
        window.get_by_role("switch").click()
    for fact in FACTS:
        if not window.get_by_role("listitem").filter(has_text=fact).count():
            window.get_by_label("New fact").fill(fact)
            window.get_by_role("button", name="Add").click()
            expect(window.get_by_role("listitem").filter(has_text=fact)).to_be_visible()
    window.press("Shift+Tab")
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=FOLDER / "facts-light.png")
    page.context.close()


def _take_search(page: Page, url: str) -> None:
    """What is found of a word, in chats that were just held, some of them in folders."""
    folders = [_post(page, f"{url}/v1/folders", {"name": name}) for name in FOLDERS]
    for number, sentences in enumerate(CHATS):
        page.goto(url)
        for sentence in sentences:
            _say(page, sentence)
        page.wait_for_url("**/c/*")
        changes: dict[str, object] = {"maru:pinned": True} if number == 0 else {}
        if number in IN_FOLDER:
            changes["maru:folder"] = folders[0]
        _post(page, f"{url}/v1/conversations/{page.url.rsplit('/', 1)[1]}", changes)
    page.goto(url)
    page.get_by_role("button", name=FOLDERS[0], exact=True).click()
    page.keyboard.press("Control+K")
    page.get_by_role("combobox").fill("capital")
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=FOLDER / "search-light.png")
    page.context.close()


def _take_list(page: Page, url: str) -> None:
    """The list of chats on a phone, with a folder unfolded."""
    page.goto(url)
    page.get_by_role("button", name="사이드바 열기").click()
    page.get_by_role("button", name=FOLDERS[0], exact=True).click()
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=FOLDER / "list-dark-korean-phone.png")
    page.context.close()


def _post(page: Page, url: str, body: dict[str, object]) -> str:
    answer = page.request.post(url, data=body)
    assert answer.ok
    return str(answer.json()["id"])


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
