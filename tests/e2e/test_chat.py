"""A conversation in the browser, on the real server: what a person does and sees."""

import re

import pytest
from playwright.sync_api import Page, expect

from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.live_server import LiveServer
from support.scripted_models import WORDS_OF_SLOW, WORDS_OF_STEADY


def test_it_remembers_a_name_told_earlier(chat: ChatPage) -> None:
    """The first thing that a newcomer tries."""
    chat.open()
    chat.ask("My name is Jihoon.")
    assert "Jihoon" in chat.ask("What is my name?")


def test_it_remembers_a_name_in_korean(korean_phone: ChatPage) -> None:
    """The same in Korean, on a phone, where Enter makes a new line and the button sends."""
    korean_phone.open()
    for words in ("내 이름은 지훈이야.", "내 이름이 뭐야?"):
        korean_phone.box.fill(words)
        korean_phone.send_button.click()
        expect(korean_phone.questions.last).to_contain_text(words)
        korean_phone.wait_until_answered()
    expect(korean_phone.last_answer).to_contain_text("지훈")


def test_enter_before_the_page_knows_its_models_sends_when_it_does(chat: ChatPage) -> None:
    """Who types quickly need not watch whether the page is ready; also in a chat that is still being read."""
    chat.open(model="echo")
    chat.ask("Are you there?")
    late = re.compile("/v1/models$|/tree$")
    chat.page.route(late, lambda _: None)
    chat.page.reload()
    chat.box.fill("Quick as a fox")
    chat.box.press("Enter")
    expect(chat.page.get_by_role("button", name="Do not send yet")).to_be_visible()
    chat.page.unroute(late)  # what was held goes on
    expect(chat.last_answer).to_have_text("Quick as a fox")
    expect(chat.box).to_have_value("")
    expect(chat.questions).to_have_count(2)


def test_reload_shows_the_conversation_and_its_title(chat: ChatPage) -> None:
    """Nothing lives in the tab alone."""
    chat.open(model="echo")
    answer = chat.ask("The maru creaks in winter")
    expect(chat.sidebar.get_by_role("link", name="The maru creaks in winter")).to_be_visible()
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    expect(chat.last_answer).to_have_text(answer)
    expect(chat.page.get_by_role("heading", level=1)).to_have_text("The maru creaks in winter")


def test_stopped_half_answer_is_kept(chat: ChatPage) -> None:
    """Stopping keeps the words that were read already, also after a reload."""
    chat.open(model="steady")
    chat.say("Count for me")
    chat.wait_for_words(10)
    chat.stop_button.click()
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible()
    words = chat.counted()
    assert 10 <= len(words) < WORDS_OF_STEADY
    chat.page.reload()
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible()
    assert chat.counted() == words


def test_escape_stops(chat: ChatPage) -> None:
    """The hand need not leave the keyboard."""
    chat.open(model="steady")
    chat.say("Count until I press Escape")
    chat.wait_for_words(3)
    chat.page.keyboard.press("Escape")
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible()
    expect(chat.box).to_be_focused()


def test_reload_in_the_middle_of_an_answer_goes_on_live(chat: ChatPage) -> None:
    """The answer belongs to the server; the tab only watches it."""
    chat.open(model="steady")
    chat.say("Count while I reload")
    chat.wait_for_words(15)
    chat.page.reload()
    expect(chat.stop_button).to_be_visible()
    chat.wait_until_answered()
    assert chat.counted() == list(range(WORDS_OF_STEADY))


def test_leaving_the_chat_does_not_stop_it(chat: ChatPage) -> None:
    """A dot tells that it is being answered, then that the answer is new; coming back shows all of it."""
    chat.open(model="steady")
    chat.say("Count behind my back")
    chat.wait_for_words(3)
    chat.page.keyboard.press("Control+Shift+O")
    expect(chat.questions).to_have_count(0)
    row = chat.sidebar.get_by_role("link", name=re.compile("Count behind my back|New chat")).first
    expect(row.get_by_label("Answering")).to_be_visible()
    expect(row.get_by_label("New answer")).to_be_visible(timeout=ANSWERED_WITHIN_MS)
    row.click()
    expect(chat.last_answer).to_contain_text(f"{WORDS_OF_STEADY - 1}x")
    assert chat.counted() == list(range(WORDS_OF_STEADY))
    expect(row.get_by_label("New answer")).to_have_count(0)


def test_second_tab_follows_the_same_answer(chat: ChatPage, page: Page, server: LiveServer) -> None:
    """Two tabs of one conversation show the same words."""
    chat.open(model="slow")
    chat.say("Count for two")
    chat.wait_for_words(10)
    other = ChatPage(page.context.new_page(), server.url)
    other.page.goto(chat.page.url)
    other.wait_for_words(20)
    chat.wait_until_answered()
    other.wait_until_answered()
    assert chat.counted() == other.counted() == list(range(WORDS_OF_SLOW))


def test_answer_again_makes_a_second_version(chat: ChatPage) -> None:
    """Nothing is overwritten: the picker goes back to the first answer, and a reload remembers which one is shown."""
    chat.open(model="echo")
    chat.ask("Say it twice")
    chat.page.get_by_role("button", name="Answer again").click()
    expect(chat.page.get_by_label("Version 2 of 2")).to_be_visible()
    chat.wait_until_answered()
    with chat.saving():
        chat.page.get_by_role("button", name="Previous version").click()
    expect(chat.page.get_by_label("Version 1 of 2")).to_be_visible()
    with chat.page.expect_response(lambda answer: answer.request.method == "GET" and answer.url.endswith("/tree")):
        chat.page.reload()
    expect(chat.page.get_by_label("Version 1 of 2")).to_be_visible()


