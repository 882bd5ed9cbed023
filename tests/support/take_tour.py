"""The pictures of docs/tour.md, of a Maru that this script starts: `python tests/support/take_tour.py`.

The sentences of the chats are said by the house model; what shows off tables, code and drawings is said by the echo
backend, which repeats what it is asked. Look at the pictures afterwards. Needs Chromium and the fonts of the browser
tests, and the built page. Names of scenes behind it take those alone.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright

from support.echo_models import ECHO, THINKER
from support.floors import floor
from support.live_server import live_server

FOLDER = Path(__file__).parents[2] / "docs" / "images" / "tour"
MODELS = f"""
default_model = "house"
transcription_url = "http://127.0.0.1:9/v1"

[[models]]
id = "house"
backend = "transformers"
source = "house"

{ECHO}
{THINKER}
"""
RICH = {
    "en": """Everything at once, please:

The floor has **two** planks, for $5 and $6 each, which makes \\(5 + 6 = 11\\).

```python
def floor(room: Room) -> int:
    return sum(plank.price for plank in room.planks)
```

| City | People | Known for |
| --- | --: | --- |
| Seoul | 9,400,000 | palaces |
| Jeonju | 650,000 | bibimbap |

```mermaid
graph LR
  Question --> Answer --> Rating --> Training --> Answer
```
""",
    "ko": """한꺼번에 보여 줘:

마루에는 널이 **둘**이고, 값은 $5와 $6이라서 \\(5 + 6 = 11\\)입니다. **굵게(bold)**도 되고 3~5개도 됩니다.

```python
def floor(room: Room) -> int:
    return sum(plank.price for plank in room.planks)
```

| 도시 | 인구 | 유명한 것 |
| --- | --: | --- |
| 서울 | 9,400,000 | 궁궐 |
| 전주 | 650,000 | 비빔밥 |

```mermaid
graph LR
  질문 --> 답변 --> 평가 --> 학습 --> 답변
```
""",
}
SAID = {
    "en": ("My name is Jihoon.", "What is the capital of South Korea?", "What is my name?"),
    "ko": ("내 이름은 지훈이야.", "대한민국의 수도는 어디야?", "내 이름이 뭐야?"),
}
FLOORS = {"en": "Which of these floors would you take?", "ko": "이 가운데 어느 마루가 좋을까?"}
PICTURE = {"en": "Floor", "ko": "마루"}
TEXTS = {
    "en": (("Offer.txt", "Oak 52, pine 31, ash 45 a square metre.\n"), ("Room.csv", "width,length\n3.2,4.5\n")),
    "ko": (("견적.txt", "제곱미터에 참나무 5만 2천 원, 소나무 3만 1천 원.\n"), ("방.csv", "너비,길이\n3.2,4.5\n")),
}
MANNER = {"en": "Answer in one short paragraph, in plain words.", "ko": "쉬운 말로 한 문단만 짧게 답해 줘."}
PROMPT = {
    "en": {
        "title": "A letter",
        "word": "letter",
        "text": "Write a {{tone:kind}} letter to {{name}} about:\n\n{{what}}",
    },
    "ko": {
        "title": "편지",
        "word": "편지",
        "text": "{{이름}}에게 {{말투:다정한}} 말투로 편지를 써 줘. 쓸 내용:\n\n{{내용}}",
    },
}
TOLD = {
    "en": ("I teach physics at a middle school in Busan.", "Be brief. Ask back when something is unclear."),
    "ko": ("부산의 중학교에서 과학을 가르쳐요.", "짧게 답해 주세요. 분명하지 않으면 되물어 주세요."),
}
SOUGHT = {"en": "capital", "ko": "수도"}
CAPITALS = (
    "The capital of France is Paris.\nThe capital of Japan is Tokyo.\nThe capital of South Korea is",
    "\nThe capital of Italy is",
)
WRITTEN = re.compile("The model is done|Cut at the most|모델이 다 썼어요|최대 토큰에서")
BAD = re.compile("^(Bad answer|나쁜 답변)$")
SETTLES_MS = 900
HEARD_MS = 2_500
ANSWERED_WITHIN_MS = 120_000
Scene = Callable[[Page, str], None]


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks at it, and on what."""

    width: int
    height: int
    theme: str
    language: str

    @property
    def name(self) -> str:
        """Of the picture's file, behind the scene's."""
        return f"{self.width}-{self.theme}-{self.language}"


LOOKS = (
    Look(1440, 900, "light", "en"),
    Look(1440, 900, "dark", "ko"),
    Look(768, 1024, "light", "ko"),
    Look(768, 1024, "dark", "en"),
    Look(390, 844, "light", "ko"),
    Look(390, 844, "dark", "en"),
)


