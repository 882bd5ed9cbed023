"""Deleting a message with what follows, and thinking again."""

from playwright.sync_api import Locator, expect

from support.axe import violations
from support.chat_page import ChatPage


def _delete(chat: ChatPage, row: Locator) -> None:
    row.hover()
    row.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="Delete, with what follows").click()


def _two_turns(chat: ChatPage) -> None:
    chat.open(model="echo")
    chat.ask("The first thing")
    chat.ask("The second thing")


def test_message_is_deleted_with_what_follows(chat: ChatPage) -> None:
    """It is gone at once, and after a while at the server too."""
    _two_turns(chat)
    with chat.page.expect_response(lambda answer: answer.request.method == "DELETE", timeout=30_000) as told:
        _delete(chat, chat.questions.last)
        expect(chat.questions).to_have_count(1)
        expect(chat.answers).to_have_count(1)
        expect(chat.page.get_by_role("button", name="Undo")).to_be_focused()
    assert told.value.ok
    expect(chat.page.get_by_role("button", name="Undo")).to_have_count(0)
    expect(chat.box).to_be_focused()
    chat.page.reload()
    expect(chat.answers).to_have_count(1)
    expect(chat.questions).to_have_count(1)
    chat.ask("The next thing")
    expect(chat.questions).to_have_count(2)


def test_deletion_can_be_undone(chat: ChatPage) -> None:
    """Everything stands where it was, also after a reload."""
    _two_turns(chat)
    _delete(chat, chat.questions.first)
    expect(chat.questions).to_have_count(0)
    chat.page.get_by_role("button", name="Undo").click()
    expect(chat.questions).to_have_count(2)
    expect(chat.last_answer).to_have_text("The second thing")
    chat.page.reload()
    expect(chat.questions).to_have_count(2)


def test_deleted_version_gives_way_to_the_other_one(chat: ChatPage) -> None:
    """Of two answers the other one is shown, here and after a reload."""
    chat.open(model="echo")
    chat.ask("Say it twice")
    chat.page.get_by_role("button", name="Answer again").click()
    expect(chat.page.get_by_label("Version 2 of 2")).to_be_visible()
    chat.wait_until_answered()
    with chat.page.expect_response(lambda answer: answer.request.method == "POST", timeout=30_000):
        _delete(chat, chat.answers.last)
        expect(chat.page.get_by_label("Version 2 of 2")).to_have_count(0)
        expect(chat.last_answer).to_have_text("Say it twice")
    chat.page.reload()
    expect(chat.last_answer).to_have_text("Say it twice")


def test_question_without_its_answer_can_be_asked_again(chat: ChatPage) -> None:
    """The page says that there is no answer, and one press asks for one."""
    chat.open(model="echo")
    chat.ask("Once more, please")
    _delete(chat, chat.answers.last)
    expect(chat.page.get_by_text("There is no answer to this.")).to_be_visible()
    assert violations(chat.page) == []
    chat.page.reload()
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.last_answer).to_have_text("Once more, please")


def test_leaving_the_page_makes_a_deletion_final(chat: ChatPage) -> None:
    """What was deleted does not come back because its page was left."""
    _two_turns(chat)
    _delete(chat, chat.questions.last)
    expect(chat.questions).to_have_count(1)
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
