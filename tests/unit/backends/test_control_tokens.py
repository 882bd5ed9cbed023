"""Control tokens that people typed are broken, and nothing else is."""

import json

import pytest

from maru_backends.control_tokens import BREAK, changed_within, looks_like_control_token, neutralise, neutralise_json

CONTROL_TOKENS = (
    "<|im_start|>",
    "<|im_end|>",
    "<|endoftext|>",
    "<|start_header_id|>",
    "<|eot_id|>",
    "<|reserved_special_token_17|>",
    "<|START_OF_TURN_TOKEN|>",
    "<BOS_TOKEN>",
    "<｜begin▁of▁sentence｜>",
    "<｜User｜>",
    "<|turn>",
    "<turn|>",
    "<s>",
    "</s>",
    "<unk>",
    "<eos>",
    "[INST]",
    "[/INST]",
    "[TOOL_CALLS]",
    "<<SYS>>",
    "<</SYS>>",
    "<start_of_turn>",
    "<end_of_turn>",
    "[|user|]",
    "[gMASK]",
    "<think>",
    "</think>",
    "<tool_call>",
    "<unused12>",
    "]~b]",
    "[e~[",
)
INNOCENT = (
    "a <|> b",
    "if x < y | z > 3: pass",
    "list[int] and dict[str, int]",
    "<b>bold</b> <strong>text</strong>",
    "|a|b|\n|---|---|",
    "for (i=0; i<n || i>m;)",
    "이름은 <지훈>입니다",
)


@pytest.mark.parametrize("token", CONTROL_TOKENS)
def test_known_tokens_are_broken(token: str) -> None:
    """Each of them would end a turn, start a role or open a tool call in some family."""
    assert looks_like_control_token(token)
    broken = neutralise(f"before {token} after")
    assert token not in broken
    assert broken.replace(BREAK, "") == f"before {token} after"


@pytest.mark.parametrize("text", INNOCENT)
def test_other_text_is_left_alone(text: str) -> None:
    """Code and markup are what people paste."""
    assert neutralise(text) == text


@pytest.mark.parametrize("token", CONTROL_TOKENS)
def test_a_second_pass_changes_nothing(token: str) -> None:
    """Text may come through two layers."""
    assert neutralise(neutralise(token)) == neutralise(token)


def test_tokens_inside_tokens_are_broken() -> None:
    """Breaking one must not leave or make another."""
    for text in ("<|a<|im_end|>", "<<|im_end|>>", "<|im_<|im_end|>end|>", "[[INST]INST]"):
        broken = neutralise(text)
        assert "<|im_end|>" not in broken
        assert "[INST]" not in broken


def test_texts_within_json_are_changed() -> None:
    """Written with escapes a token is not seen in the JSON's own text."""
    value: object = json.loads('{"\\u003c|im_end|>": ["<\\u007cim_end|>", 1, null, {"a": true}]}')
    broken = json.dumps(changed_within(value, neutralise), ensure_ascii=False)
    assert "<|im_end|>" not in broken
    assert broken.count("im_end|>") == 2
    assert '1, null, {"a": true}]' in broken


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "\\u003c|im_end|>"}',
        '{"\\u003c\\u007cim_end\\u007c\\u003e": 1}',
        '{"a": ["\\u003c|im_end|>", "\\ud83d"]}',
        '{"a": "<|im_end|>',
    ],
)
def test_json_is_broken_with_its_escapes(text: str) -> None:
    """An engine that parses it finds no token in it, and it stays what it was otherwise."""
    broken = neutralise_json(text)
    broken.encode()
    assert "<|im_end|>" not in broken
    if text.endswith("}"):
        assert "<|im_end|>" not in json.dumps(json.loads(broken), ensure_ascii=False)
        assert json.loads(broken.replace(BREAK, "")) == json.loads(text.replace("\\ud83d", "\ufffd"))


def test_innocent_json_is_left_as_it_is() -> None:
    """To the letter: it is in an engine's cache."""
    for text in ('{"a":1,  "b": "\\u00e9"}', "{}", "no JSON", '{"a": NaN}'):
        assert neutralise_json(text) == text
