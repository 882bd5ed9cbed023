"""Breaks control tokens that people typed, so that no engine takes them for its own.

For engines whose tokenizer we do not hold, and for templates that rewrite message bodies. Knows the spelling of the
families' tokens, not which family an engine serves: breaking a stranger's token costs one invisible character.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from maru_backends.foreign_json import mended

BREAK = "\u200b"  # zero width space: no vocabulary has a control token with it, and a person reads the same text

_CONTROL_TOKEN = re.compile(
    r"""
      <[|\uff5c][^\s<>\u200b]{1,64}>                    # <|im_start|>, DeepSeek, Gemma 4's <|turn>
    | <[^\s<>\u200b]{1,64}[|\uff5c]>                    # Gemma 4's <turn|>
    | \[[|][^\s\[\]\u200b]{1,64}[|]\]                   # EXAONE: [|user|]
    | </?s>                                             # LLaMA 1 and 2, Vicuna, OPT
    | <(?:pad|unk|mask|bos|eos|cls|sep|sop|eop|eod|eot)>
    | <</?SYS>>                                         # LLaMA 2
    | \[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|ARGS|CALL_ID
        |THINK|IMG|IMG_BREAK|IMG_END|MODEL_SETTINGS|PREFIX|MIDDLE|SUFFIX|gMASK|sMASK|MASK|CLS|SEP|PAD|UNK)\]
    | <(?:start|end)_of_(?:turn|image|text|audio)>      # Gemma
    | <(?:BOS|EOS|PAD|UNK|CLS|SEP|MASK|EOP)_TOKEN>      # Cohere
    | </?(?:think|thinking|tool_call|tool_calls|tool_response|tools|function_call|im_start|im_end)>
    | <(?:SPECIAL|extra_id|unused|reserved)_?\d{1,4}>
    | \]~!?b\[|\]~b\]|\[e~\[                            # MiniMax
    """,
    re.VERBOSE | re.IGNORECASE,
)


def neutralise(text: str) -> str:
    """The same text to a person's eye, with every known control token broken by a zero width space.

    Give it the text of adjacent parts joined: a token that is split over two parts is whole again for the engine.
    Text without control tokens comes back unchanged, and a second pass changes nothing.
    """
    return _CONTROL_TOKEN.sub(_broken, text)


def neutralise_json(text: str) -> str:
    """As `neutralise`, for JSON, whose text can write a token with escapes; what is no JSON is as any other text."""
    plain = neutralise(text)
    try:
        value: object = json.loads(plain)
        broken = changed_within(value, neutralise)
    except (ValueError, RecursionError):
        return plain
    return plain if broken == value else mended(json.dumps(broken, ensure_ascii=False))


def changed_within(value: object, change: Callable[[str], str]) -> object:
    """A JSON value with all its texts changed, names of fields included.

    Break tokens so, and not in the JSON's text: there any token can be written with escapes.
    """
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        fields = cast("Mapping[str, object]", value)
        return {change(name): changed_within(inner, change) for name, inner in fields.items()}
    if isinstance(value, list | tuple):
        return [changed_within(inner, change) for inner in cast("Sequence[object]", value)]
    return value


def looks_like_control_token(text: str) -> bool:
    """Whether the whole text is spelled like a control token of a known family."""
    return _CONTROL_TOKEN.fullmatch(text) is not None


def _broken(found: re.Match[str]) -> str:
    token = found.group()
    return token[0] + BREAK + token[1:]