def test_edited_question_makes_a_branch(chat: ChatPage) -> None:
    """The old question and its answer stay reachable."""
    chat.open(model="echo")
    chat.ask("The first wording")
    chat.questions.first.hover()
    chat.page.get_by_role("button", name="Edit", exact=True).click()
    editor = chat.page.get_by_label("Edit your message")
    expect(editor).to_be_focused()
    editor.fill("The second wording")
    editor.press("Control+Enter")
    expect(chat.last_answer).to_have_text("The second wording")
    chat.wait_until_answered()
    chat.questions.first.hover()
    chat.page.get_by_role("button", name="Previous version").click()
    expect(chat.last_answer).to_have_text("The first wording")


def test_an_edit_is_not_lost_when_an_answer_has_begun_meanwhile(chat: ChatPage) -> None:
    """Its words stay until they can go."""
    chat.open(model="echo")
    chat.ask("The first wording")
    chat.box.press("ArrowUp")
    editor = chat.page.get_by_label("Edit your message")
    editor.fill("The second wording")
    chat.page.get_by_role("button", name="Model: ").click()
    chat.page.get_by_role("menuitemradio", name="steady").click()
    chat.box.fill("Count meanwhile")
    chat.box.press("Enter")
    chat.wait_for_words(1)
    editor.press("Control+Enter")
    expect(editor).to_have_value("The second wording")
    chat.stop_button.click()
    expect(chat.page.get_by_text("You stopped this answer.")).to_be_visible()
    editor.press("Control+Enter")
    expect(chat.questions.first).to_contain_text("The second wording")


def test_engine_that_breaks_off_is_told_and_can_be_asked_again(chat: ChatPage) -> None:
    """The words that came stay, what happened is said, and one press tries again."""
    chat.open(model="broken")
    chat.say("one two three four five")
    expect(chat.page.get_by_text("Something went wrong while answering.")).to_be_visible()
    expect(chat.answers.last).to_contain_text("one two three")
    chat.page.get_by_role("button", name="Model: ").click()
    chat.page.get_by_role("menuitemradio", name="echo").click()
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.last_answer).to_have_text("one two three four five")


def test_busy_engine_leaves_the_question_on_the_page(chat: ChatPage) -> None:
    """The person's words are never lost."""
    chat.open(model="busy")
    chat.say("Nobody listens")
    expect(chat.page.get_by_role("button", name="Try again")).to_be_visible()
    chat.page.reload()
    expect(chat.questions.last).to_contain_text("Nobody listens")
    expect(chat.page.get_by_role("button", name="Try again")).to_be_visible()


def test_thinking_is_folded(chat: ChatPage) -> None:
    """The answer is what one reads; the thoughts are there for who asks."""
    chat.open(model="thinker")
    chat.say("Think first")
    expect(chat.answers.last.locator(".prose", has_text="Think first")).to_be_visible()
    thoughts = chat.answers.last.get_by_text("so I say it back")
    expect(thoughts).not_to_be_visible()
    chat.page.get_by_text("Thoughts").click()
    expect(thoughts).to_be_visible()


def test_draft_is_kept_per_conversation(chat: ChatPage) -> None:
    """Half a thought survives a look at another conversation, and a reload."""
    chat.open(model="echo")
    chat.ask("A conversation with a draft")
    chat.box.fill("half a thought")
    chat.page.keyboard.press("Control+Shift+O")
    expect(chat.box).to_have_value("")
    chat.sidebar.get_by_role("link", name="A conversation with a draft").click()
    expect(chat.box).to_have_value("half a thought")
    chat.page.reload()
    expect(chat.box).to_have_value("half a thought")


def test_conversation_can_be_renamed_and_deleted(chat: ChatPage) -> None:
    """A title that was given is kept; a deleted conversation is gone after a reload."""
    chat.open(model="echo")
    chat.ask("A name to be changed")
    row = chat.sidebar.get_by_role("listitem").filter(has_text="A name to be changed")
    row.hover()
    row.get_by_role("button", name="Options for").click()
    chat.page.get_by_role("menuitem", name="Rename").click()
    field = chat.page.get_by_label("Name of the conversation")
    field.fill("A better name")
    with chat.saving():
        field.press("Enter")
    chat.page.reload()
    row = chat.sidebar.get_by_role("listitem").filter(has_text="A better name")
    row.hover()
    row.get_by_role("button", name="Options for").click()
    chat.page.get_by_role("menuitem", name="Delete").click()
    expect(chat.sidebar.get_by_role("link", name="A better name")).to_have_count(0)
    expect(chat.page).to_have_url(re.compile(r"/$"))
    chat.page.reload()
    expect(chat.sidebar.get_by_role("link", name="A better name")).to_have_count(0)


@pytest.mark.parametrize("chip", ["Who are you?", "A capital city"])
def test_suggestion_starts_a_conversation(chat: ChatPage, chip: str) -> None:
    """Somebody who does not know what to say presses a button."""
    chat.open()
    chat.page.get_by_role("button", name=chip).click()
    expect(chat.answers).to_have_count(1, timeout=60_000)
    chat.wait_until_answered()
