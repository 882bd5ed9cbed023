"""What a GGUF file says of its model, read without llama.cpp: window, chat template, control tokens.

The library ends the whole process on some broken files, so that a file is looked at before it gets it.
Source: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MOST_KEYS = 100_000
MOST_BYTES_OF_TEXT = 2**26
MOST_ITEMS = 2**24
_NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_CONTROL, _USER_DEFINED = 3, 4  # kinds of tokens that are found whole in a prompt

Value = int | float | bool | str | Sequence[object]


class NotGgufError(Exception):
    """The file is no GGUF file, or broken; the message is a half sentence."""


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The keys that a backend needs.

    Attributes:
        architecture: such as `llama`.
        name: of the model, empty where it has none.
        window: tokens that it was trained for.
        template: its chat template, if it has one.
        tool_template: the one to use where tools are given, if that is another.
        control_tokens: texts that its tokenizer takes for control tokens.
        silent_tokens: those of them that have no text in an answer, with their numbers.
        bos: text of the token that begins a prompt, if there is one; `eos` likewise.
        adds_bos: whether the tokenizer puts it before any text.
    """

    architecture: str
    name: str
    window: int | None
    template: str | None
    tool_template: str | None
    control_tokens: tuple[str, ...]
    silent_tokens: Mapping[str, int]
    bos: str | None
    eos: str | None
    adds_bos: bool


def read_header(path: Path) -> GgufHeader:
    """Read the keys of a file; weights are not looked at.

    Raises:
        NotGgufError: the file cannot be read or is no GGUF file.
    """
    try:
        with path.open("rb") as file:
            values = _values(file)
    except OSError as error:
        raise NotGgufError(f"it cannot be read: {error.strerror}") from error
    except (struct.error, UnicodeDecodeError, KeyError, MemoryError) as error:
        raise NotGgufError("its header is broken or cut off") from error
    return _header(values)


def _header(values: dict[str, Value]) -> GgufHeader:
    architecture = str(values.get("general.architecture", ""))
    window = values.get(f"{architecture}.context_length")
    tokens = _items(values.get("tokenizer.ggml.tokens"))
    kinds = _items(values.get("tokenizer.ggml.token_type"))
    special = tuple(str(token) for token, kind in zip(tokens, kinds, strict=False) if kind in (_CONTROL, _USER_DEFINED))
    return GgufHeader(
        architecture=architecture,
        name=str(values.get("general.name", "")),
        window=window if isinstance(window, int) else None,
        template=_template(values, "tokenizer.chat_template"),
        tool_template=_template(values, "tokenizer.chat_template.tool_use"),
        control_tokens=tuple(token for token in special if len(token) > 1),
        silent_tokens={str(token): n for n, token in enumerate(tokens) if n < len(kinds) and kinds[n] == _CONTROL},
        bos=_token(tokens, values.get("tokenizer.ggml.bos_token_id")),
        eos=_token(tokens, values.get("tokenizer.ggml.eos_token_id")),
        # llama.cpp's own default: sentencepiece models have it, byte-level ones do not.
        adds_bos=bool(values.get("tokenizer.ggml.add_bos_token", values.get("tokenizer.ggml.model") == "llama")),
    )


def _values(file: BinaryIO) -> dict[str, Value]:
    if file.read(4) != MAGIC:
        raise NotGgufError("it does not begin with GGUF")
    (version,) = struct.unpack("<I", file.read(4))
    if version not in VERSIONS:
        raise NotGgufError(f"it has version {version} of the format; versions 2 and 3 are known")
    _tensors, keys = struct.unpack("<QQ", file.read(16))
    if keys > MOST_KEYS:
        raise NotGgufError("its header is broken")
    return {_text(file): _value(file, *struct.unpack("<I", file.read(4))) for _ in range(keys)}


def _value(file: BinaryIO, kind: int) -> Value:
    if kind == _STRING:
        return _text(file)
    if kind == _ARRAY:
        item_kind, length = struct.unpack("<IQ", file.read(12))
        if length > MOST_ITEMS:
            raise NotGgufError("its header is broken")
        if item_kind in (_STRING, _ARRAY):
            return [_value(file, item_kind) for _ in range(length)]
        form = f"<{length}{_NUMBERS[item_kind]}"
        return struct.unpack(form, file.read(struct.calcsize(form)))
    form = "<" + _NUMBERS[kind]
    number: int | float | bool = struct.unpack(form, file.read(struct.calcsize(form)))[0]
    return number


def _text(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > MOST_BYTES_OF_TEXT:
        raise NotGgufError("its header is broken")
    text = file.read(length)
    if len(text) < length:
        raise NotGgufError("its header is cut off")
    return text.decode(errors="replace")


def _items(value: Value | None) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()


def _template(values: Mapping[str, Value], key: str) -> str | None:
    found = values.get(key)
    return found if isinstance(found, str) and found else None


def _token(tokens: Sequence[object], number: Value | None) -> str | None:
    is_there = isinstance(number, int) and 0 <= number < len(tokens)
    return str(tokens[number]) if is_there and isinstance(number, int) else None
