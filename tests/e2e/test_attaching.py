"""Files get into a message: chosen, pasted, dropped; looked at, made smaller and uploaded before the message goes."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import FileChooser, Page, Route, expect

from support.attaching import Attaching, Uploads, a_picture, a_text, picture
from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ANSWERED_WITHIN_MS, ChatPage

SHIFT_PASTE = "Control+Shift+KeyV"


@pytest.fixture
def attaching(chat: ChatPage) -> Attaching:
    """A tab in which files are attached."""
    return Attaching(chat)


@pytest.fixture
def uploads(page: Page) -> Uploads:
    """What the tab uploads."""
    return Uploads(page)


def _intercept(_: FileChooser) -> None:
    """Listens from the start: on a busy machine the browser begins to ask Playwright only after the press."""


def test_screenshot_is_pasted_and_sent(attaching: Attaching, uploads: Uploads) -> None:
    """From the real clipboard, by the real keys; it has a name, and is there before the message goes."""
    chat = attaching.chat
    chat.open(model="echo")
    attaching.copy_picture(picture("teal"))
    chat.box.focus()
    chat.page.keyboard.press("Control+KeyV")
    expect(attaching.attached).to_have_count(1)
    attaching.wait()
    expect(attaching.attached.get_by_role("button", name="Open Pasted image.png")).to_be_visible()
    assert uploads.names == ["Pasted image.png"]
    chat.page.keyboard.press("Control+KeyV")
    expect(attaching.attached.get_by_role("button", name="Open Pasted image 2.png")).to_be_visible()
    expect(chat.page.get_by_role("status").filter(has_text="Attached.")).to_have_count(1)
    attaching.wait()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.say("What is on it?")
    expect(attaching.attached).to_have_count(0)
    expect(chat.questions.last.get_by_role("button", name="Image: Pasted image.png")).to_be_visible()
    expect(chat.questions.last.locator("img")).to_have_count(2)


def test_copied_files_are_pasted_wherever_the_focus_is(attaching: Attaching) -> None:
    """But into another field words are pasted as ever."""
    chat = attaching.chat
    chat.open(model="echo")
    attaching.paste_files(a_text(), into="body")
    expect(attaching.attached.get_by_role("button", name="notes.txt 26 bytes")).to_be_visible()
    expect(chat.box).to_be_focused()
    chat.page.keyboard.press("Control+k")
    expect(chat.page.get_by_role("combobox")).to_be_focused()
    attaching.paste_files(a_text("other.txt"), into="[role=combobox]")
    chat.page.keyboard.press("Escape")
    expect(attaching.attached).to_have_count(1)


def test_files_are_dropped_anywhere_on_the_page(attaching: Attaching) -> None:
    """The page says that it takes them, while they are over it and no longer."""
    chat = attaching.chat
    chat.open(model="echo")
    files = [a_picture(), a_text(), a_picture("door.png", "brown")]
    attaching.drag("dragenter", files, on="nav")
    expect(attaching.target).to_contain_text("Drop to attach")
    settled(chat.page)
    assert violations(chat.page) == []
    attaching.drag("dragleave", files, on="nav")
    expect(attaching.target).to_have_count(0)
    attaching.drag("dragover", files, on="nav")
    expect(attaching.target).to_be_visible()
    attaching.drag("drop", files, on="nav")
    expect(attaching.target).to_have_count(0)
    expect(attaching.attached).to_have_count(3)
    attaching.wait()
    expect(attaching.attached.first.locator("img")).to_be_visible()
    expect(attaching.attached.nth(1)).to_contain_text(re.compile(r"notes\.txt\s*26 bytes"))
    expect(chat.box).to_be_focused()


def test_files_are_not_dropped_under_a_dialog(attaching: Attaching) -> None:
    """Nobody would see where they went."""
    chat = attaching.chat
    chat.open(model="echo")
    chat.page.keyboard.press("Control+/")
    expect(chat.page.get_by_role("dialog")).to_be_visible()
    attaching.drag("dragover", [a_text()], on="[role=dialog]")
    expect(attaching.target).to_have_count(0)
    attaching.drag("drop", [a_text()], on="[role=dialog]")
    chat.page.keyboard.press("Escape")
    expect(attaching.attached).to_have_count(0)


def test_files_are_chosen_by_keyboard(attaching: Attaching) -> None:
    """The menu, the browser's own dialog, the chip, its removal: no mouse."""
    chat = attaching.chat
    chat.page.on("filechooser", _intercept)
    chat.open(model="echo")
    chat.page.get_by_role("button", name="Attach", exact=True).focus()
    chat.page.keyboard.press("Enter")
    menu = chat.page.get_by_role("menu")
    expect(menu.get_by_role("menuitem")).to_have_text(["Images", "Text files"])
    expect(menu.get_by_role("menuitem", name="Images")).to_be_focused()
    settled(chat.page)
    assert violations(chat.page) == []
    with chat.page.expect_file_chooser() as choosing:
        chat.page.keyboard.press("Enter")
    assert choosing.value.is_multiple()
    choosing.value.set_files([a_picture(), a_picture("door.png", "brown")])
    expect(attaching.attached).to_have_count(2)
    attaching.wait()
    expect(chat.box).to_be_focused()
    for _ in range(2):
        chat.page.keyboard.press("Shift+Tab")
    expect(attaching.attached.last.get_by_role("button", name="Open door.png")).to_be_focused()
    chat.page.keyboard.press("Enter")
    dialog = chat.page.get_by_role("dialog", name="door.png")
    expect(dialog.locator("img")).to_be_visible()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.keyboard.press("Escape")
    expect(attaching.attached.last.get_by_role("button", name="Open door.png")).to_be_focused()
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Enter")
    expect(attaching.attached).to_have_count(1)
    expect(chat.box).to_be_focused()
    expect(chat.page.get_by_role("status").filter(has_text="Removed.")).to_have_count(1)


