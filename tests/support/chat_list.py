"""The list of chats on the page, and conversations that are there without having been written on it."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, expect

from support.chat_page import ChatPage
from support.live_server import LiveServer


def begin(server: LiveServer, title: str) -> str:
    """A conversation of this title; its id."""
    body = json.dumps({"maru:title": title, "items": [{"type": "message", "role": "user", "content": title}]})
    asked = Request(f"{server.url}/v1/conversations", body.encode(), {"content-type": "application/json"})
    with urlopen(asked) as answer:
        return str(json.load(answer)["id"])


def is_there(server: LiveServer, conversation: str) -> bool:
    """Whether the server still has it."""
    try:
        urlopen(f"{server.url}/v1/conversations/{conversation}").close()
    except HTTPError as error:
        assert error.code == 404  # noqa: PT017 (any other refusal tells nothing)
        return False
    return True


def choose(chat: ChatPage, title: str, item: str) -> None:
    """Something of the menu of a conversation, by keyboard."""
    open_menu(chat, title)
    chat.page.get_by_role("menuitem", name=item, exact=True).press("Enter")


def open_menu(chat: ChatPage, title: str) -> None:
    """The menu of a conversation, by keyboard."""
    link(chat, title).focus()
    chat.page.keyboard.press("Tab")
    expect(chat.sidebar.get_by_role("button", name=f"Options for {title}", exact=True)).to_be_focused()
    chat.page.keyboard.press("Enter")


def link(chat: ChatPage, title: str) -> Locator:
    """The row of a conversation in the list."""
    return chat.sidebar.get_by_role("link", name=title, exact=True)
