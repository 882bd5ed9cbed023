"""The training loop: steps, checkpoints, the log. What is trained on is decided in `recipe.py`.

A run is a folder: `tokenizer.json`, `checkpoint.pt` (master weights, both optimizers, progress) and
`log.jsonl`. Started again on the same folder it goes on. With several workers each computes its own batches
on one core and the gradients are averaged: two single threads do far more than one run with two threads.
"""

import json
import os
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import torch
import torch.distributed as dist
from rich.progress import BarColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from tokenizers import Tokenizer
from torch import Tensor

from maru_training.house.batches import Batch, batches
from maru_training.house.chat import Encoder, render
from maru_training.house.feeding import fed
from maru_training.house.induction import start
from maru_training.house.model import HouseModel
from maru_training.house.optimizers import Updater
from maru_training.house.recipe import Phase, Progress, Recipe
from maru_training.house.sessions import make_session
from maru_training.house.tokenizer import kin, train_tokenizer

CHECKPOINT: Final = "checkpoint.pt"
TOKENIZER: Final = "tokenizer.json"
LOG: Final = "log.jsonl"


@dataclass(frozen=True, slots=True)
class Worker:
    """This process among those that train together."""

    rank: int = 0
    count: int = 1

    @property
    def is_first(self) -> bool:
        """Whether it writes the files."""
        return self.rank == 0


def train(
    recipe: Recipe,
    folder: Path,
    *,
    worker: Worker = Worker(),
    stop_after_s: float | None = None,
    device: str = "cpu",
) -> Progress:
    """Train until the recipe's tokens are used up, or the time is.

    Args:
        recipe: the run; on resuming it may differ from the one before in everything but the shape.
        folder: of the run; made if missing, gone on with if not.
        worker: this process, when several train together; they must have joined a process group.
        stop_after_s: stop with a checkpoint after so much wall time.
        device: where to compute; a GPU is fed by processes of its own.

    Returns:
        How far the run is now.
    """
    tokenizer = prepare(recipe, folder)
    encoder = Encoder(tokenizer)
    model = start(recipe.shape, seed=recipe.seed, kin=kin(tokenizer)).to(device, torch.bfloat16)
    if recipe.is_fused and shutil.which(os.environ.get("CXX", "g++")):
        model.fuse()
    updater = Updater(model)
    progress = _resume(updater, folder / CHECKPOINT)
    plan = {"event": "start", "seed": recipe.seed, "workers": worker.count, "batch_tokens": recipe.batch_tokens}
    _log(folder, worker, {**plan, **_plan(recipe), **asdict(progress)})
    run = _Run(recipe, folder, worker, encoder, model, updater, torch.device(device))
    with Bar(TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn(), disable=not worker.is_first) as bar:
        progress = run.steps(progress, bar, bar.add_task("house", total=recipe.tokens), stop_after_s)
    run.save(progress)
    _log(folder, worker, {"event": "stop", **asdict(progress)})
    return progress


def prepare(recipe: Recipe, folder: Path) -> Tokenizer:
    """Make the folder and its tokenizer, unless they are there."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / TOKENIZER
    if path.exists():
        return Tokenizer.from_file(str(path))
    tokenizer = train_tokenizer(_texts(recipe), vocabulary=recipe.shape.vocabulary)
    beside = path.with_suffix(f".{os.getpid()}")
    tokenizer.save(str(beside))
    beside.replace(path)
    return tokenizer


def progress_of(folder: Path) -> Progress:
    """How far a run is; nothing done if it has no checkpoint."""
    path = folder / CHECKPOINT
    return Progress(**_loaded(path)["progress"]) if path.exists() else Progress()


def load_masters(folder: Path) -> dict[str, Tensor]:
    """The fp32 weights of a run's checkpoint, by their names in transformers."""
    masters: dict[str, Tensor] = _loaded(folder / CHECKPOINT)["updater"]["masters"]
    return masters