def test_photo_is_made_smaller_upright_and_bare(attaching: Attaching, uploads: Uploads) -> None:
    """What leaves the browser says neither where nor when it was taken, and no model looks at twelve million pixels."""
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright: the top is at the left
    exif[0x010F] = "Camera of Jihoon"
    exif.get_ifd(0x8825)[1] = "N"
    photo = Image.new("RGB", (4000, 3000), "teal")
    photo.paste("red", (0, 0, 1000, 3000))
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", exif=exif.tobytes(), comment=b"at home")
    attaching.chat.open(model="echo")
    attaching.choose({"name": "IMG_1.JPG", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}, sort="images")
    expect(attaching.attached).to_have_count(1)
    attaching.wait()
    assert uploads.names == ["IMG_1.JPG"]
    with Image.open(io.BytesIO(uploads.files[0])) as sent:
        assert sent.format == "JPEG"
        assert sent.size == (1536, 2048)
        assert dict(sent.getexif()) == {}
        assert _is_red(sent, at=(700, 100)), "red was at the left, and is at the top of an upright photo"
        assert not _is_red(sent, at=(700, 1900))
    assert b"Jihoon" not in uploads.files[0]
    assert b"at home" not in uploads.files[0]


def _is_red(image: Image.Image, at: tuple[int, int]) -> bool:
    red, green, _ = image.convert("RGB").crop((*at, at[0] + 1, at[1] + 1)).tobytes()
    return red > 200 and green < 60


def test_what_cannot_be_attached_is_told_with_the_reason(attaching: Attaching, uploads: Uploads) -> None:
    """Before anything is sent; what can be goes along."""
    attaching.chat.open(model="echo")
    attaching.choose(
        {"name": "archive.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04" + bytes(60)},
        {"name": "empty.txt", "mimeType": "text/plain", "buffer": b""},
        {"name": "novel.txt", "mimeType": "text/plain", "buffer": b"a" * (4 * 2**20 + 1)},
        {"name": "broken.png", "mimeType": "image/png", "buffer": b"\x89PNG\r\n\x1a\nnothing"},
        a_text("good.txt"),
    )
    expect(attaching.refused.get_by_role("listitem")).to_have_text(
        [
            "empty.txt: there is nothing in it.",
            "archive.zip: only images and text files can be attached.",
            "novel.txt: too large. 4.2 MB at most.",
            "broken.png: this image cannot be read here. PNG, JPEG, GIF and WebP can.",
        ]
    )
    expect(attaching.attached).to_have_count(1)
    attaching.wait()
    assert uploads.names == ["good.txt"]
    settled(attaching.page)
    assert violations(attaching.page) == []
    attaching.page.get_by_role("button", name="Hide this").click()
    expect(attaching.refused).to_have_count(0)
    expect(attaching.chat.box).to_be_focused()
    attaching.choose(*(a_text(f"{number}.txt") for number in range(11)))
    expect(attaching.refused).to_contain_text("10.txt: no more than 10 files go with one message.")
    expect(attaching.attached).to_have_count(10)


