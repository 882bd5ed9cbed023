"""Conversations of other programs come in through the page."""

import io
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Locator, expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage
from support.foreign_exports import JsonObject, array_of, chatgpt, chatgpt_node, long_chatgpt


def _window(chat: ChatPage) -> Locator:
    chat.page.get_by_role("button", name="Settings").click()
    chat.page.get_by_role("menuitem", name="Export and import").click()
    return chat.page.get_by_role("dialog", name="Export and import")


def _file(name: str, *records: JsonObject) -> FilePayload:
    return {"name": name, "mimeType": "application/json", "buffer": b"".join(array_of(records))}


def _tea(id_: str, title: str) -> JsonObject:
    nodes = [
        chatgpt_node("q", "root", "user", "Which tea is warm?"),
        chatgpt_node("a", "q", "assistant", "Barley tea.", metadata={"model_slug": "gpt-4o"}),
        chatgpt_node("b", "q", "assistant", "Rice tea.", metadata={"model_slug": "o3"}),
    ]
    return chatgpt(id_, nodes, "a", title=title)


def test_a_chat_comes_in_with_its_branches_and_goes_on(chat: ChatPage) -> None:
    """It is in the list, shows the branch that was shown there, and can be answered here."""
    chat.open(model="echo")
    window = _window(chat)
    window.get_by_label("Choose a file").set_input_files(_file("conversations.json", _tea("e2e-1", "Warm tea")))
    expect(window.get_by_role("status")).to_contain_text("1 imported, 0 here already or empty, 0 could not be read")
    window.get_by_role("button", name="Close").click()
    chat.found("Warm tea").click()
    expect(chat.last_answer).to_have_text("Barley tea.")
    chat.answers.last.get_by_role("button", name="Next version").click()
    expect(chat.last_answer).to_have_text("Rice tea.")
    assert "and then?" in chat.ask("and then?")


def test_what_is_sent_twice_is_made_once_and_bad_records_are_told(chat: ChatPage) -> None:
    """Each with its place in the file and why."""
    chat.open(model="echo")
    window = _window(chat)
    box = window.get_by_label("Choose a file")
    bad: JsonObject = {"mapping": {}}
    content = _file("mixed.json", _tea("e2e-2", "Cold tea"), bad, {"what": 1})
    for sums in ("1 imported, 0 here already or empty, 2 could", "0 imported, 1 here already or empty, 2 could"):
        box.set_input_files(content)
        expect(window.get_by_role("status")).to_contain_text(sums)
    problems = window.get_by_role("list", name="What was not imported").get_by_role("listitem")
    expect(problems).to_have_text(
        [
            "mixed.json, number 2 is damaged (it has no id)",
            "mixed.json, number 3 is no chat of a program that Maru knows",
        ]
    )


def test_a_zip_of_numbered_files_comes_in_while_the_window_is_closed(chat: ChatPage, tmp_path: Path) -> None:
    """Whoever opens it again sees how far it is."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in range(2):
            records = (long_chatgpt(1000 + part * 100 + number, 30, "A maru. " * 30) for number in range(60))
            archive.writestr(f"conversations-00{part}.json", b"".join(array_of(records)))
    path = tmp_path / "export.zip"
    path.write_bytes(made.getvalue())
    chat.open(model="echo")
    window = _window(chat)
    window.get_by_label("Choose a file").set_input_files(path)
    window.get_by_role("button", name="Close").click()
    expect(window).to_have_count(0)
    window = _window(chat)
    expect(window.get_by_role("status")).to_contain_text("120 imported", timeout=60_000)
    window.get_by_role("button", name="Close").click()
    expect(chat.found("Chat 1159")).to_be_visible()


def test_a_refusal_is_told(chat: ChatPage, watch: Watch) -> None:
    """The server cannot be reached."""
    chat.open(model="echo")
    watch.is_network_cut = True
    chat.page.route("**/v1/import*", lambda route: route.abort())
    window = _window(chat)
    window.get_by_label("Choose a file").set_input_files(_file("c.json", _tea("e2e-3", "Lost tea")))
    expect(window.get_by_role("alert")).to_contain_text("The import stopped.")
    expect(window.get_by_role("alert")).to_contain_text("cannot be reached")


def test_a_korean_phone_imports(korean_phone: ChatPage) -> None:
    """In the drawer's settings; everything fits, and axe finds nothing."""
    page = korean_phone.page
    korean_phone.open()
    page.get_by_role("button", name="사이드바 열기").tap()
    page.get_by_role("button", name="설정").tap()
    page.get_by_role("menuitem", name="내보내기와 가져오기").tap()
    window = page.get_by_role("dialog", name="내보내기와 가져오기")
    window.get_by_label("파일을 고르거나").set_input_files(_file("내 대화.json", _tea("e2e-4", "따뜻한 차"), {"x": 1}))
    expect(window.get_by_role("status")).to_contain_text("1개 가져옴")
    settled(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(chat: ChatPage, theme: str) -> None:
    """With a report."""
    chat.page.emulate_media(color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce")
    chat.open(model="echo")
    window = _window(chat)
    window.get_by_label("Choose a file").set_input_files(_file("mixed.json", _tea("e2e-5", "Tea"), {"what": 1}))
    expect(window.get_by_role("status")).to_contain_text("1 could not be read")
    settled(chat.page)
    assert violations(chat.page) == []
