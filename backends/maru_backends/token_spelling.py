"""The bytes behind each token of a tokenizer: a token may be half a character, and text would lose that."""

import json
from functools import cache
from typing import Any, cast

from tokenizers import Tokenizer

_BYTE_TOKEN_CHARS = 6  # <0xE3>


class Speller:
    """Spells tokens; may be used from many threads at once."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """For a tokenizer of the `tokenizers` library."""
        self._tokenizer = tokenizer
        self._has_byte_letters = _has_decoder(json.loads(tokenizer.to_str()).get("decoder"), "ByteLevel")
        special = cast("dict[int, Any]", tokenizer.get_added_tokens_decoder())
        self._silent = frozenset(number for number, token in special.items() if token.special)
        # Decoders drop a space in front of a text's first token, so that a token is read behind another one.
        self._anchor = tokenizer.encode("a", add_special_tokens=False).ids[-1:]
        self._anchor_text = self._decoded(self._anchor)

    def spell(self, token: int) -> bytes:
        """The token's part of the text as UTF-8; nothing for control tokens, which are never shown."""
        if token in self._silent:
            return b""
        piece: str = self._tokenizer.id_to_token(token) or ""
        if self._has_byte_letters:
            letters = _byte_of_letter()
            return b"".join(letters.get(letter, letter.encode()) for letter in piece)
        if len(piece) == _BYTE_TOKEN_CHARS and piece.startswith("<0x") and piece.endswith(">"):
            return bytes([int(piece[3:5], 16)])
        return self._decoded([*self._anchor, token]).removeprefix(self._anchor_text).encode()

    def _decoded(self, tokens: list[int]) -> str:
        text: str = self._tokenizer.decode(tokens, skip_special_tokens=True)
        return text


def _has_decoder(decoder: object, kind: str) -> bool:
    if not isinstance(decoder, dict):
        return False
    fields = cast("dict[str, object]", decoder)
    inner = fields.get("decoders")
    steps = cast("list[object]", inner) if isinstance(inner, list) else []
    return fields.get("type") == kind or any(_has_decoder(step, kind) for step in steps)


@cache
def _byte_of_letter() -> dict[str, bytes]:
    """The byte that each letter of a byte-level vocabulary stands for.

    Printable bytes stand for themselves, the others for the letters from U+0100 on. Source: GPT-2's encoder.
    """
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = (byte for byte in range(0x100) if byte not in printable)
    return {
        **{chr(byte): bytes([byte]) for byte in printable},
        **{chr(0x100 + place): bytes([byte]) for place, byte in enumerate(others)},
    }
