"""Brings batches to where the model is: made when they are asked for, or ahead of a GPU by many processes."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from maru_training.house.batches import Batch

AHEAD = 4  # batches that each process has ready


def fed(source: Callable[[str], Iterator[Batch]], device: torch.device) -> Iterator[Batch]:
    """Batches on that device, without an end.

    Args:
        source: makes batches; its argument tells those of one process from those of another.
        device: where the model is. A CPU has its hands full with the model, so that nothing is made ahead.
    """
    if device.type == "cpu":
        yield from source("")
        return
    for batch in made_ahead(source, max(1, (os.cpu_count() or 2) - 1)):
        yield Batch(batch.tokens.to(device, non_blocking=True), batch.trained.to(device, non_blocking=True))


def made_ahead(source: Callable[[str], Iterator[Batch]], workers: int) -> Iterator[Batch]:
    """The batches of so many processes in turn."""
    loader: Any = DataLoader(
        _Pairs(source),
        batch_size=None,
        num_workers=workers,
        prefetch_factor=AHEAD,
        pin_memory=torch.cuda.is_available(),
    )
    for tokens, trained in loader:
        yield Batch(tokens, trained)


class _Pairs(IterableDataset[tuple[Tensor, Tensor]]):
    def __init__(self, source: Callable[[str], Iterator[Batch]]) -> None:
        self._source = source

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        worker = get_worker_info()
        for batch in self._source("" if worker is None else f" {worker.id}"):
            yield batch.tokens, batch.trained
