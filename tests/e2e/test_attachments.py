"""Files of messages that were sent: seen, opened, edited, asked about again; kept wherever the message goes."""

import json
import re
from collections.abc import Callable
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect

from support.attaching import Attaching, Creates, Uploads, a_picture, a_text
from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.live_server import LiveServer

SENT = """
- article:
  - heading "You said" [level=2]
  - list "Files of this message":
    - listitem:
      - 'button "Image: floor.png"'
    - listitem:
      - 'button "File: notes.txt"'
  - text: What are these?
  - button "Copy"
"""


@pytest.fixture
def attaching(chat: ChatPage) -> Attaching:
    """A tab in which files are attached."""
    return Attaching(chat)


@pytest.fixture
def creates(page: Page) -> Creates:
    """The questions of the tab."""
    creates = Creates()
    creates.listen(page)
    return creates


def _send(attaching: Attaching, words: str = "What are these?") -> None:
    chat = attaching.chat
    answers = chat.answers.count()
    attaching.attach(a_picture(), a_text())
    chat.box.fill(words)
    expect(chat.send_button).to_be_enabled()
    chat.box.press("Enter")
    expect(chat.answers).to_have_count(answers + 1, timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()


def test_sent_files_are_shown_and_opened(attaching: Attaching) -> None:
    """A picture in a place of a fixed size, all of it at a press; a text that can be read; also after a reload."""
    chat = attaching.chat
    chat.open(model="echo")
    _send(attaching)
    tile = chat.questions.last.get_by_role("button", name="Image: floor.png")
    for _ in range(2):
        expect(chat.questions.last).to_match_aria_snapshot(SENT)
        expect(tile.locator("img")).to_be_visible()
        chat.page.reload()
    size = tile.bounding_box()
    assert size is not None
    assert (round(size["width"]), round(size["height"])) == (240, 240)
    tile.press("Enter")
    dialog = chat.page.get_by_role("dialog", name="floor.png")
    expect(dialog.get_by_role("img", name="floor.png")).to_be_visible()
    assert dialog.locator("img").evaluate("(image) => [image.naturalWidth, image.naturalHeight]") == [640, 480]
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    expect(tile).to_be_focused()
    chat.questions.last.get_by_role("button", name="File: notes.txt").press("Enter")
    dialog = chat.page.get_by_role("dialog", name="notes.txt")
    expect(dialog.locator("pre")).to_have_text("The floor has two planks.\n")
    with chat.page.expect_download() as saving:
        dialog.get_by_role("button", name="Download").click()
    assert saving.value.suggested_filename == "notes.txt"


def test_place_of_a_picture_is_kept_before_it_is_here(attaching: Attaching, watch: Watch) -> None:
    """What is read does not jump when it comes; a picture that is lost is told by its name."""
    chat = attaching.chat
    chat.open(model="echo")
    _send(attaching)
    watch.is_network_cut = True
    chat.page.route(re.compile("/v1/files/.*/content"), lambda route: route.abort())
    chat.page.reload()
    tile = chat.questions.last.get_by_role("button", name="Image: floor.png. This file cannot be loaded now.")
    expect(tile).to_contain_text("floor.png")
    size = tile.bounding_box()
    assert size is not None
    assert (round(size["width"]), round(size["height"])) == (240, 240)
    settled(chat.page)
    assert violations(chat.page) == []


def test_edit_keeps_the_files_and_can_remove_them(attaching: Attaching, creates: Creates) -> None:
    """The new wording stands beside the old one, which keeps all of them."""
    chat = attaching.chat
    chat.open(model="echo")
    _send(attaching)
    chat.questions.last.get_by_role("button", name="Edit").click()
    chat.page.get_by_role("button", name="Remove floor.png").click()
    editor = chat.page.get_by_label("Edit your message")
    expect(editor).to_be_focused()
    settled(chat.page)
    assert violations(chat.page) == []
    editor.fill("What is this?")
    editor.press("Control+Enter")
    files = chat.questions.last.get_by_role("list", name="Files of this message").get_by_role("button")
    expect(files).to_have_count(1)
    expect(files).to_have_accessible_name("File: notes.txt")
    chat.wait_until_answered()
    assert [part["type"] for part in creates.contents[-1]] == ["input_file", "input_text"]
    chat.questions.last.get_by_role("button", name="Previous version").click()
    expect(files).to_have_count(2)


def test_second_answer_sees_the_files_too(attaching: Attaching) -> None:
    """The text of a file reaches the model, the first time and again."""
    chat = attaching.chat
    chat.open(model="echo")
    _send(attaching)
    expect(chat.last_answer).to_contain_text("The floor has two planks.")
    chat.answers.last.get_by_role("button", name="Answer again").click()
    expect(chat.answers.last).to_contain_text("2/2", timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    expect(chat.last_answer).to_contain_text("The floor has two planks.")
    expect(chat.questions.last.get_by_role("button", name="Image: floor.png")).to_be_visible()


def test_waiting_message_keeps_its_files(attaching: Attaching) -> None:
    """Its names stand with it until it goes."""
    chat = attaching.chat
    chat.open(model="steady")
    chat.say("Count first")
    chat.wait_for_words(3)
    attaching.attach(a_picture(), a_text())
    chat.page.get_by_role("button", name="Send when the answer is complete").click()
    waiting = chat.page.get_by_role("region", name="Waiting to be sent").get_by_role("listitem")
    expect(waiting).to_contain_text("Image: floor.png, File: notes.txt")
    expect(waiting.get_by_role("button", name="floor.png, notes.txt")).to_have_count(2)
    expect(attaching.attached).to_have_count(0)
    settled(chat.page)
    assert violations(chat.page) == []
    expect(chat.questions).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    expect(chat.questions.last.get_by_role("button", name="File: notes.txt")).to_be_visible()
    chat.wait_until_answered()


def test_message_that_the_network_lost_is_sent_once_with_its_files(
    attaching: Attaching, cut: Callable[[], None], server: LiveServer
) -> None:
    """Written while the network is away, it goes when that is back."""
    chat = attaching.chat
    chat.open(model="echo")
    chat.ask("Before")
    attaching.attach(a_picture(), a_text())
    cut()
    chat.box.fill("Lost and found")
    chat.box.press("Enter")
    expect(chat.questions.last.get_by_role("button", name="File: notes.txt")).to_be_visible()
    expect(chat.answers).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    id_ = chat.page.url.rpartition("/")[2]
    kept = chat.page.request.get(f"{server.url}/v1/conversations/{id_}/items?order=asc&limit=100").json()["data"]
    said = [[part["type"] for part in item["content"]] for item in kept if item["role"] == "user"]
    assert said == [["input_text"], ["input_image", "input_file", "input_text"]]


def test_message_may_be_files_alone(attaching: Attaching) -> None:
    """The chat is named by them until it has a title, and so is the message in the map of all versions."""
    chat = attaching.chat
    chat.open(model="echo")
    _send(attaching, "")
    expect(chat.page.get_by_role("heading", level=1)).to_contain_text("floor.png")
    chat.answers.last.get_by_role("button", name="Answer again").click()
    expect(chat.answers.last).to_contain_text("2/2", timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    chat.answers.last.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="Map of all versions").click()
    expect(chat.page.get_by_role("treeitem").first).to_contain_text("Image: floor.png · File: notes.txt")


def test_refusal_of_a_model_that_cannot_see_keeps_words_and_files(attaching: Attaching) -> None:
    """The thread says why, and the same message is answered by a model that can."""
    chat = attaching.chat
    chat.open(model="echo")
    _send(attaching)
    chat.page.get_by_role("button", name="Model: echo").click()
    chat.page.get_by_role("menuitemradio", name=re.compile("^house")).click()
    chat.questions.last.get_by_role("button", name="Edit").click()
    editor = chat.page.get_by_label("Edit your message")
    editor.fill("And these?")
    editor.press("Control+Enter")
    expect(chat.page.get_by_text("This model cannot see images. Choose another model and try again")).to_be_visible()
    expect(chat.questions.last).to_contain_text("And these?")
    expect(chat.questions.last.get_by_role("button", name="Image: floor.png").locator("img")).to_be_visible()
    expect(chat.questions.last.get_by_role("button", name="File: notes.txt")).to_be_visible()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.get_by_role("button", name="Model: house").click()
    chat.page.get_by_role("menuitemradio", name=re.compile("^echo")).click()
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.last_answer).to_contain_text("And these?", timeout=ANSWERED_WITHIN_MS)
    expect(chat.questions.last.get_by_role("listitem")).to_have_count(2)
    chat.wait_until_answered()


def test_temporary_chat_leaves_no_file_behind(attaching: Attaching, page: Page) -> None:
    """What went with its messages is deleted when it is left."""
    uploads = Uploads(page)
    chat = attaching.chat
    chat.open(model="echo")
    chat.page.get_by_role("button", name="Temporary chat").click()
    _send(attaching)
    expect(chat.last_answer).to_contain_text("The floor has two planks.")
    chat.ask("And now?")
    assert uploads.deleted == []
    with chat.page.expect_response(re.compile(r"/v1/files\?")):
        chat.page.keyboard.press("Control+Shift+O")
    expect(chat.questions).to_have_count(0)
    uploads.wait_for_deleted(2)


def test_tab_that_is_left_takes_all_files_of_a_temporary_chat_along(attaching: Attaching, server: LiveServer) -> None:
    """A browser may send only one more request of a page that is left: those that were sent and those that were not."""
    chat = attaching.chat
    chat.open(model="echo")
    before = _files(server)
    chat.page.get_by_role("button", name="Temporary chat").click()
    attaching.choose(*(a_text(f"{number}.txt") for number in range(3)))
    attaching.wait()
    chat.ask("What is in them?")
    attaching.choose(*(a_text(f"{number}.txt") for number in range(3, 5)))
    attaching.wait()
    assert len(_files(server) - before) == 5
    chat.page.reload()
    expect(chat.questions).to_have_count(0)
    for _ in range(120):
        if _files(server) <= before:
            break
        chat.page.wait_for_timeout(250)
    assert _files(server) <= before


def _files(server: LiveServer) -> set[str]:
    with urlopen(f"{server.url}/v1/files?limit=100") as answer:
        return {one["id"] for one in json.load(answer)["data"]}
