"""Messages that are written while an answer runs: they wait, can be changed and taken back, and go one by one."""

from playwright.sync_api import Locator, expect

from support.chat_page import ANSWERED_WITHIN_MS, ChatPage
from support.scripted_models import WORDS_OF_BRIEF
from support.until import until


def _waiting(chat: ChatPage) -> Locator:
    return chat.page.get_by_role("region", name="Waiting to be sent")


def _say_later(chat: ChatPage, words: str) -> None:
    chat.box.fill(words)
    chat.box.press("Enter")
    expect(_waiting(chat).get_by_role("listitem").last).to_contain_text(words)
    expect(chat.box).to_have_value("")


def _begin(chat: ChatPage) -> None:
    """A long answer runs; what comes after it is answered in few words."""
    chat.open(model="steady")
    chat.say("Count first")
    chat.wait_for_words(3)
    chat.page.get_by_role("button", name="Model: steady").click()
    chat.page.get_by_role("menuitemradio", name="brief").click()


def test_messages_wait_for_the_answer_and_go_in_order(chat: ChatPage) -> None:
    """Nobody has to sit and watch for the moment when the box opens again."""
    _begin(chat)
    _say_later(chat, "Count second")
    chat.box.fill("Count third")
    chat.page.get_by_role("button", name="Send when the answer is complete").click()
    expect(_waiting(chat).get_by_role("listitem")).to_have_count(2)
    expect(chat.questions).to_have_count(1)
    expect(chat.answers).to_have_count(3, timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    expect(_waiting(chat)).to_have_count(0)
    expect(chat.questions).to_contain_text(["Count first", "Count second", "Count third"])
    assert chat.counted() == list(range(WORDS_OF_BRIEF))


def test_waiting_message_can_be_changed_and_taken_back(chat: ChatPage) -> None:
    """It has not been said yet."""
    _begin(chat)
    _say_later(chat, "Count wrongly")
    _say_later(chat, "Never mind")
    _waiting(chat).get_by_role("button", name="Do not send “Never mind”").click()
    _waiting(chat).get_by_role("button", name="Edit “Count wrongly”").click()
    editor = _waiting(chat).get_by_label("Edit the waiting message")
    expect(editor).to_be_focused()
    editor.fill("Count rightly")
    editor.press("Control+Enter")
    expect(_waiting(chat).get_by_role("button", name="Edit “Count rightly”")).to_be_focused()
    expect(chat.questions).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    expect(chat.questions.last).to_contain_text("Count rightly")
    expect(_waiting(chat)).to_have_count(0)


def test_waiting_message_outlives_a_reload(chat: ChatPage) -> None:
    """The answer goes on at the server, and so does what is to follow it."""
    _begin(chat)
    _say_later(chat, "Count after the reload")
    chat.page.reload()
    expect(_waiting(chat).get_by_role("listitem")).to_contain_text("Count after the reload")
    expect(chat.questions).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    expect(chat.questions.last).to_contain_text("Count after the reload")
    chat.wait_until_answered()
    chat.page.reload()
    expect(chat.questions).to_have_count(2)


def test_stopping_holds_what_waits(chat: ChatPage) -> None:
    """Who stops an answer may want to say something else now."""
    _begin(chat)
    _say_later(chat, "Count on command")
    chat.page.keyboard.press("Escape")
    expect(_waiting(chat)).to_contain_text("Not sent, because the answer did not finish")
    expect(chat.questions).to_have_count(1)
    _waiting(chat).get_by_role("button", name="Send now").click()
    expect(chat.questions.last).to_contain_text("Count on command")
    expect(_waiting(chat)).to_have_count(0)


def test_message_goes_also_when_another_conversation_is_open(chat: ChatPage) -> None:
    """It belongs to its conversation, not to what is on the screen."""
    _begin(chat)
    _say_later(chat, "Count behind the scenes")
    address = chat.page.url
    chat.page.keyboard.press("Control+Shift+O")
    expect(_waiting(chat)).to_have_count(0)
    until(
        chat.page,
        """async (id) => {
            const { items } = await (await fetch(`/v1/conversations/${id}/tree`)).json();
            return items.filter(({ role }) => role === "user").length === 2;
        }""",
        address.rpartition("/")[2],
    )
    chat.page.goto(address)
    expect(chat.questions).to_have_count(2)
    expect(chat.questions.last).to_contain_text("Count behind the scenes")


def test_a_duplicated_tab_sends_nothing_twice(chat: ChatPage) -> None:
    """The browser copies a tab's notes with it; the first one keeps what waits."""
    _begin(chat)
    _say_later(chat, "Count once")
    with chat.page.expect_popup() as opening:
        chat.page.evaluate("() => { window.open(location.href) }")
    other = ChatPage(opening.value, chat.url)
    expect(other.questions.first).to_contain_text("Count first")
    expect(_waiting(other)).to_have_count(0)
    expect(chat.questions).to_have_count(2, timeout=ANSWERED_WITHIN_MS)
    chat.wait_until_answered()
    other.page.reload()
    expect(other.questions).to_have_count(2)
    expect(other.questions.last).to_contain_text("Count once")


def test_what_waits_goes_when_the_models_are_known_late(chat: ChatPage) -> None:
    """A slow list of models is no reason to ask the person again."""
    _begin(chat)
    _say_later(chat, "Count late")
    chat.stop_button.click()
    _waiting(chat).get_by_role("button", name="Send now").wait_for()
    chat.page.route("**/v1/models", lambda _: None)
    chat.page.evaluate(
        "() => { const kept = JSON.parse(sessionStorage['maru.waiting']);"
        " for (const one of Object.values(kept)) one.isHeld = false;"
        " sessionStorage['maru.waiting'] = JSON.stringify(kept); }"
    )
    chat.page.reload()
    expect(chat.questions).to_have_count(1)
    expect(_waiting(chat)).to_contain_text("Count late")
    chat.page.unroute("**/v1/models")  # what was held goes on
    expect(chat.questions).to_have_count(2)
    expect(chat.questions.last).to_contain_text("Count late")
    chat.wait_until_answered()