def main(wanted: list[str]) -> None:
    """Take all of them, or those of the scenes that are named."""
    scenes = [scene for scene in SCENES if scene.__name__ in wanted] if wanted else SCENES
    if not wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for look in LOOKS:
        with (
            tempfile.TemporaryDirectory() as folder,
            live_server(Path(folder), MODELS) as server,
            _browser() as browser,
        ):
            page = _page(browser, look)
            for scene in scenes:
                page.goto(server.url)
                expect(page.locator("#composer")).to_be_visible()
                scene(page, look.language)
                page.wait_for_timeout(SETTLES_MS)
                page.screenshot(path=FOLDER / f"{scene.__name__}-{look.name}.png")
                page.keyboard.press("Escape")


def new_chat(_: Page, __: str) -> None:
    """Before anything was said."""


def chat(page: Page, language: str) -> None:
    """The house model remembers a name."""
    for sentence in SAID[language]:
        _say(page, sentence)


def rich(page: Page, language: str) -> None:
    """Code, mathematics, a table and a drawing."""
    with _echo(page):
        _say(page, RICH[language])
        page.locator("article[data-role=assistant] .prose").last.evaluate("(it) => it.scrollIntoView()")
        page.locator("article[data-role=assistant] figure img").wait_for(timeout=ANSWERED_WITHIN_MS)


def search(page: Page, language: str) -> None:
    """The palette finds a word in what was said."""
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(SOUGHT[language])
    expect(page.get_by_role("option").filter(has_text=SOUGHT[language]).first).to_be_visible()


def keys(page: Page, _: str) -> None:
    """Every shortcut, to be changed."""
    page.keyboard.press("Control+/")
    expect(page.get_by_role("dialog")).to_be_visible()


def rate(page: Page, language: str) -> None:
    """What is wrong with an answer."""
    _say(page, SAID[language][1])
    page.get_by_role("button", name=BAD).last.click()


def rank(page: Page, language: str) -> None:
    """Several answers to one question, in order."""
    _say(page, SAID[language][1])
    page.get_by_role("button", name=BAD).last.click()
    page.get_by_role("button", name=re.compile("^(Compare answers|답변 비교하기)$")).last.click()
    more = page.get_by_role("dialog").get_by_role("button", name=re.compile("Ask for another|하나 더"))
    for _ in range(2):
        more.click()
        expect(more).to_be_enabled(timeout=ANSWERED_WITHIN_MS)


def compare(page: Page, language: str) -> None:
    """One question to three models."""
    page.locator("#composer").fill("/compare")
    page.keyboard.press("Enter")
    window = page.get_by_role("dialog")
    for model in ("house", "echo", "thinker"):
        window.get_by_role("checkbox", name=model, exact=True).check()
    window.locator("button[type=submit]").click()
    page.locator("#composer").fill(SAID[language][1])
    page.locator("form button[type=submit]").click()
    answered = page.locator("article[data-role=compared][aria-busy=false]")
    expect(answered).to_have_count(3, timeout=ANSWERED_WITHIN_MS)


def attach(page: Page, language: str) -> None:
    """Three pictures and two texts that go with the next message."""
    with _echo(page):
        _attach(page, language)
        page.locator("form ul").first.evaluate("(list) => list.scrollTo(0, 0)")
        page.locator("#composer").fill(FLOORS[language])
        page.locator("#composer").focus()


def sent(page: Page, language: str) -> None:
    """The same in the thread."""
    with _echo(page):
        _attach(page, language)
        _say(page, FLOORS[language])
        page.locator("article[data-role=user]").last.evaluate("(it) => it.scrollIntoView()")


def speak(page: Page, _: str) -> None:
    """The microphone listens; the browser makes up what it hears, and nobody writes it down."""
    page.get_by_role("button", name=re.compile("^(Speak|말로 입력)$")).click()
    page.locator("[data-level]").wait_for()
    page.wait_for_timeout(HEARD_MS)


def temporary(page: Page, language: str) -> None:
    """A chat of which nothing is kept."""
    page.get_by_role("button", name=re.compile("^(Temporary chat|임시 대화)$")).click()
    _say(page, SAID[language][1])


def settings(page: Page, language: str) -> None:
    """How one chat is answered."""
    page.get_by_role("button", name=re.compile("^(How this chat is answered|이 대화의 답변 방식)$")).click()
    page.get_by_role("dialog").get_by_role("textbox").first.fill(MANNER[language])


def versions(page: Page, language: str) -> None:
    """All branches of a chat in one list."""
    _say(page, SAID[language][0])
    _say(page, SAID[language][2])
    page.get_by_role("button", name=re.compile("^(Edit|고치기)$")).last.click()
    page.get_by_label(re.compile("^(Edit your message|메시지 고치기)$")).fill(SAID[language][1])
    page.keyboard.press("Control+Enter")
    _wait_until_answered(page)
    page.get_by_role("button", name=re.compile("^(Answer again|다시 답하기)$")).last.click()
    page.get_by_text(re.compile("2/2")).last.wait_for(timeout=ANSWERED_WITHIN_MS)
    _wait_until_answered(page)
    page.get_by_role("button", name=re.compile("^(More|더 보기)$")).last.click()
    page.get_by_role("menuitem", name=re.compile("^(Map of all versions|모든 버전의 지도)$")).click()
    expect(page.get_by_role("tree")).to_be_visible()


