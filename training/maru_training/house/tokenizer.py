"""Training of the byte-level BPE tokenizer on rendered conversations.

The conversations are split as Qwen2 splits text (single digits), so that other readers know the rule by name.
"""

from collections.abc import Iterable
from typing import Final

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from maru_training.house.chat import CONTROL_TOKENS, END, START

VOCABULARY: Final = 4096
QWEN2_SPLIT: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


def train_tokenizer(texts: Iterable[str], *, vocabulary: int = VOCABULARY) -> Tokenizer:
    """Train on rendered conversations.

    Args:
        texts: conversations as `chat.render` writes them; about 100,000 are enough.
        vocabulary: number of tokens, with the 4 control tokens and the 256 bytes.

    Returns:
        A tokenizer whose first four ids are the control tokens in the order of `chat.CONTROL_TOKENS`.
    """
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(QWEN2_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=list(CONTROL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    plain = (text.replace(START, "\n").replace(END, "\n") for text in texts)
    tokenizer.train_from_iterator(plain, trainer)
    return tokenizer
