"""Training of the byte-level BPE tokenizer on rendered conversations.

A word is cut the same way wherever it stands: after a space, in quotes, at the start of a reply, before a
Korean particle. Copying what was said depends on it. So merges are learned on words alone, without the space
before them and without the particle behind them; then the commonest first pieces of words get a twin that takes the
space in. Readers see an ordinary BPE file, split as Qwen2 splits text (single digits), a rule they know by name.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from maru_training.house.chat import CONTROL_TOKENS, END, START

VOCABULARY: Final = 4096
FIXED: Final = len(CONTROL_TOKENS) + 256
PLAIN_SHARE: Final = 0.61  # of the learned tokens; the others are twins with a space
SPACE: Final = "Ġ"  # how byte-level BPE writes a space
TWINS_FROM: Final = 15_000  # conversations in which first pieces are counted

QWEN2_SPLIT: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PARTICLES: Final = (
    "은|는|이|가|을|를|과|와|로|으로|이야|야|예요|이에요|이라고|라고|이랑|랑"  # as people put them behind a value
    "|님|살|의|에|에서|입니다|였어|이었어|이고|고"
)
WORDS_ALONE: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
    rf"|\p{{Hangul}}+?(?=(?:{PARTICLES})(?!\p{{Hangul}}))|\p{{Hangul}}+|(?:(?!\p{{Hangul}})\p{{L}})+"
    r"|\p{N}|[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@dataclass(frozen=True, slots=True)
class Kin:
    """What a token shares with another one.

    Attributes:
        twin: id of the token with the same letters, lower case and without the space; its own id if it has none.
        is_spaced: whether it takes in the space before a word.
        is_capital: whether it has an upper-case letter.
    """

    twin: int
    is_spaced: bool
    is_capital: bool


def train_tokenizer(texts: Iterable[str], *, vocabulary: int = VOCABULARY) -> Tokenizer:
    """Train on rendered conversations.

    Args:
        texts: conversations as `chat.render` writes them; about 50,000 are enough.
        vocabulary: most tokens, with the 4 control tokens and the 256 bytes.

    Returns:
        A tokenizer whose first four ids are the control tokens in the order of `chat.CONTROL_TOKENS`.
    """
    plain = [text.replace(START, "\n").replace(END, "\n") for text in texts]
    learner = _empty(WORDS_ALONE)
    trainer = trainers.BpeTrainer(
        vocab_size=FIXED + int((vocabulary - FIXED) * PLAIN_SHARE),
        special_tokens=list(CONTROL_TOKENS),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    learner.train_from_iterator(plain, trainer)
    learned = json.loads(learner.to_str())["model"]
    vocab: dict[str, int] = learned["vocab"]
    merges: list[tuple[str, str]] = [tuple(merge) for merge in learned["merges"]]
    for piece in _first_pieces(plain[:TWINS_FROM], vocab, merges)[: vocabulary - len(vocab)]:
        vocab[SPACE + piece] = len(vocab)
        merges.append((SPACE, piece))
    return _with_merges(vocab, merges)


def kin(tokenizer: Tokenizer) -> list[Kin]:
    """What each token shares with others, by id."""
    vocab = tokenizer.get_vocab()
    tokens = sorted(vocab, key=vocab.__getitem__)
    return [_kin_of(token, number, vocab) for number, token in enumerate(tokens)]


def _kin_of(token: str, number: int, vocab: dict[str, int]) -> Kin:
    bare = token.removeprefix(SPACE)
    # Byte-level BPE writes other bytes as letters beyond ASCII: their case means nothing.
    lower = bare.lower() if bare.isascii() else bare
    twin = vocab.get(lower, vocab.get(bare, number)) if bare else number
    return Kin(twin, is_spaced=bare not in {token, ""}, is_capital=lower != bare)


def _first_pieces(texts: Sequence[str], vocab: dict[str, int], merges: list[tuple[str, str]]) -> list[str]:
    """Pieces that stand after a space, the commonest first."""
    found: Counter[str] = Counter()
    for encoded in _with_merges(vocab, merges).encode_batch(list(texts)):
        for before, piece in zip(encoded.tokens, encoded.tokens[1:], strict=False):
            if before == SPACE and not piece.startswith((SPACE, "Ċ")) and not piece.isdigit():
                found[piece] += 1
    return [piece for piece, _ in found.most_common()]


def _with_merges(vocab: dict[str, int], merges: list[tuple[str, str]]) -> Tokenizer:
    tokenizer = _empty(QWEN2_SPLIT)
    tokenizer.model = models.BPE(vocab=vocab, merges=merges, byte_fallback=False)
    tokenizer.add_special_tokens(list(CONTROL_TOKENS))
    return tokenizer


def _empty(split: str) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(byte_fallback=False))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
