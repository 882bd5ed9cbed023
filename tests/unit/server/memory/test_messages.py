"""Rules of `maru/memory/messages.py`."""

from maru.memory.messages import messages_of
from maru.protocol.items import FunctionCall, FunctionCallOutput, Item, Reasoning
from maru_backends.base import ChatMessage, TextPart, ToolCall
from support.responses import a_message


def test_instructions_come_first_and_developers_speak_as_system() -> None:
    """Templates know one such role, and expect it at the beginning."""
    messages = messages_of("be brief", [a_message("x", "developer"), a_message("hi")])
    assert [(m.role, m.text) for m in messages] == [("system", "be brief"), ("system", "x"), ("user", "hi")]


def test_calls_side_by_side_are_one_assistant_message() -> None:
    """Chat templates refuse two assistant messages in a row."""
    calls = [FunctionCall(id=f"fc_{i}", call_id=f"c{i}", name="f", arguments="{}", status="completed") for i in (1, 2)]
    output = FunctionCallOutput(id="fo", call_id="c1", output="4", status="completed")
    assert messages_of(None, [*calls, output]) == (
        ChatMessage("assistant", (), (ToolCall("c1", "f", "{}"), ToolCall("c2", "f", "{}"))),
        ChatMessage("tool", (TextPart("4"),), tool_call_id="c1"),
    )


def test_a_call_joins_the_words_before_it() -> None:
    """A model that says something and then calls a tool made one message; strict templates refuse two in a row."""
    call = FunctionCall(id="fc", call_id="c1", name="f", arguments="{}", status="completed")
    items: list[Item] = [a_message("hi"), a_message("Let me look.", "assistant"), call]
    assert messages_of(None, items)[1:] == (
        ChatMessage("assistant", (TextPart("Let me look."),), (ToolCall("c1", "f", "{}"),)),
    )


def test_reasoning_is_not_shown_again() -> None:
    """Templates of reasoning models drop it from earlier turns."""
    assert messages_of(None, [Reasoning(id="rs", summary=())]) == ()
