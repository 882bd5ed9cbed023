"""All versions of a chat in one list, by mouse and by keyboard."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from support.axe import settled, violations
from support.browser_watch import Watch
from support.chat_page import ChatPage


def _forked(chat: ChatPage) -> None:
    """Two wordings of the second question; the second one is shown."""
    chat.open(model="echo")
    chat.ask("The trunk")
    chat.ask("The left branch")
    chat.box.press("ArrowUp")
    editor = chat.page.get_by_label("Edit your message")
    editor.fill("The right branch")
    editor.press("Control+Enter")
    expect(chat.last_answer).to_have_text("The right branch")
    chat.wait_until_answered()


def _open_map(chat: ChatPage) -> None:
    chat.answers.last.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="Map of all versions").click()


def test_map_leads_to_a_message_of_another_branch(chat: ChatPage) -> None:
    """The branch that is shown stands out; Enter goes to the message that the arrows chose."""
    _forked(chat)
    _open_map(chat)
    tree = chat.page.get_by_role("tree", name="All versions of this chat")
    rows = tree.get_by_role("treeitem")
    expect(rows).to_have_count(6)
    expect(tree.get_by_role("treeitem", selected=True)).to_have_count(4)
    settled(chat.page)
    assert violations(chat.page) == []
    rows.last.focus()
    for key in ("ArrowLeft", "ArrowDown", "ArrowDown"):
        chat.page.keyboard.press(key)
    expect(rows.nth(3)).to_be_focused()
    expect(rows.nth(3)).to_contain_text("The left branch")
    with chat.saving():
        chat.page.keyboard.press("Enter")
    expect(tree).to_have_count(0)
    expect(chat.last_answer).to_have_text("The left branch")
    chat.page.reload()
    expect(chat.last_answer).to_have_text("The left branch")


def test_chat_with_one_branch_has_no_map(chat: ChatPage) -> None:
    """There is nothing to choose."""
    chat.open(model="echo")
    chat.ask("Only this")
    chat.answers.last.get_by_role("button", name="More").click()
    expect(chat.page.get_by_role("menuitem", name="Copy as plain text")).to_be_visible()
    expect(chat.page.get_by_role("menuitem", name="Map of all versions")).to_have_count(0)


def test_a_chat_branches_off_into_a_new_one(chat: ChatPage) -> None:
    """It begins with what was said so far, under a name of its own, and the old one stays as it was."""
    _forked(chat)
    old = chat.page.url
    chat.answers.first.hover()
    chat.answers.first.get_by_role("button", name="More").click()
    chat.page.get_by_role("menuitem", name="New chat from here").click()
    expect(chat.page).not_to_have_url(old)
    expect(chat.questions).to_contain_text(["The trunk"])
    expect(chat.page.get_by_role("status").filter(has_text="new chat with what was said")).to_be_attached()
    assert chat.ask("Another way") == "Another way"
    chat.page.reload()
    expect(chat.questions).to_contain_text(["The trunk", "Another way"])
    chat.open(urlsplit(old).path)
    expect(chat.questions).to_contain_text(["The trunk", "The right branch"])


def test_a_refused_branch_is_told(chat: ChatPage, watch: Watch) -> None:
    """And one can try again."""
    watch.is_network_cut = True
    chat.open(model="echo")
    chat.ask("Only this")
    chat.page.route("**/fork", lambda route: route.abort())
    for _ in range(2):
        chat.answers.last.get_by_role("button", name="More").click()
        chat.page.get_by_role("menuitem", name="New chat from here").click()
        expect(chat.page.get_by_role("alert")).to_contain_text("The new chat could not be made.")
