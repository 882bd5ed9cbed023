"""What a screen reader is told: the tree of roles and names that the browser makes of the page.

Each snapshot names what must be there in this order; what else is there may change.
"""

from playwright.sync_api import expect

from support.axe import settled, violations
from support.chat_page import ChatPage

NEW_CHAT = """
- link "Skip to the message box"
- complementary "Sidebar":
  - button "Close sidebar"
  - button "New chat"
  - button "Search"
  - navigation "Conversations"
  - button "Settings"
- main:
  - heading [level=1]
  - textbox "Message"
  - 'button "Model: echo"'
  - button "Send" [disabled]
  - list:
    - listitem:
      - button "Who are you?"
  - status
"""
CHAT = """
- complementary "Sidebar":
  - navigation "Conversations":
    - region "Today":
      - heading "Today" [level=2]
      - list:
        - listitem:
          - link "How wide is a plank?"
          - button "Options for How wide is a plank?"
- main:
  - heading "How wide is a plank?" [level=1]
  - region "Messages":
    - article:
      - heading "You said" [level=2]
      - text: How wide is a plank?
      - button "Copy"
      - button "Edit"
    - article:
      - heading "Maru said" [level=2]
      - paragraph: How wide is a plank?
      - button "Copy"
      - button "Good answer"
      - button "Bad answer"
      - button "Answer again"
  - textbox "Message"
  - status: The answer is complete.
"""
CHAT_IN_KOREAN = """
- main:
  - heading "널은 얼마나 넓어?" [level=1]
  - region "메시지":
    - article:
      - heading "내가 한 말" [level=2]
      - text: 널은 얼마나 넓어?
    - article:
      - heading "마루의 답" [level=2]
      - paragraph: 널은 얼마나 넓어?
      - button "좋은 답변"
      - button "나쁜 답변"
  - textbox "메시지"
"""
PALETTE = """
- dialog "Search chats, messages and commands":
  - combobox "Search chats, messages and commands" [expanded]: plank
  - listbox "Found":
    - group "Chats":
      - option /How wide is a plank/ [selected]
    - group "Messages":
      - option /How wide is a plank/
  - status: /Found. \\d+/
"""


def test_a_new_chat(chat: ChatPage) -> None:
    """Landmarks, one heading, a named box, and buttons that say what they do."""
    chat.open(model="echo")
    expect(chat.page.locator("body")).to_match_aria_snapshot(NEW_CHAT)


def test_a_chat_and_the_palette(chat: ChatPage) -> None:
    """Each message is an article under a heading that says whose it is; the end of an answer is told."""
    chat.open(model="echo")
    chat.ask("How wide is a plank?")
    expect(chat.page.locator("body")).to_match_aria_snapshot(CHAT)
    chat.page.keyboard.press("Control+k")
    chat.page.get_by_role("combobox").fill("plank")
    expect(chat.page.locator("body")).to_match_aria_snapshot(PALETTE)


def test_a_chat_in_korean_on_a_phone(korean_phone: ChatPage) -> None:
    """The same, in the reader's language."""
    korean_phone.open(model="echo")
    korean_phone.box.fill("널은 얼마나 넓어?")
    korean_phone.send_button.click()  # Enter begins a line on a phone
    expect(korean_phone.last_answer).to_be_visible()
    korean_phone.wait_until_answered()
    expect(korean_phone.page.locator("body")).to_match_aria_snapshot(CHAT_IN_KOREAN)


def test_headings_of_an_answer_stand_below_whose_it_is(chat: ChatPage) -> None:
    """Whatever level the model begins with; what looks large stays large."""
    chat.open(model="echo")
    chat.ask("## Planks\n\none\n\n### Oak\n\ntwo\n\n```sh\n# no heading\n```")
    answer = chat.answers.last
    for name, level in (("Planks", "3"), ("Oak", "4")):
        expect(answer.get_by_role("heading", name=name, exact=True)).to_have_attribute("aria-level", level)
    assert answer.locator("h2", has_text="Planks").count() == 1
    settled(chat.page)
    assert violations(chat.page) == []