def test_model_that_cannot_see_gets_no_images(attaching: Attaching) -> None:
    """The reason is told where one would choose, where one drops, and when the model is changed; texts go."""
    chat = attaching.chat
    chat.open(model="house")
    chat.page.get_by_role("button", name="Attach", exact=True).click()
    images = chat.page.get_by_role("menuitem", name="Images house cannot see images.")
    expect(images).to_have_attribute("aria-disabled", "true")
    chat.page.keyboard.press("Escape")
    attaching.drag("dragover", [a_picture()])
    expect(attaching.target).to_contain_text("Text files. house cannot see images.")
    attaching.drag("drop", [a_picture(), a_text()])
    expect(attaching.refused).to_have_text("floor.png: house cannot see images. Choose a model that can.")
    expect(attaching.attached).to_have_count(1)
    chat.page.get_by_role("button", name="Model: house").click()
    chat.page.get_by_role("menuitemradio", name="echo", exact=False).first.click()
    attaching.attach(a_picture())
    expect(chat.send_button).to_be_enabled()
    chat.page.get_by_role("button", name="Model: echo").click()
    chat.page.get_by_role("menuitemradio", name=re.compile("^house")).click()
    expect(chat.page.get_by_role("alert").filter(has_text="house cannot see images. Choose another")).to_be_visible()
    expect(chat.send_button).to_be_disabled()
    attaching.attached.get_by_role("button", name="Remove floor.png").click()
    expect(chat.send_button).to_be_enabled(timeout=ANSWERED_WITHIN_MS)


def test_message_waits_for_what_is_being_uploaded(attaching: Attaching) -> None:
    """Enter is enough; who thinks better of it takes it back."""
    chat, held = attaching.chat, list[Route]()
    chat.open(model="echo")
    chat.page.route("**/v1/files", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks what it calls)
    attaching.choose(a_text())
    expect(chat.page.get_by_role("progressbar", name="Uploading notes.txt")).to_be_visible()
    chat.box.fill("Read this")
    chat.box.press("Enter")
    waits = chat.page.get_by_role("status").filter(has_text="Sent as soon as everything is uploaded.")
    expect(waits).to_be_visible()
    chat.page.get_by_role("button", name="Do not send yet").click()
    expect(waits).to_have_count(0)
    expect(chat.questions).to_have_count(0)
    chat.box.press("Enter")
    expect(waits).to_be_visible()
    assert violations(chat.page) == []
    held[0].continue_()
    expect(chat.questions).to_have_count(1)
    expect(chat.questions.last).to_contain_text("Read this")
    expect(chat.questions.last.get_by_role("button", name="File: notes.txt")).to_be_visible()
    expect(chat.box).to_have_value("")
    chat.wait_until_answered()


