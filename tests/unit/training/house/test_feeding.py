"""Batches that are made ahead by processes of their own are those that each of them would make here."""

from collections.abc import Iterator

import torch

from maru_training.house.batches import Batch
from maru_training.house.feeding import fed, made_ahead


def _numbered(which: str) -> Iterator[Batch]:
    """Batches that say which process made them, and in which order."""
    for number in range(50):
        tokens = torch.tensor([[int(which or 100), number]])
        yield Batch(tokens, tokens > 0)


def test_a_cpu_makes_its_own() -> None:
    """In order, with nothing ahead."""
    source = fed(_numbered, torch.device("cpu"))
    assert [next(source).tokens.tolist() for _ in range(2)] == [[[100, 0]], [[100, 1]]]


def test_each_process_makes_others() -> None:
    """In turn, and none twice."""
    source = made_ahead(_numbered, 2)
    batches = [next(source) for _ in range(4)]
    assert [batch.tokens.tolist() for batch in batches] == [[[0, 0]], [[1, 0]], [[0, 1]], [[1, 1]]]
    assert batches[1].trained.tolist() == [[True, False]]