def prompts(page: Page, language: str) -> None:
    """The variables of a prompt."""
    page.request.post(page.url + "v1/prompts", data=PROMPT[language])
    page.locator("#composer").fill(f"/{PROMPT[language]['word']}")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()


def custom(page: Page, language: str) -> None:
    """What all models are told."""
    page.locator("#composer").fill("/instructions")
    page.keyboard.press("Enter")
    boxes = page.get_by_role("dialog").get_by_role("textbox")
    expect(boxes).to_have_count(2)
    for box, words in zip(boxes.all(), TOLD[language], strict=True):
        box.fill(words)


def examples(page: Page, _: str) -> None:
    """What comes after what, shown to a model that was never taught to chat."""
    page.goto(page.url + "playground")
    page.get_by_role("button", name=re.compile("^(Start from|예시로 시작하기)$")).click()
    page.get_by_role("menuitem").first.click()
    expect(page.get_by_label(re.compile("^(Now asked|이번에 물을 것)$"))).to_be_visible()


def playground(page: Page, _: str) -> None:
    """What it makes of a beginning."""
    page.goto(page.url + "playground")
    page.get_by_role("radio").first.check(force=True)
    folded = page.get_by_role("main").locator("summary")
    if folded.is_visible():
        folded.click()
    page.get_by_role("slider").fill("0")
    if folded.is_visible():
        folded.click()
    box = page.locator("#composer")
    box.fill("")
    for line in CAPITALS:
        box.press("Control+End")
        box.press_sequentially(line)
        box.press("Control+Enter")
        expect(page.get_by_role("status").filter(has_text=WRITTEN)).to_be_visible(timeout=ANSWERED_WITHIN_MS)


SCENES: tuple[Scene, ...] = (
    new_chat,
    speak,
    chat,
    rich,
    attach,
    sent,
    search,
    keys,
    settings,
    temporary,
    versions,
    rate,
    rank,
    compare,
    prompts,
    custom,
    examples,
    playground,
)


def _attach(page: Page, language: str) -> None:
    pictures: list[FilePayload] = [
        {"name": f"{PICTURE[language]} {number}.jpg", "mimeType": "image/jpeg", "buffer": floor(number)}
        for number in range(3)
    ]
    texts: list[FilePayload] = [
        {"name": name, "mimeType": "text/plain", "buffer": words.encode()} for name, words in TEXTS[language]
    ]
    attached = page.locator("form").filter(has=page.locator("#composer")).get_by_role("listitem")
    expect(page.locator("#composer")).to_be_visible()
    if attached.count() == 0:  # else an earlier scene left them
        page.locator("input[data-attach=images]").set_input_files(pictures)
        page.locator("input[data-attach=texts]").set_input_files(texts)
    expect(attached).to_have_count(5)
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=ANSWERED_WITHIN_MS)


@contextmanager
def _echo(page: Page) -> Generator[None]:
    """The echo backend answers."""
    page.evaluate("localStorage.setItem('maru.model', 'echo')")
    page.reload()
    yield
    page.evaluate("localStorage.setItem('maru.model', 'house')")  # from the next page on


@contextmanager
def _browser() -> Generator[Browser]:
    with sync_playwright() as playwright:
        flags = ["--use-fake-device-for-media-stream"]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        yield browser
        browser.close()


def _page(browser: Browser, look: Look) -> Page:
    return browser.new_context(
        color_scheme="dark" if look.theme == "dark" else "light",
        locale={"en": "en-US", "ko": "ko-KR"}[look.language],
        viewport={"width": look.width, "height": look.height},
        has_touch=look.width < 500,
        is_mobile=look.width < 500,
        permissions=["microphone"],
    ).new_page()


def _say(page: Page, sentence: str) -> None:
    send = page.locator("form button[type=submit]")
    page.locator("#composer").fill(sentence)
    expect(send).to_be_enabled(timeout=ANSWERED_WITHIN_MS)
    send.click()
    expect(page.locator("article[data-role=user]").last).to_contain_text(sentence[:20])
    expect(page.locator("article[data-role=assistant] .prose").last).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    _wait_until_answered(page)


def _wait_until_answered(page: Page) -> None:
    expect(page.locator("form button[type=submit]").last).to_be_visible(timeout=ANSWERED_WITHIN_MS)


if __name__ == "__main__":
    main(sys.argv[1:])
