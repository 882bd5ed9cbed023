"""Pictures of ratings, imports and shares; `take_pictures.py` starts the browser."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

FOLDER = Path(__file__).parents[2] / "docs" / "images"
LAPTOP = (1280, 800)
PHONE = (390, 844)
SETTLES_MS = 800
ANSWERED_WITHIN_MS = 120_000
AGAIN = re.compile("^(Answer again|다시 답하기)$")
DOWN = re.compile("^(Bad answer|나쁜 답변)$")
ORDER = re.compile("^(Compare answers|답변 비교하기)$")

NewPage = Callable[[str, str, tuple[int, int]], Page]


def take(new_page: NewPage, url: str) -> None:
    """All of them."""
    _take_rating(new_page("light", "en-US", LAPTOP), url)
    _take_ranking(new_page("dark", "ko-KR", PHONE), url)
    _take_import(new_page("light", "en-US", LAPTOP), url)
    _take_shared(new_page("light", "en-US", LAPTOP), url)


def _say(page: Page, sentence: str) -> None:
    send = page.locator("button[type=submit]")
    page.locator("#composer").fill(sentence)
    expect(send).to_be_enabled(timeout=ANSWERED_WITHIN_MS)
    send.click()
    expect(page.locator("article[data-role=user]").last).to_contain_text(sentence)
    expect(send).to_be_visible(timeout=ANSWERED_WITHIN_MS)


def _shoot(page: Page, name: str) -> None:
    page.mouse.move(0, 0)
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.context.close()


def _take_rating(page: Page, url: str) -> None:
    """A thumb down with a reason."""
    page.goto(url)
    _say(page, "What is 45 plus 38?")
    answer = page.locator("article[data-role=assistant]").last
    answer.get_by_role("button", name=DOWN).click()
    answer.get_by_role("button", name="Not correct").click()
    _shoot(page, "rating-light")


def _take_ranking(page: Page, url: str) -> None:
    """Three answers, two of them as good as each other."""
    page.goto(url)
    _say(page, "너는 누구야?")
    answer = page.locator("article[data-role=assistant]").last
    for number in (2, 3):
        answer.get_by_role("button", name=AGAIN).click()
        expect(answer.get_by_text(f"{number}/{number}")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
        expect(page.locator("button[type=submit]")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    answer.get_by_role("button", name=ORDER).click()
    page.get_by_role("checkbox").last.check()
    _shoot(page, "ranking-dark-korean-phone")


def _take_import(page: Page, url: str) -> None:
    """A file of ChatGPT with one record that cannot be read."""
    page.goto(url)
    page.get_by_role("button", name="Settings").click()
    page.get_by_role("menuitem", name="Export and import").click()
    records: list[dict[str, object]] = [
        _record("Which tea is warm?", "Barley tea is."),
        _record("What is a maru?", "A wooden floor."),
        {"mapping": {}},
    ]
    content = json.dumps(records).encode()
    page.get_by_label("Choose a file").set_input_files(
        {"name": "conversations.json", "mimeType": "application/json", "buffer": content}
    )
    expect(page.get_by_role("dialog").get_by_role("status")).to_contain_text("1 could not be read")
    _shoot(page, "import-light")


def _record(question: str, answer: str) -> dict[str, object]:
    said = {"q": ("user", question, None), "a": ("assistant", answer, "q")}
    mapping = {
        key: {
            "id": key,
            "parent": parent,
            "children": ["a"] if key == "q" else [],
            "message": {"author": {"role": role}, "content": {"content_type": "text", "parts": [words]}},
        }
        for key, (role, words, parent) in said.items()
    }
    times = {"create_time": 1_764_000_000, "update_time": 1_764_000_000}
    return {"id": question, "title": question, "mapping": mapping, "current_node": "a", **times}


def _take_shared(page: Page, url: str) -> None:
    """What others see of a chat."""
    page.goto(url)
    for sentence in ("My name is Jihoon.", "What is the capital of South Korea?", "What is my name?"):
        _say(page, sentence)
    conversation = page.url.rsplit("/", 1)[1]
    made = page.evaluate(
        "(id) => fetch(`/v1/conversations/${id}/shares`, {method: 'POST', body: '{}'}).then((answer) => answer.json())",
        conversation,
    )
    page.goto(url + made["path"])
    expect(page.get_by_role("article")).to_have_count(6)
    _shoot(page, "shared-light")
