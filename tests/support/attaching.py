"""What a person does to attach files to a message: chooses, pastes and drops them; and what the browser then sends."""

import base64
import io
import json
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, Request, expect

from support.chat_page import ChatPage

UPLOADED_WITHIN_MS = 60_000

# A transfer as the browser makes it of a drag or of a copied file.
_TRANSFER = """
(files) => {
  const transfer = new DataTransfer();
  for (const { name, mimeType, base64 } of files) {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: mimeType }));
  }
  return transfer;
}
"""


def picture(color: str = "teal", size: tuple[int, int] = (640, 480), kind: str = "PNG", **how: Any) -> bytes:
    """An image file of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", size, color).save(buffer, kind, **how)
    return buffer.getvalue()


def a_picture(name: str = "floor.png", color: str = "teal") -> FilePayload:
    """A small picture under this name."""
    return {"name": name, "mimeType": "image/png", "buffer": picture(color)}


def a_text(name: str = "notes.txt", words: str = "The floor has two planks.\n") -> FilePayload:
    """A text file under this name."""
    return {"name": name, "mimeType": "text/plain", "buffer": words.encode()}


@dataclass(frozen=True, slots=True)
class Attaching:
    """The part of the page that is about files of the message that is being written."""

    chat: ChatPage

    @property
    def page(self) -> Page:
        """The tab."""
        return self.chat.page

    @property
    def attached(self) -> Locator:
        """What goes with the message, in order."""
        box = self.page.locator("form").filter(has=self.chat.box)
        return box.get_by_role("list", name=re.compile("^(Attached|첨부한 파일)$")).get_by_role("listitem")

    @property
    def refused(self) -> Locator:
        """What was not taken, and why."""
        return self.page.get_by_role("alert", name=re.compile("^(Not attached|첨부하지 못한 파일)$"))

    @property
    def target(self) -> Locator:
        """Shows while files are over the page."""
        return self.page.locator("[data-drop-target]")

    def choose(self, *files: FilePayload, sort: str = "texts") -> None:
        """Give files to one of the choices of the menu, as the browser's own dialog does."""
        self.page.locator(f"input[data-attach={sort}]").set_input_files(list(files))

    def attach(self, *files: FilePayload) -> None:
        """Choose files and wait until the server has them."""
        before = self.attached.count()
        self.choose(*files)
        expect(self.attached).to_have_count(before + len(files))
        self.wait()

    def wait(self) -> None:
        """Until everything is uploaded."""
        expect(self.page.get_by_role("progressbar")).to_have_count(0, timeout=UPLOADED_WITHIN_MS)

    def drag(self, kind: str, files: Sequence[FilePayload], on: str = "main") -> None:
        """One event of a drag from the desktop."""
        transfer = self.page.evaluate_handle(_TRANSFER, _sent(files))
        self.page.dispatch_event(on, kind, {"dataTransfer": transfer, "bubbles": True, "cancelable": True})

    def paste_files(self, *files: FilePayload, into: str = "#composer") -> None:
        """Files that were copied in a file manager; no script may put such into the real clipboard."""
        self.page.evaluate(
            f"""([files, into]) => {{
              const clipboardData = ({_TRANSFER})(files);
              const event = new ClipboardEvent("paste", {{ clipboardData, bubbles: true, cancelable: true }});
              document.querySelector(into).dispatchEvent(event);
            }}""",
            [_sent(files), into],
        )

    def copy_picture(self, content: bytes) -> None:
        """As a screenshot program does: into the real clipboard."""
        self._may_copy()
        self.page.evaluate(
            """async (base64) => {
              const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
              const blob = new Blob([bytes], { type: "image/png" });
              await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
            }""",
            base64.b64encode(content).decode(),
        )

    def copy_text(self, words: str) -> None:
        """Into the real clipboard."""
        self._may_copy()
        self.page.evaluate("(words) => navigator.clipboard.writeText(words)", words)

    def _may_copy(self) -> None:
        self.page.context.grant_permissions(["clipboard-read", "clipboard-write"])


def _sent(files: Iterable[FilePayload]) -> list[dict[str, str]]:
    return [
        {"name": one["name"], "mimeType": one["mimeType"], "base64": base64.b64encode(one["buffer"]).decode()}
        for one in files
    ]


# The browser tells nobody else what is in a form with files.
_WATCH_FORMS = """
  window.uploaded = [];
  const set = FormData.prototype.set;
  FormData.prototype.set = function (field, value, name) {
    if (value instanceof Blob) window.uploaded.push({ name, value });
    return name === undefined ? set.call(this, field, value) : set.call(this, field, value, name);
  };
"""
_UPLOADED = """
  () => Promise.all(window.uploaded.map(async ({ value }) => {
    const bytes = new Uint8Array(await value.arrayBuffer());
    return btoa(Array.from(bytes, (one) => String.fromCharCode(one)).join(""));
  }))
"""


@dataclass  # no slots: Playwright keeps notes on the object whose methods it calls
class Uploads:
    """What the browser sent to the server since the page was loaded, and what it took back."""

    page: Page
    deleted: list[str] = field(default_factory=list[str])

    def __post_init__(self) -> None:
        """Watch from the next load on."""
        self.page.add_init_script(_WATCH_FORMS)
        self.page.on("request", self._on_request)

    @property
    def names(self) -> list[str]:
        """In order."""
        names: list[str] = self.page.evaluate("window.uploaded.map(({ name }) => name)")
        return names

    @property
    def files(self) -> list[bytes]:
        """In order."""
        return [base64.b64decode(one) for one in self.page.evaluate(_UPLOADED)]

    def wait_for_deleted(self, count: int) -> None:
        """Until so many were taken back, and no more."""
        deadline = time.monotonic() + UPLOADED_WITHIN_MS / 1000
        while len(self.deleted) < count:
            assert time.monotonic() < deadline
            self.page.wait_for_timeout(50)
        assert len(self.deleted) == count

    def _on_request(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if request.method == "DELETE" and asked.path == "/v1/files":
            self.deleted += parse_qs(asked.query)["id"]


@dataclass  # no slots, as above
class Creates:
    """Every question that a page sends on its socket."""

    contents: list[list[dict[str, Any]]] = field(default_factory=list[list[dict[str, Any]]])

    def listen(self, page: Page) -> None:
        """From the next socket on."""
        page.on("websocket", lambda socket: socket.on("framesent", self._take))

    def _take(self, payload: str | bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "response.create":
            self.contents.append(frame["input"][-1]["content"] if frame["input"] else [])
