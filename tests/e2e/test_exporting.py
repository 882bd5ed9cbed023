"""Conversations leave the page: as a file of one, on paper, and everything at once."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Download, Locator, expect

from support.axe import settled, violations
from support.chat_page import ChatPage
from support.foreign_exports import array_of, long_chatgpt


def _menu(chat: ChatPage) -> None:
    row = chat.sidebar.get_by_role("listitem").filter(has=chat.page.locator("[aria-current=page]"))
    row.hover()
    row.get_by_role("button").click()
    chat.page.get_by_role("menuitem", name="Export…").click()


def _window(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("dialog", name="Export this chat")


def _text(download: Download, folder: Path) -> str:
    path = folder / "download"
    download.save_as(path)
    return path.read_text(encoding="utf-8")


def test_a_chat_is_saved_as_markdown_and_as_json(chat: ChatPage, tmp_path: Path) -> None:
    """Under its title, and the dialog goes when it is done."""
    chat.open(model="echo")
    chat.ask("Is the maru warm in winter?")
    _menu(chat)
    with chat.page.expect_download() as markdown:
        _window(chat).get_by_role("button", name="Markdown").click()
    assert markdown.value.suggested_filename == "Is the maru warm in winter.md"
    text = _text(markdown.value, tmp_path)
    assert text.startswith("# Is the maru warm in winter?\n")
    assert "**You**" in text
    expect(_window(chat)).to_have_count(0)
    _menu(chat)
    with chat.page.expect_download() as whole:
        _window(chat).get_by_role("button", name="JSON").click()
    out = json.loads(_text(whole.value, tmp_path))
    assert (out["object"], len(out["items"])) == ("maru.conversation", 2)


def test_on_paper_there_are_words_and_no_buttons(chat: ChatPage, tmp_path: Path) -> None:
    """All of the conversation, however long, in dark letters on white."""
    chat.page.emulate_media(color_scheme="dark")
    chat.open(model="echo")
    for number in range(6):
        chat.ask(f"Question {number}\n\n" + "A long line of words. " * 60)
    chat.page.emulate_media(media="print", color_scheme="dark")
    expect(chat.questions.first).to_be_visible()
    expect(chat.box).to_be_hidden()
    expect(chat.sidebar).to_be_hidden()
    expect(chat.page.get_by_role("button")).to_have_count(0)
    assert chat.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    pdf = chat.page.pdf(path=tmp_path / "chat.pdf", format="A4")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page\n") + pdf.count(b"/Type /Page/") >= 3


def test_a_very_long_chat_is_on_paper_from_its_beginning(chat: ChatPage) -> None:
    """On the screen the oldest messages are drawn only when somebody scrolls to them."""
    chat.open(model="echo")
    records = b"".join(array_of([long_chatgpt(777, 400, "A maru is a floor.")]))
    sent = "fetch('/v1/import', {method: 'POST', body: text}).then((answer) => answer.text())"
    chat.page.evaluate(f"(text) => {sent}", records.decode())
    chat.found("Chat 777").click()
    expect(chat.page.get_by_role("button", name="earlier")).to_be_attached(timeout=30_000)
    assert chat.page.locator("article").count() < 400
    chat.page.pdf()
    expect(chat.page.locator("article")).to_have_count(400)


def test_everything_is_saved_at_once(chat: ChatPage, tmp_path: Path) -> None:
    """From the settings; one line a chat."""
    chat.open(model="echo")
    chat.ask("Keep this for later.")
    conversation = chat.page.url.rsplit("/", 1)[1]
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Export and import").click()
    with chat.page.expect_download() as everything:
        chat.page.get_by_role("button", name="Export everything").click()
    assert everything.value.suggested_filename.startswith("maru-20")
    lines = [json.loads(line) for line in _text(everything.value, tmp_path).splitlines()]
    assert lines[0]["object"] == "maru.export"
    assert conversation in {line.get("id") for line in lines}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, theme: str) -> None:
    """Both windows."""
    chat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    chat.open(model="echo")
    chat.ask("Good day.")
    _menu(chat)
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Export and import").click()
    settled(chat.page)
    assert violations(chat.page) == []
