"""The model's shape and the induction start."""

import torch

from maru_training.house.induction import repeat_accuracy, start
from maru_training.house.model import HouseModel, Shape, attend
from maru_training.house.tokenizer import Kin

FULL = Shape()


def test_the_model_has_about_six_million_parameters() -> None:
    """In bf16 it must stay far below the 24 MB of the wheel's budget."""
    with torch.device("meta"):
        model = HouseModel(FULL)
    assert 5_500_000 < sum(parameter.numel() for parameter in model.parameters()) < 6_500_000


def test_the_start_already_copies() -> None:
    """Ordered copying is what a small model learns last; without this start names come back scrambled."""
    assert repeat_accuracy(start(FULL, seed=1), seed=2, sequences=8) > 0.8


def test_a_usual_start_does_not_copy() -> None:
    """The measure above must be able to fail."""
    torch.manual_seed(1)
    assert repeat_accuracy(HouseModel(FULL), seed=2, sequences=4) < 0.05


def test_kin_are_copied_for_each_other() -> None:
    """A word told after a space is found again when its reply began without the space."""
    plain, spaced = (range(first, 4096, 2) for first in (256, 257))
    kin = [Kin(number, is_spaced=False, is_capital=False) for number in range(4096)]
    for one, other in zip(plain, spaced, strict=True):
        kin[other] = Kin(one, is_spaced=True, is_capital=False)
    generator = torch.Generator().manual_seed(1)
    tokens = torch.randint(256, 4096, (16, 96), generator=generator)
    tokens[:, 72:] = tokens[:, 8:32]
    tokens[:, 72] ^= 1  # the span begins with the twin of what it began with
    with torch.no_grad():
        guesses = start(FULL, seed=1, kin=kin)(tokens)[:, 72].argmax(dim=-1)
        unrelated = start(FULL, seed=1)(tokens)[:, 72].argmax(dim=-1)
    assert (guesses == tokens[:, 73]).float().mean() > 0.6
    assert (unrelated == tokens[:, 73]).float().mean() < 0.2


def test_no_position_sees_a_later_one() -> None:
    """Training on the future would make the loss a lie."""
    model = start(Shape(vocabulary=64, layers=2, heads=2, feed_forward=32, window=32), seed=1)
    tokens = torch.randint(4, 64, (1, 16))
    changed = tokens.clone()
    changed[0, -1] = 5 if tokens[0, -1] != 5 else 6
    with torch.no_grad():
        assert torch.allclose(model(tokens)[:, :-1], model(changed)[:, :-1], atol=1e-5)


def test_written_out_attention_is_the_library_s() -> None:
    """It is there for speed only."""
    q, k, v = (torch.randn(2, 2, 24, 8) for _ in range(3))
    expected = torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
    assert torch.allclose(attend(q, k, v), expected, atol=1e-5)


def test_the_loss_counts_trained_tokens_only() -> None:
    """What a person says is not to be learnt by heart."""
    model = start(Shape(vocabulary=64, layers=1, heads=2, feed_forward=32, window=32), seed=1)
    tokens = torch.randint(4, 64, (1, 12))
    trained = torch.zeros(1, 12, dtype=torch.bool)
    trained[0, 6] = True
    with torch.no_grad():
        expected = -model(tokens).log_softmax(dim=-1)[0, 5, tokens[0, 6]]
        assert torch.allclose(model.loss(tokens, trained), expected, atol=1e-4)
