"""Batches of conversations."""

from itertools import islice

import pytest
import torch

from maru_training.house.batches import batches, pad
from maru_training.house.chat import PAD_ID, Encoded, Encoder, Message, render
from maru_training.house.mixes import EVERYTHING
from maru_training.house.tokenizer import train_tokenizer


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    """With next to no merges: conversations get long."""
    return Encoder(train_tokenizer([render([Message("user", "hello")])], vocabulary=270))


def test_padding_is_never_trained_on() -> None:
    """The pad token must not become an answer."""
    batch = pad([Encoded([5, 6, 7], [False, True, True]), Encoded([5], [False])])
    assert not batch.trained[batch.tokens == PAD_ID].any()
    assert batch.tokens[0, :3].tolist() == [5, 6, 7]


def test_a_batch_keeps_to_its_size_and_the_window(encoder: Encoder) -> None:
    """Memory and time of a step follow from it."""
    for batch in islice(batches("1", EVERYTHING, encoder, tokens=4096, window=1024), 20):
        assert batch.tokens.shape[1] <= 1024 + 17
        assert batch.tokens.shape[0] == 1 or batch.size <= 4096 + 17 * batch.tokens.shape[0]


def test_the_same_seed_gives_the_same_batches(encoder: Encoder) -> None:
    """Runs are repeatable."""
    one, other = (next(batches("1", EVERYTHING, encoder, tokens=2048, window=1024)) for _ in range(2))
    assert torch.equal(one.tokens, other.tokens)
