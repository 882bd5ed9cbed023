"""What an answer holds beside its words, and what one takes from it."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, Route, expect

from support.axe import settled, violations
from support.chat_page import ChatPage
from support.live_server import LiveServer
from support.until import until

TABLE = "| name | sum |\n| --- | ---: |\n| **oak** | =1+1 |\n| pine, red | -5 |"
CLIPBOARD = "() => navigator.clipboard.readText()"
CLIPBOARD_HTML = """async () => {
    const [item] = await navigator.clipboard.read();
    return (await item.getType("text/html")).text();
}"""


@pytest.fixture
def clipboard(page: Page) -> None:
    """The test may look at what was copied."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])


def _more(chat: ChatPage, item: str) -> None:
    chat.answers.last.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name=item).click()


def _post(server: LiveServer, path: str, body: dict[str, Any]) -> Any:
    request = Request(server.url + path, json.dumps(body).encode(), {"content-type": "application/json"})
    with urlopen(request) as answer:
        return json.load(answer)


def test_code_is_downloaded_under_its_language(chat: ChatPage) -> None:
    """The file has the ending that its language uses."""
    chat.open(model="echo")
    chat.ask("```python\nprint('hi')\n```")
    with chat.page.expect_download() as coming:
        chat.last_answer.get_by_role("button", name="Download code").click()
    assert coming.value.suggested_filename == "code.py"
    assert Path(coming.value.path()).read_text(encoding="utf-8") == "print('hi')\n"


@pytest.mark.usefixtures("clipboard")
def test_table_is_copied_for_a_spreadsheet_and_as_written(chat: ChatPage) -> None:
    """A formula of a model is no formula in somebody's sheet."""
    chat.open(model="echo")
    chat.ask(f"Look:\n\n{TABLE}\n\nThat is all.")
    copied = f"async (lines) => (await ({CLIPBOARD})()).trim().split(/\\r?\\n/).join('|') === lines.join('|')"
    chat.last_answer.get_by_role("button", name="Copy as CSV").click()
    until(chat.page, copied, ["name,sum", "oak,'=1+1", '"pine, red",-5'])
    chat.last_answer.get_by_role("button", name="Copy as Markdown").click()
    until(chat.page, copied, TABLE.splitlines())


@pytest.mark.usefixtures("clipboard")
def test_answer_is_copied_with_and_without_markup(chat: ChatPage) -> None:
    """For notes, and for a letter."""
    chat.open(model="echo")
    chat.ask("A **bold** word\n\n- and `code`")
    _more(chat, "Copy as plain text")
    until(chat.page, f"async () => (await ({CLIPBOARD})()) === 'A bold word\\n\\n- and code'")
    _more(chat, "Copy as Markdown")
    until(chat.page, f"async () => (await ({CLIPBOARD})()).startsWith('A **bold** word')")


def test_answer_is_shown_as_it_was_written(chat: ChatPage) -> None:
    """And formatted again."""
    chat.open(model="echo")
    chat.ask("A **bold** word")
    expect(chat.answers.last.locator("strong")).to_have_text("bold")
    _more(chat, "Show as written")
    expect(chat.answers.last.get_by_text("A **bold** word")).to_be_visible()
    _more(chat, "Show formatted")
    expect(chat.answers.last.locator("strong")).to_have_text("bold")


@pytest.mark.usefixtures("clipboard")
def test_formulas_are_copied_as_they_were_written(chat: ChatPage) -> None:
    """Also when half of one is selected, and the lines around it stay lines."""
    chat.open(model="echo")
    chat.ask("Euler:\n\n$$e^{i\\pi}=-1$$\n\nand $a^2 < b$ too.\n\nIt costs $5 or $10.")
    expect(chat.last_answer.locator(".katex")).to_have_count(2)
    expect(chat.last_answer.locator(".katex-display")).to_have_count(1)
    chat.last_answer.evaluate("(answer) => getSelection().selectAllChildren(answer)")
    chat.page.keyboard.press("Control+c")
    copied = [line for line in chat.page.evaluate(CLIPBOARD).splitlines() if line]
    assert copied == ["Euler:", "$$e^{i\\pi}=-1$$", "and $a^2 < b$ too.", "It costs $5 or $10."]
    chat.last_answer.evaluate(
        """(answer) => {
            const [inside] = [...answer.querySelectorAll(".katex-html .mord")].slice(-1);
            getSelection().setBaseAndExtent(inside, 0, answer.lastElementChild, 0);
        }"""
    )
    seen = "() => [getSelection().anchorNode.parentElement.closest('.katex') !== null, getSelection().toString()]"
    selected = chat.page.evaluate(seen)
    chat.page.keyboard.press("Control+c")
    assert chat.page.evaluate(CLIPBOARD).startswith("$a^2 < b$ too.")
    assert chat.page.evaluate(seen) == selected


