"""Titles that a model writes after the first answer, as they come onto the page."""

from playwright.sync_api import expect

from support.chat_page import ChatPage

TITLE_WITHIN_MS = 90_000  # written after the answers of everybody, and looked for more and more seldom


def test_a_title_comes_after_the_first_answer(chat: ChatPage) -> None:
    """By itself: in the list, above the messages and on the tab; a name that a person gives then stays."""
    chat.open(model="titled")
    chat.ask("Tell me about the wide wooden floor of a hanok")
    heading = chat.page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("0x", timeout=TITLE_WITHIN_MS)
    expect(chat.sidebar.get_by_role("link", name="0x").first).to_be_visible()
    expect(chat.page).to_have_title(heading.inner_text() + " · Maru")
    chat.page.reload()
    expect(heading).to_contain_text("0x")


def test_first_words_stay_where_the_model_is_small(chat: ChatPage) -> None:
    """The house model is not asked for what it cannot do."""
    chat.open()
    chat.ask("What is 7 times 8?")
    chat.page.wait_for_timeout(2_500)
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("What is 7 times 8?")
