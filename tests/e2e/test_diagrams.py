"""Drawings in an answer: drawn when they are finished, in no case able to act or to ask another host."""

import re
from urllib.parse import unquote

import pytest
from playwright.sync_api import Locator, expect

from support.axe import settled, violations
from support.chat_page import ChatPage

GRAPH = "graph TD\n  A[Maru] --> B{Floor?}\n  B -->|yes| C[Sit]\n  B -->|no| D[Stand]"
HOSTILE = {
    "image in a label": 'graph TD\n  A["<img src=https://evil.example/a.png onerror=window.owned=1>"] --> B',
    "markdown image": 'graph TD\n  A["`![x](https://evil.example/m.png)`"] --> B',
    "image shape": 'graph TD\n  A@{ img: "https://evil.example/s.png", label: "x" } --> B',
    "theme styles": "%%{init: {'themeCSS': '* { background: url(https://evil.example/c) }'}}%%\ngraph TD\n  A --> B",
    "front matter": "---\nconfig:\n  htmlLabels: true\n  flowchart:\n    htmlLabels: true\n---\n"
    "graph TD\n  A[<b>x</b>] --> B",
    "loose level": "%%{init: {'securityLevel': 'loose'}}%%\ngraph TD\n  A --> B\n  click A call alert(1)",
    "script link": 'graph TD\n  A --> B\n  click A href "javascript:window.owned=1"',
    "font": "%%{init: {'fontFamily': 'x; src: url(https://evil.example/f)'}}%%\ngraph TD\n  A --> B",
    "class style": "graph TD\n  A:::c --> B\n  classDef c fill:red,background:url(https://evil.example/d)",
    "theme variables": "%%{init: {'theme':'base','themeVariables':{'primaryColor':'url(https://evil.example/v)'}}}%%\n"
    "graph TD\n  A --> B",
    "icon": "graph TD\n  A[fa:fa-car https://evil.example/i] --> B",
    "architecture icon": "architecture-beta\n  service a(https://evil.example/x)[A]",
}


def _fence(code: str) -> str:
    return f"```mermaid\n{code}\n```"


def _diagram(chat: ChatPage) -> Locator:
    return chat.last_answer.locator("figure img")


def test_diagram_is_drawn_in_the_colours_of_the_theme(chat: ChatPage) -> None:
    """Its source is one press away, and a switch of the theme draws it anew."""
    chat.page.emulate_media(color_scheme="light")
    chat.open(model="echo")
    chat.ask(f"Look:\n\n{_fence(GRAPH)}\n\nSo.")
    expect(_diagram(chat)).to_be_visible(timeout=30_000)
    assert _diagram(chat).evaluate("(e) => e.naturalWidth > 50 && e.naturalHeight > 50")
    settled(chat.page)
    assert violations(chat.page) == []
    light = _diagram(chat).get_attribute("src")
    chat.page.emulate_media(color_scheme="dark")
    chat.page.wait_for_function("(light) => document.querySelector('figure img').src !== light", arg=light)
    chat.page.get_by_role("button", name="Show the source").click()
    expect(chat.last_answer.locator("pre")).to_contain_text("A[Maru] --> B{Floor?}")
    chat.page.get_by_role("button", name="Show the diagram").click()
    expect(_diagram(chat)).to_be_visible()


def test_words_of_a_diagram_have_their_boxes(chat: ChatPage) -> None:
    """A rule of the page's that meets a class of mermaid's would let it measure words as nothing."""
    chat.open(model="echo")
    chat.ask(_fence(GRAPH))
    expect(_diagram(chat)).to_be_visible(timeout=30_000)
    drawing = unquote(_diagram(chat).get_attribute("src") or "")
    heights = re.findall(r'class="basic label-container"[^>]* height="([\d.]+)"', drawing)
    assert len(heights) == 3
    assert min(map(float, heights)) > 24 + 10, "what is around the words, and a line of them"


def test_what_is_no_diagram_is_shown_as_code(chat: ChatPage) -> None:
    """Nothing of what the model wrote is lost by a mistake in it."""
    chat.open(model="echo")
    chat.ask(_fence("graph TD\n  A --> --> ((("))
    expect(chat.last_answer.locator("pre")).to_contain_text("A --> --> (((")
    chat.page.wait_for_timeout(1_500)
    expect(_diagram(chat)).to_have_count(0)
    expect(chat.page.locator("body > [id^=ddiagram]")).to_have_count(0)


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_diagrams_do_nothing(chat: ChatPage, kind: str) -> None:
    """The `watch` behind `chat` fails the test on any foreign request and on any complaint of the browser."""
    chat.open(model="echo")
    chat.say(f"{_fence(HOSTILE[kind])}\n\n{_fence(GRAPH)}\n\nthe end of {kind}")
    expect(chat.last_answer).to_contain_text(f"the end of {kind}")
    chat.wait_until_answered()
    expect(_diagram(chat).last).to_be_visible(timeout=30_000)
    assert chat.page.evaluate("() => window.owned === undefined")
    expect(chat.page.locator("main svg image, main foreignObject, main iframe, main [onerror]")).to_have_count(0)
    sources = _diagram(chat).evaluate_all("(all) => all.map((one) => decodeURIComponent(one.src))")
    assert all(source.startswith("data:image/svg+xml") for source in sources)
    assert not any("<image" in source or "url(https" in source for source in sources)