@pytest.mark.usefixtures("clipboard")
def test_formulas_are_copied_among_marks_and_tables(chat: ChatPage) -> None:
    """Where text with marks is pasted, it has them; and nothing that only the page needs."""
    chat.open(model="echo")
    chat.ask("A **bold** $x$.\n\n| name | sum |\n| --- | --- |\n| oak | $a < b$ |")
    expect(chat.last_answer.locator(".katex")).to_have_count(2)
    chat.last_answer.evaluate("(answer) => getSelection().selectAllChildren(answer)")
    chat.page.keyboard.press("Control+c")
    html = chat.page.evaluate(CLIPBOARD_HTML)
    assert "A <strong>bold</strong> $x$." in html
    assert "<td>oak</td>" in html
    assert "<td>$a &lt; b$</td>" in html
    assert "button" not in html
    chat.last_answer.locator("tbody").evaluate("(rows) => getSelection().selectAllChildren(rows)")
    chat.page.keyboard.press("Control+c")
    assert re.search(r"<table>.*<td>oak</td>", chat.page.evaluate(CLIPBOARD_HTML), re.DOTALL)


def test_details_outlive_a_reload(chat: ChatPage) -> None:
    """Model, time, tokens, speed and the wait for the first word."""
    chat.open(model="slow")
    chat.ask("Count for the record")
    chat.page.reload()
    chat.answers.last.get_by_role("button", name="Details").click()
    details = chat.page.get_by_role("dialog", name="Details")
    expect(details).to_contain_text("slow")
    expect(details).to_contain_text("120 written")
    expect(details).to_contain_text(re.compile(r"Speed\s*\d+(\.\d)? tokens a second"))
    expect(details).to_contain_text(re.compile(r"Until the first word\s*\d+(\.\d)? s"))
    assert violations(chat.page) == []


def test_it_says_how_long_it_thought(chat: ChatPage) -> None:
    """While it thinks, and afterwards, also after a reload."""
    chat.open(model="musing")
    chat.say("Take your time")
    expect(chat.page.get_by_text("Thinking…")).to_be_visible()
    chat.wait_until_answered()
    expect(chat.page.get_by_text(re.compile(r"Thought for \d+ s"))).to_be_visible()
    chat.page.reload()
    chat.page.get_by_text(re.compile(r"Thought for \d+ s")).click()
    expect(chat.answers.last.get_by_text("so I say it back")).to_be_visible()


def test_tool_call_is_a_card_with_its_result(chat: ChatPage, server: LiveServer) -> None:
    """One line tells the name and what became of it; opened, it shows what went in and out."""
    call = {"call_id": "call_1", "type": "function_call", "name": "weather", "arguments": '{"city":"Seoul"}'}
    output = {"call_id": "call_1", "type": "function_call_output", "output": '{"sky":"clear"}'}
    question = {"type": "message", "role": "user", "content": "How is the weather?"}
    made = _post(server, "/v1/conversations", {"items": [question, call, output]})
    chat.open(f"/c/{made['id']}")
    card = chat.page.locator("details", has_text="weather")
    expect(card).to_have_count(1)
    expect(card).to_contain_text("answered")
    card.locator("summary").click()
    expect(card.locator("pre").first).to_have_text(re.compile(r'"city": "Seoul"'))
    expect(card.locator("pre").last).to_have_text(re.compile(r'"sky": "clear"'))
    settled(chat.page)
    assert violations(chat.page) == []


def test_sources_are_chips_with_their_hosts(chat: ChatPage) -> None:
    """One sees where it leads before one goes there, and nothing is fetched from there."""

    def cite(route: Route) -> None:
        tree = route.fetch().json()
        part = tree["items"][-1]["content"][0]
        part["annotations"] = [
            {"type": "url_citation", "url": "https://wood.example/oak", "title": "On oak"},
            {"type": "url_citation", "url": "javascript:window.owned=1", "title": "Bad"},
        ]
        route.fulfill(json=tree)

    chat.open(model="echo")
    chat.ask("Where does it come from?")
    chat.page.route("**/tree", cite)
    chat.page.reload()
    sources = chat.page.get_by_role("region", name="Sources")
    link = sources.get_by_role("link", name="1 On oak wood.example")
    expect(link).to_have_attribute("href", "https://wood.example/oak")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(sources.get_by_role("link")).to_have_count(1)
    assert violations(chat.page) == []
