"""The page of Maru as a person meets it: what is on it, and what one does with it."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

# The house model reads a long prompt slowly where two cores are shared with other work.
ANSWERED_WITHIN_MS = 90_000


@dataclass(frozen=True, slots=True)
class ChatPage:
    """One tab with Maru in it."""

    page: Page
    url: str

    def open(self, path: str = "/", *, model: str | None = None) -> None:
        """Go there and wait until something can be said; `model` answers in this tab from now on."""
        if model is not None:
            self.page.add_init_script(f"localStorage.setItem('maru.model', '{model}')")
        self.page.goto(self.url + path)
        expect(self.box).to_be_visible()
        # Before the page knows its models, Enter sends nothing.
        expect(self.page.get_by_role("button", name=re.compile("^(Model|모델): "))).to_be_visible()

    @property
    def box(self) -> Locator:
        """Where one writes."""
        return self.page.locator("#composer")

    @property
    def send_button(self) -> Locator:
        """Stands where the stop button is while an answer runs."""
        return self.page.get_by_role("button", name=re.compile("^(Send|보내기)$"))

    @property
    def stop_button(self) -> Locator:
        """Stands where the send button is while nothing runs."""
        return self.page.get_by_role("button", name=re.compile("^(Stop answering|답변 멈추기)$"))

    @property
    def questions(self) -> Locator:
        """What the person said, on the branch that is shown."""
        return self.page.locator("article[data-role=user]")

    @property
    def answers(self) -> Locator:
        """What the model said, on the branch that is shown."""
        return self.page.locator("article[data-role=assistant]")

    @property
    def last_answer(self) -> Locator:
        """The words of the newest answer, without the buttons under it."""
        return self.answers.last.locator(".prose")

    @property
    def sidebar(self) -> Locator:
        """The conversations."""
        return self.page.get_by_role("navigation")

    def found(self, title: str) -> Locator:
        """The chat of this title in the palette, which finds also what is far down in the list."""
        self.page.keyboard.press("Control+k")
        self.page.get_by_role("combobox").fill(title)
        return self.page.get_by_role("group", name="Chats").get_by_role("option").filter(has_text=title).first

    def say(self, words: str) -> None:
        """Write and press Enter."""
        expect(self.send_button).to_be_visible()
        self.box.fill(words)
        expect(self.send_button).to_be_enabled(timeout=ANSWERED_WITHIN_MS)
        self.box.press("Enter")
        expect(self.questions.last).to_contain_text(words[:40])

    def ask(self, words: str) -> str:
        """Say it and read the whole answer."""
        before = self.answers.count()
        self.say(words)
        expect(self.answers).to_have_count(before + 1, timeout=ANSWERED_WITHIN_MS)
        self.wait_until_answered()
        return self.last_answer.inner_text()

    def stop(self) -> None:
        """End the answer that is written, which may end by itself at this moment."""
        self.page.keyboard.press("Escape")
        self.wait_until_answered()

    @contextmanager
    def saving(self, path: str = "/v1/") -> Generator[None]:
        """What the page shows at once inside, the server has afterwards."""
        with self.page.expect_response(lambda answer: answer.request.method == "POST" and path in answer.url) as told:
            yield
        assert told.value.ok

    def wait_until_answered(self) -> None:
        """Nothing is being written any more."""
        expect(self.send_button).to_be_visible(timeout=ANSWERED_WITHIN_MS)

    def counted(self) -> list[int]:
        """The numbers of the words of a `count` answer, as they stand on the page."""
        return [int(number) for number in re.findall(r"(\d+)x[0-9a-f]{8}", self.last_answer.inner_text())]

    def wait_for_words(self, count: int) -> None:
        """Until a `count` answer has come this far."""
        expect(self.last_answer).to_contain_text(re.compile(rf"\b{count}x"), timeout=ANSWERED_WITHIN_MS)