def test_message_goes_when_it_is_uploaded_also_behind_ones_back(attaching: Attaching) -> None:
    """Somebody who went to another chat sent it all the same; that one keeps what is being written in it."""
    chat, held = attaching.chat, list[Route]()
    chat.open(model="echo")
    chat.ask("A chat with a slow file")
    chat.page.route("**/v1/files", lambda route: held.append(route))  # noqa: PLW0108 (Playwright marks what it calls)
    attaching.choose(a_text())
    expect(chat.page.get_by_role("progressbar", name="Uploading notes.txt")).to_be_visible()
    chat.box.fill("Read this behind my back")
    chat.box.press("Enter")
    expect(chat.page.get_by_role("status").filter(has_text="Sent as soon as everything is uploaded.")).to_be_visible()
    chat.page.get_by_role("button", name="New chat").first.click()
    expect(chat.questions).to_have_count(0)
    chat.box.fill("Something else")
    held[0].continue_()
    row = chat.sidebar.get_by_role("listitem").filter(has_text="A chat with a slow file")
    expect(row.get_by_role("img", name="New answer")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    expect(chat.box).to_have_value("Something else")
    chat.found("A chat with a slow file").click()
    expect(chat.questions.last).to_contain_text("Read this behind my back")
    expect(chat.questions.last.get_by_role("button", name="File: notes.txt")).to_be_visible()
    expect(chat.box).to_have_value("")


def test_upload_that_fails_is_tried_again(attaching: Attaching, watch: Watch) -> None:
    """The message stays where it is; nothing is lost."""
    chat = attaching.chat
    chat.open(model="echo")
    watch.is_network_cut = True
    chat.page.route("**/v1/files", lambda route: route.abort())
    attaching.choose(a_picture())
    expect(chat.page.get_by_role("alert")).to_contain_text("floor.png was not uploaded.")
    chat.box.fill("Look")
    expect(chat.send_button).to_be_disabled()
    settled(chat.page)
    assert violations(chat.page) == []
    chat.page.unroute("**/v1/files")
    attaching.attached.get_by_role("button", name="Upload floor.png again").click()
    expect(chat.box).to_be_focused()
    attaching.wait()
    expect(chat.page.get_by_role("alert")).to_have_count(0)
    expect(chat.send_button).to_be_enabled()


def test_each_chat_keeps_its_files_over_a_reload(attaching: Attaching, uploads: Uploads) -> None:
    """As it keeps its words; what is taken back is gone from the server too."""
    chat = attaching.chat
    chat.open(model="echo")
    chat.ask("A chat with files")
    attaching.attach(a_picture(), a_text())
    chat.page.keyboard.press("Control+Shift+O")
    expect(attaching.attached).to_have_count(0)
    chat.page.go_back()
    expect(attaching.attached).to_have_count(2)
    chat.page.reload()
    expect(attaching.attached).to_have_count(2)
    expect(attaching.attached.first.locator("img")).to_be_visible()
    expect(attaching.attached.last).to_contain_text("26 bytes")
    attaching.attached.get_by_role("button", name="Remove floor.png").click()
    expect(attaching.attached).to_have_count(1)
    uploads.wait_for_deleted(1)
    chat.box.press("Enter")
    expect(chat.questions.last.get_by_role("button", name="File: notes.txt")).to_be_visible()
    chat.wait_until_answered()


def test_long_paste_becomes_a_file(attaching: Attaching) -> None:
    """Which can be read, and put into the message after all; with Shift it is put there at once."""
    chat, words = attaching.chat, "The floor is wide. " * 140
    chat.open(model="echo")
    attaching.copy_text(words)
    chat.box.fill("See: ")
    chat.page.keyboard.press("Control+KeyV")
    expect(chat.box).to_have_value("See: ")
    expect(chat.page.get_by_role("status").filter(has_text="Ctrl+Shift+V keeps it")).to_be_visible()
    attaching.wait()
    attaching.attached.get_by_role("button", name=re.compile("^Pasted text.txt")).click()
    dialog = chat.page.get_by_role("dialog", name="Pasted text.txt")
    expect(dialog.locator("pre")).to_have_text(words)
    settled(chat.page)
    assert violations(chat.page) == []
    dialog.get_by_role("button", name="Put it into the message").click()
    expect(dialog).to_have_count(0)
    expect(attaching.attached).to_have_count(0)
    expect(chat.box).to_be_focused()
    expect(chat.box).to_have_value("See: " + words)
    chat.box.fill("")
    chat.page.keyboard.press(SHIFT_PASTE)
    expect(chat.box).to_have_value(words)
    expect(attaching.attached).to_have_count(0)
    attaching.copy_text("short")
    chat.box.fill("")
    chat.page.keyboard.press("Control+KeyV")
    expect(chat.box).to_have_value("short")


def test_drawings_and_names_run_nothing(attaching: Attaching) -> None:
    """A drawing of lines is a text; a name is a name."""
    chat = attaching.chat
    name = "<img src=x onerror=document.title='hacked'>.txt"
    chat.open(model="echo")
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=1"><circle r="9"/></svg>'
    attaching.choose({"name": "plan.svg", "mimeType": "image/svg+xml", "buffer": drawing}, a_text(name))
    expect(attaching.attached).to_have_count(2)
    attaching.wait()
    expect(attaching.attached.locator("img")).to_have_count(0)
    chat.say("Harmless")
    files = chat.questions.last.get_by_role("listitem")
    expect(files).to_have_count(2)
    expect(files.locator("img")).to_have_count(0)
    expect(files.last).to_contain_text("onerror=document.title")
    files.first.get_by_role("button").click()
    expect(chat.page.get_by_role("dialog").locator("pre")).to_contain_text("<circle")
    assert "hacked" not in chat.page.title()


def test_phone_offers_its_camera(korean_phone: ChatPage) -> None:
    """And everything is said in Korean, within the width of the screen."""
    attaching = Attaching(korean_phone)
    page = korean_phone.page
    page.on("filechooser", _intercept)
    korean_phone.open(model="echo")
    page.get_by_role("button", name="첨부", exact=True).tap()
    expect(page.get_by_role("menuitem")).to_have_text(["이미지", "사진 찍기", "텍스트 파일"])
    with page.expect_file_chooser() as choosing:
        page.get_by_role("menuitem", name="사진 찍기").tap()
    camera = choosing.value.element
    assert camera.get_attribute("capture") == "environment"
    choosing.value.set_files([a_picture("20261127_001.png")])
    attaching.attach(*(a_text(f"회의록 {number}.txt") for number in range(1, 5)))
    expect(attaching.attached).to_have_count(5)
    expect(page.get_by_role("button", name="회의록 4.txt 빼기")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    settled(page)
    assert violations(page) == []