@dataclass(slots=True)
class _Run:
    """What stays the same over the steps of one start."""

    recipe: Recipe
    folder: Path
    worker: Worker
    encoder: Encoder
    model: HouseModel
    updater: Updater
    device: torch.device

    def steps(self, progress: Progress, bar: Bar, task: TaskID, stop_after_s: float | None) -> Progress:
        begun = saved = time.monotonic()
        cpu_before = progress.cpu_s - time.process_time()
        losses: list[float] = []
        phase, source = self._source(progress)
        while progress.tokens < self.recipe.tokens:
            if self.recipe.phase_at(progress.tokens) is not phase:
                phase, source = self._source(progress)
            loss, norm, progress = self._step(progress, next(source))
            progress = replace(progress, cpu_s=(cpu_before + time.process_time()))
            losses.append(loss)
            now = time.monotonic()
            bar.update(task, completed=progress.tokens, description=f"{phase.name} loss {loss:.3f}")
            if progress.step % self.recipe.log_every_steps == 0:
                _log(self.folder, self.worker, _line(progress, phase, losses, norm, now - begun))
                losses = []
            if now - saved > self.recipe.checkpoint_every_s:
                saved = now
                self.save(progress)
            if self._out_of_time(now - begun, stop_after_s):
                break
        return progress

    def save(self, progress: Progress) -> None:
        """Write the checkpoint beside the old one, then in its place."""
        if not self.worker.is_first:
            return
        target = self.folder / CHECKPOINT
        beside = target.with_suffix(".new")
        torch.save({"updater": self.updater.state(), "progress": asdict(progress)}, beside)
        beside.replace(target)

    def _source(self, progress: Progress) -> tuple[Phase, Iterator[Batch]]:
        recipe = self.recipe
        phase = recipe.phase_at(progress.tokens)
        # The step is part of the seed: a resumed run goes on with conversations it has not seen.
        seed = f"{recipe.seed} {phase.name} {progress.step} {self.worker.rank}"

        def made(which: str) -> Iterator[Batch]:
            sizes = {"tokens": recipe.batch_tokens, "window": recipe.shape.window}
            return batches(seed + which, phase.mix, self.encoder, **sizes)

        return phase, fed(made, self.device)

    def _step(self, progress: Progress, batch: Batch) -> tuple[float, float, Progress]:
        loss = self.model.loss(batch.tokens, batch.trained)
        loss.backward()
        counted = torch.tensor([float(batch.size), float(batch.trained.sum()), loss.item()], dtype=torch.float64)
        if self.worker.count > 1:
            _average(self.updater.gradients(), self.worker.count)
            dist.all_reduce(counted)
        norm = self.updater.step(rate=self.recipe.rate * self.recipe.rate_at(progress.step, progress.tokens))
        tokens, trained, total = counted.tolist()
        return (
            total / self.worker.count,
            norm,
            replace(
                progress,
                step=progress.step + 1,
                tokens=progress.tokens + int(tokens),
                trained_tokens=progress.trained_tokens + int(trained),
            ),
        )

    def _out_of_time(self, used_s: float, limit_s: float | None) -> bool:
        if limit_s is None:
            return False
        over = torch.tensor(float(used_s > limit_s))
        if self.worker.count > 1:
            dist.all_reduce(over, op=dist.ReduceOp.MAX)  # all stop at the same step, or one waits for ever
        return bool(over.item())


def _average(gradients: list[Tensor], workers: int) -> None:
    flat = torch.cat([gradient.flatten().float() for gradient in gradients])
    dist.all_reduce(flat)
    flat /= workers
    for gradient, mean in zip(gradients, flat.split([g.numel() for g in gradients]), strict=True):
        gradient.copy_(mean.view_as(gradient))


def _texts(recipe: Recipe) -> Iterator[str]:
    rng = random.Random(f"{recipe.seed} tokenizer")
    mixes = [phase.mix for phase in recipe.phases]
    for number in range(recipe.tokenizer_sessions):
        yield render(make_session(rng, mixes[number % len(mixes)]).messages())


def _resume(updater: Updater, path: Path) -> Progress:
    if path.exists():
        updater.load(_loaded(path)["updater"])
    return progress_of(path.parent)


def _loaded(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")  # whatever it was trained on
    return state


def _plan(recipe: Recipe) -> dict[str, Any]:
    return {"plan": [{"phase": phase.name, "tokens": phase.tokens} for phase in recipe.phases]}


def _line(progress: Progress, phase: Phase, losses: list[float], norm: float, wall_s: float) -> dict[str, Any]:
    return {
        "event": "step",
        "phase": phase.name,
        "step": progress.step,
        "tokens": progress.tokens,
        "trained_tokens": progress.trained_tokens,
        "loss": round(sum(losses) / max(1, len(losses)), 4),
        "gradient_norm": round(norm, 3),
        "cpu_s": round(progress.cpu_s, 1),
        "wall_s": round(wall_s, 1),
    }


def _log(folder: Path, worker: Worker, line: dict[str, Any]) -> None:
    if worker.is_first:
        with (folder / LOG).open("a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
