"""How tokens are spelt."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from maru_backends.token_spelling import Speller
from support.backend_cases import HOUSE_FOLDER

TEXT = "Hello, 안녕하세요! It's 3.5 \N{WAVING HAND SIGN}"


def test_half_characters_keep_their_bytes() -> None:
    """A byte-level vocabulary cuts characters; joined, its tokens are the text again."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: number for number, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    ids = tokenizer.encode(TEXT).ids
    speller = Speller(tokenizer)
    assert len(ids) == len(TEXT.encode())
    assert b"".join(map(speller.spell, ids)) == TEXT.encode()


def test_spaces_and_byte_tokens_of_sentencepiece() -> None:
    """Its words carry their space, its unknown characters are bytes by number."""
    vocabulary = {"<unk>": 0, "\u2581Hi": 1, "a": 2, "<0xEB>": 3, "\u2581": 4}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>", byte_fallback=True))
    tokenizer.decoder = decoders.Sequence([decoders.Replace("\u2581", " "), decoders.ByteFallback(), decoders.Fuse()])
    speller = Speller(tokenizer)
    assert [speller.spell(token) for token in (1, 2, 3)] == [b" Hi", b"a", b"\xeb"]


@pytest.mark.skipif(not (HOUSE_FOLDER / "tokenizer.json").is_file(), reason="no house model is published")
def test_the_house_tokenizer() -> None:
    """And its control tokens are silent."""
    tokenizer = Tokenizer.from_file(str(Path(HOUSE_FOLDER) / "tokenizer.json"))
    speller = Speller(tokenizer)
    ids = tokenizer.encode(TEXT, add_special_tokens=False).ids
    assert b"".join(map(speller.spell, ids)).decode().strip() == TEXT
    special = [number for number, token in tokenizer.get_added_tokens_decoder().items() if token.special]
    assert {speller.spell(number) for number in special} <= {b""}
