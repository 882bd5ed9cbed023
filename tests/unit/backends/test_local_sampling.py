"""How tokens are drawn."""

import pytest
import torch

from maru_backends.base import Sampling
from maru_backends.local_sampling import FIRST_SORTED, Sampler, SamplingDefaults, draw

PLAIN = SamplingDefaults()


def sampler(defaults: SamplingDefaults = PLAIN, prompt: tuple[int, ...] = (), **fields: float) -> Sampler:
    """A sampler with these fields of `Sampling`."""
    return Sampler(Sampling(**fields), defaults, prompt)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]


def logits(*values: float) -> torch.Tensor:
    """One row."""
    return torch.tensor([values])


def test_temperature_zero_takes_the_likeliest() -> None:
    """Greedy."""
    assert draw(logits(0, 2, 1), [sampler(temperature=0)]) == [1]


def test_rows_are_drawn_each_by_its_own_rule() -> None:
    """A batch mixes people."""
    rows = torch.tensor([[0.0, 9.0, 0.0], [0.0, 0.0, 99.0]])
    assert draw(rows, [sampler(temperature=0), sampler(temperature=1, seed=1)]) == [1, 2]


def test_seed_gives_the_same_draws_in_any_batch() -> None:
    """Whoever else is in the batch must not change my answer."""
    table = torch.randn(3, 50, generator=torch.Generator().manual_seed(0))
    alone = [draw(table[:1].clone(), [one])[0] for one in [sampler(seed=3)] for _ in range(5)]
    seeded = sampler(seed=3)
    crowd = [draw(table.clone(), [seeded, sampler(), sampler(temperature=0)])[0] for _ in range(5)]
    assert alone == crowd


def test_draws_follow_the_chances() -> None:
    """Three to one."""
    one = sampler(temperature=1, seed=0)
    row = torch.log(torch.tensor([[0.75, 0.25]]))
    zeros = sum(draw(row.clone(), [one])[0] == 0 for _ in range(2000))
    assert 1420 < zeros < 1580


def test_top_p_leaves_out_the_tail() -> None:
    """Only as many as make up p."""
    row = torch.log(torch.tensor([[0.1, 0.6, 0.3]]))
    one = sampler(temperature=1, top_p=0.7, seed=0)
    assert {draw(row.clone(), [one])[0] for _ in range(200)} == {1, 2}


def test_top_p_zero_is_the_likeliest() -> None:
    """At least one token is always allowed."""
    one = sampler(temperature=1, top_p=0, seed=0)
    assert {draw(logits(0, 1, 0.5), [one])[0] for _ in range(50)} == {1}


def test_top_p_of_a_flat_large_vocabulary_reaches_past_the_first_sorted() -> None:
    """The short cut must not cut."""
    one = sampler(temperature=1, top_p=0.99, seed=0)
    flat = torch.zeros(1, 4 * FIRST_SORTED)
    assert len({draw(flat.clone(), [one])[0] for _ in range(600)}) > FIRST_SORTED


def test_peaked_large_vocabulary_takes_the_short_cut() -> None:
    """And draws what a full sort would."""
    peaked = torch.zeros(1, 4 * FIRST_SORTED)
    peaked[0, 700] = 50
    assert draw(peaked, [sampler(temperature=1, top_p=0.9, seed=0)]) == [700]


def test_top_k_of_the_model_holds() -> None:
    """Its makers advise it."""
    one = sampler(SamplingDefaults(top_k=2), temperature=1, seed=0)
    assert {draw(logits(0, 0.2, 0.1), [one])[0] for _ in range(100)} == {1, 2}


def test_request_goes_before_the_models_advice() -> None:
    """None is "as the model's makers say"."""
    advice = SamplingDefaults(temperature=0.0, top_p=0.5)
    assert sampler(advice).is_greedy
    assert not sampler(advice, temperature=0.5).is_greedy
    assert sampler(advice, top_p=0.9).top_p == 0.9


def test_presence_penalty_drives_on() -> None:
    """What was said once is less likely."""
    one = sampler(temperature=0, presence_penalty=1.5)
    assert [draw(logits(1, 0, 0.2), [one])[0] for _ in range(3)] == [0, 2, 1]


def test_frequency_penalty_grows() -> None:
    """With every time it was said."""
    one = sampler(temperature=0, frequency_penalty=1)
    assert [draw(logits(2.5, 0), [one])[0] for _ in range(5)] == [0, 0, 0, 1, 0]


def test_repetition_penalty_looks_at_the_prompt_too() -> None:
    """As its paper says: positive logits are divided, negative ones multiplied."""
    one = sampler(SamplingDefaults(repetition_penalty=3), prompt=(0,), temperature=0)
    assert draw(logits(2, 1), [one]) == [1]
    assert draw(logits(-0.1, -0.2), [one]) == [0]


def test_logprobs_are_the_models_own() -> None:
    """Before temperature and penalties change what is drawn; likeliest first; only for who asked."""
    table = torch.randn(2, 20, generator=torch.Generator().manual_seed(1))
    asked = Sampler(Sampling(temperature=0.3, presence_penalty=2, seed=1), PLAIN, (), top_logprobs=3)
    asked.said(int(table[1].argmax()))
    other = sampler(temperature=0)
    tokens = draw(table.clone(), [other, asked])
    exact = torch.log_softmax(table[1], dim=-1)
    assert other.drawn is None
    assert asked.drawn is not None
    assert asked.drawn.logprob == pytest.approx(float(exact[tokens[1]]))
    ids = [int(number) for number in exact.argsort(descending=True)[:3]]
    assert [number for number, _ in asked.drawn.likeliest] == ids
    assert [value for _, value in asked.drawn.likeliest] == pytest.approx([float(exact[number]) for number in ids])


class OnlyThe:
    """A restriction to one token."""

    def __init__(self, token: int) -> None:
        """Nothing came yet."""
        self.token = token
        self.came: list[int] = []

    def restrict(self, logits: torch.Tensor) -> None:
        """All others become impossible."""
        kept = logits[self.token].clone()
        logits[:] = float("-inf")
        logits[self.token] = kept

    def accept(self, token: int) -> None:
        """Note it."""
        self.came.append(token)


def test_restriction_holds_its_row_alone() -> None:
    """Greedy or by dice, under penalty and cut; the neighbour is free, and the chances told are the model's own."""
    held = [OnlyThe(0), OnlyThe(2)]
    greedy = Sampler(Sampling(temperature=0), PLAIN, (), top_logprobs=1, restriction=held[0])
    by_dice = Sampler(Sampling(temperature=1, top_p=0.5, presence_penalty=2), PLAIN, (), restriction=held[1])
    rows = logits(0, 9, 1).repeat(3, 1)
    for _ in range(3):
        assert draw(rows.clone(), [greedy, by_dice, sampler(temperature=0)]) == [0, 2, 1]
    assert [one.came for one in held] == [[0, 0, 0], [2, 2, 2]]
    assert greedy.drawn is not None
    assert greedy.drawn.likeliest[0][0] == 1
    assert greedy.drawn.logprob < -8


def test_roll_that_is_rounded_up_draws_nothing_impossible() -> None:
    """In float32 the highest rolls are 1, which lies behind the last token."""
    one = sampler(temperature=1)
    one.roll = lambda: 1 - 2**-40  # type: ignore[method-assign]
    assert draw(logits(1, 1, float("-inf")), [one]) == [1]
