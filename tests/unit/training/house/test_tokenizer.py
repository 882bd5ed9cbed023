"""How words are cut into tokens."""

import random

import pytest
from tokenizers import Tokenizer

from maru_training.house.chat import CONTROL_TOKENS, render
from maru_training.house.families.base import Language
from maru_training.house.families.korean import with_particle
from maru_training.house.families.values import value
from maru_training.house.mixes import COPYING, EVERYTHING
from maru_training.house.sessions import make_session
from maru_training.house.tokenizer import SPACE, kin, train_tokenizer

SESSIONS = 1500
KINDS = ("name", "food", "job", "hobby", "city", "animal", "colour")


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    """Trained on few conversations; the rules hold for any number."""
    rng = random.Random(1)
    texts = (render(make_session(rng, mix).messages()) for _ in range(SESSIONS) for mix in (COPYING, EVERYTHING))
    return train_tokenizer(texts, vocabulary=2048)


def _pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    return [token.removeprefix(SPACE) for token in tokenizer.encode(text).tokens if token != SPACE]


def test_control_tokens_come_first(tokenizer: Tokenizer) -> None:
    """Their ids are written into the model's configuration."""
    assert [tokenizer.token_to_id(token) for token in CONTROL_TOKENS] == [0, 1, 2, 3]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_value_is_cut_alike_wherever_it_stands(tokenizer: Tokenizer, language: Language) -> None:
    """What is told after a space is said again at the start of a reply, in quotes, in JSON."""
    rng = random.Random(2)
    for _ in range(400):
        told = value(rng, rng.choice(KINDS), language, "held_out")
        alone = _pieces(tokenizer, told)
        for around in ("it is {}.", '"{}"', "- {}\n", "({})"):
            said = _pieces(tokenizer, around.format(told))
            assert any(said[place : place + len(alone)] == alone for place in range(len(said))), (told, said)


def test_a_particle_does_not_change_the_word_before_it(tokenizer: Tokenizer) -> None:
    """The prototype cut 김치찌개를 as 찌|개를: then 찌개 cannot be copied from it."""
    rng = random.Random(3)
    kept = total = 0
    for _ in range(400):
        told = value(rng, rng.choice(KINDS), "ko", "held_out")
        alone = _pieces(tokenizer, told)
        for pair in ("을/를", "은/는", "이야/야", "이에요/예요", "이라고/라고"):
            total += 1
            kept += _pieces(tokenizer, with_particle(told, pair))[: len(alone)] == alone
    assert kept / total > 0.98


def test_text_comes_back(tokenizer: Tokenizer) -> None:
    """Byte-level: nothing people type is lost."""
    for text in ("Hello,  world!\n\n- a\n", "둋민썔양 🙂 naïve", "x = 12*3", "  가"):
        assert tokenizer.decode(tokenizer.encode(text).ids) == text


def test_kin_name_the_same_word(tokenizer: Tokenizer) -> None:
    """A twin has the same letters in lower case, without the space."""
    vocab = tokenizer.get_vocab()
    tokens = sorted(vocab, key=vocab.__getitem__)
    related = kin(tokenizer)
    assert len(related) == len(tokens)
    assert sum(one.is_spaced and tokens[one.twin] != token for one, token in zip(related, tokens, strict=True)) > 300
    for one, token in zip(related, tokens, strict=True):
        assert tokens[one.twin].casefold() == token.removeprefix(SPACE).casefold() or tokens[one.twin] == token
