"""Starts a training run on one core or several; what a worker then does is in `loop.py`."""

import multiprocessing
import os
import tempfile
import threading
from pathlib import Path

import torch
import torch.distributed as dist
from torch.multiprocessing.spawn import spawn

from maru_training.house.loop import Worker, prepare, progress_of, train
from maru_training.house.recipe import Progress, Recipe


def run(
    recipe: Recipe, folder: Path, *, workers: int = 1, stop_after_s: float | None = None, device: str = "cpu"
) -> Progress:
    """Train, and wait until it is done or stopped.

    Args:
        recipe: the run.
        folder: of the run.
        workers: processes of one core each; a step then takes as many tokens as all of them together.
        stop_after_s: wall time after which to stop with a checkpoint.
        device: where to compute; several workers are for CPUs.
    """
    if device != "cpu":
        return train(recipe, folder, stop_after_s=stop_after_s, device=device)
    torch.set_num_threads(1)  # two threads of one process are slower than two processes, even alone on the machine
    if workers == 1:
        return train(recipe, folder, stop_after_s=stop_after_s)
    prepare(recipe, folder)
    with tempfile.TemporaryDirectory() as meeting:
        arguments = (workers, recipe, folder, stop_after_s, f"{meeting}/store")
        spawn(_work, args=arguments, nprocs=workers)
    return progress_of(folder)


def _work(rank: int, workers: int, recipe: Recipe, folder: Path, stop_after_s: float | None, meeting: str) -> None:
    torch.set_num_threads(1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    dist.init_process_group("gloo", init_method=f"file://{meeting}", rank=rank, world_size=workers)
    try:
        train(recipe, folder, worker=Worker(rank, workers), stop_after_s=stop_after_s)
    finally:
        dist.destroy_process_group()


def _end_with_parent() -> None:
    """A worker whose parent was killed would go on and write over the run that was started anew."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
