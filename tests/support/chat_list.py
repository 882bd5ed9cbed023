"""The list of chats on the page, and conversations that are there without having been written on it."""

import json
from urllib.request import Request, urlopen

from playwright.sync_api import Locator

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
    with urlopen(f"{server.url}/v1/conversations?limit=100") as answer:
        return any(one["id"] == conversation for one in json.load(answer)["data"])


def choose(chat: ChatPage, title: str, item: str) -> None:
    """Something of the menu of a conversation, by keyboard."""
    link(chat, title).focus()
    chat.page.keyboard.press("Tab")
    chat.page.keyboard.press("Enter")
    chat.page.get_by_role("menuitem", name=item, exact=True).press("Enter")


def link(chat: ChatPage, title: str) -> Locator:
    """The row of a conversation in the list."""
    return chat.sidebar.get_by_role("link", name=title, exact=True)
