"""Rules of `maru/memory/fingerprint.py`: one key for one content, and never for two."""

import itertools

import pytest

from maru.memory.fingerprint import content_of, request_content, running_keys
from maru_backends.base import ChatMessage, ChatRequest, ImagePart, NamedTool, Sampling, TextPart, Tool, ToolCall

CALL = ToolCall("call_1", "f", "{}")


def said(text: str) -> ChatMessage:
    """A question."""
    return ChatMessage("user", (TextPart(text),))


DIFFERENT: tuple[tuple[ChatMessage, ...], ...] = (
    (),
    (said(""),),
    (said(""), said("")),
    (said("ab"),),
    (said("a"), said("b")),
    (ChatMessage("user", (TextPart("a"), TextPart("b"))),),
    (ChatMessage("assistant", (TextPart("ab"),)),),
    (ChatMessage("user", (TextPart("at1:b"),)),),
    (said("user:2:ab"),),
    (said("abuser:2:ab"),),
    (said("user,1,0:t2:ab-"),),
    (ChatMessage("user", (TextPart("ab"),), tool_call_id="-"),),
    (ChatMessage("user", (TextPart("ab"),), (CALL,)),),
    (said("ab"), said("ab")),
    (ChatMessage("user", (ImagePart("ab"),)),),
    (ChatMessage("user", (ImagePart("ab", "low"),)),),
    (ChatMessage("assistant", (), (CALL,)),),
    (ChatMessage("assistant", (), (CALL, CALL)),),
    (ChatMessage("assistant", (), (ToolCall("call_", "1f", "{}"),)),),
    (ChatMessage("assistant", (), (ToolCall("call_1", "f{", "}"),)),),
    (ChatMessage("tool", (TextPart("ab"),)),),
    (ChatMessage("tool", (TextPart("ab"),), tool_call_id=""),),
    (ChatMessage("tool", (TextPart("ab"),), tool_call_id="call_1"),),
    (said("\ud800"),),
    (said("\ud801"),),
)


def test_different_messages_have_different_keys() -> None:
    """Also where one tries to look like the other: its count would be the other's."""
    keys = [content_of(messages).key for messages in DIFFERENT]
    assert len(set(keys)) == len(DIFFERENT)


def test_equal_messages_have_one_key_in_every_process() -> None:
    """Nothing depends on the seed of Python's own hash."""
    assert content_of((said("안녕"),)).key.hex() == "84fe191cc038bd3850c4e0842c174df9"


@pytest.mark.parametrize(
    "other",
    [
        ChatRequest((said("b"),)),
        ChatRequest((said("a"),), tools=(Tool("f"),)),
        ChatRequest((said("a"),), tools=(Tool("f", "tells"),)),
        ChatRequest((said("a"),), tool_choice="none"),
        ChatRequest((said("a"),), tool_choice=NamedTool("f")),
        ChatRequest((said("a"),), reasoning_effort="low"),
    ],
)
def test_what_shapes_a_prompt_is_in_a_requests_key(other: ChatRequest) -> None:
    """Tools stand in the prompt as much as words do."""
    assert request_content(other) != request_content(ChatRequest((said("a"),)))


def test_what_shapes_only_the_answer_is_in_no_key() -> None:
    """Otherwise each temperature and each conversation would be counted again."""
    other = ChatRequest((said("a"),), Sampling(temperature=1), max_tokens=5, session_id="conv_1")
    assert request_content(other) == request_content(ChatRequest((said("a"),)))


def test_weight_is_about_the_tokens() -> None:
    """Hangul costs more than letters, and an image about as much however large its file is."""
    small, large = (content_of((ChatMessage("user", (ImagePart("x" * size),)),)).weight for size in (10, 10**6))
    assert abs(large - small) < 10
    assert content_of((said("안녕하세요"),)).weight > content_of((said("hello"),)).weight > 5
    with_tools = ChatRequest((said("a"),), tools=(Tool("f", "tells " * 100),))
    assert request_content(with_tools).weight > request_content(ChatRequest((said("a"),))).weight + 600


def test_running_keys_are_of_the_order() -> None:
    """A branch and its sibling share the keys up to where they part, and none after."""
    one, two = [list(running_keys(b"first", (b"a" * 16, last * 16, b"c" * 16))) for last in (b"b", b"x")]
    assert [a == b for a, b in itertools.zip_longest(one, two)] == [True, False, False]
    assert list(running_keys(b"other", (b"a" * 16,))) != one[:1]
