"""Runs the exam on a published folder and reports the share of right replies per cell and language."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from rich.progress import track
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from maru_training.house.chat import END_ID, PAD_ID, Encoder
from maru_training.house.exam import CELLS, Cell, Item, items
from maru_training.house.families.base import Language
from maru_training.house.judging import is_right

BATCH_TOKENS: Final = 32_000
MOST_IN_A_BATCH: Final = 100
MAX_NEW_TOKENS: Final = 80


@dataclass(frozen=True, slots=True)
class Answered:
    """An item with the model's reply and the verdict."""

    item: Item
    reply: str
    right: bool


@dataclass(frozen=True, slots=True)
class Score:
    """Share of right replies of one cell in one language."""

    cell: Cell
    language: Language
    items: int
    right: int

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.right / self.items if self.items else 0.0

    @property
    def is_reached(self) -> bool:
        """Whether the floor is."""
        return self.share >= self.cell.floor


class Model:
    """A published folder, asked greedily."""

    def __init__(self, folder: Path) -> None:
        """Load the weights in the type they were saved in."""
        self._model: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
        self.encoder = Encoder(Tokenizer.from_file(str(folder / "tokenizer.json")))

    def replies(self, prompts: Sequence[list[int]]) -> list[str]:
        """Answer prompts of similar length together."""
        longest = max(map(len, prompts))
        ids = torch.tensor([[PAD_ID] * (longest - len(prompt)) + prompt for prompt in prompts])
        mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        with torch.inference_mode():
            out = self._model.generate(
                input_ids=ids, attention_mask=mask, max_new_tokens=MAX_NEW_TOKENS, do_sample=False, pad_token_id=PAD_ID
            )
        return [self.encoder.decode(_until_end(row)) for row in out[:, longest:].tolist()]


def examine(folder: Path, *, count: int, seed: int = 0, cells: Sequence[Cell] = CELLS) -> list[Answered]:
    """Ask every item of the exam.

    Args:
        folder: of the model, as `publish.publish` writes it.
        count: items a cell and language.
        seed: of the items.
        cells: which to ask.
    """
    model = Model(folder)
    asked = [i for cell in cells for language in cell.languages for i in items(cell, language, count=count, seed=seed)]
    prompts = [model.encoder.prompt(item.messages) for item in asked]
    order = sorted(range(len(asked)), key=lambda number: len(prompts[number]))
    answered: dict[int, Answered] = {}
    for group in track(list(_groups(order, prompts)), description="exam"):
        for number, reply in zip(group, model.replies([prompts[n] for n in group]), strict=True):
            answered[number] = Answered(asked[number], reply, is_right(asked[number].turn, reply))
    return [answered[number] for number in range(len(asked))]


def scores(answered: Sequence[Answered], cells: Sequence[Cell] = CELLS) -> list[Score]:
    """Count right replies per cell and language."""
    return [
        Score(cell, language, len(verdicts), sum(verdicts))
        for cell in cells
        for language in cell.languages
        if (verdicts := [a.right for a in answered if (a.item.cell, a.item.language) == (cell.name, language)])
    ]


def report(results: Sequence[Score], *, seed: int) -> dict[str, Any]:
    """The scores as JSON-able data."""
    return {
        "seed": seed,
        "cells": [
            {
                "cell": score.cell.name,
                "language": score.language,
                "floor": score.cell.floor,
                "items": score.items,
                "right": score.right,
                "share": round(score.share, 4),
                "reached": score.is_reached,
            }
            for score in results
        ],
    }


def write_report(results: Sequence[Score], path: Path, *, seed: int) -> None:
    """The scores as a JSON file."""
    path.write_text(json.dumps(report(results, seed=seed), indent=1) + "\n", encoding="utf-8")


def table(results: Sequence[Score]) -> str:
    """The scores as a markdown table, in per cent; what is below its floor is in bold."""
    shown = {(s.cell.name, s.language): _per_cent(s) for s in results}
    cells = {score.cell.name: score for score in results}
    rows = [
        f"| {name} | {100 * score.cell.floor:.0f} | {shown.get((name, 'en'), '')} | {shown.get((name, 'ko'), '')} |"
        for name, score in cells.items()
    ]
    count = max((score.items for score in results), default=0)
    head = (f"| {count} held-out items a cell | floor | English | Korean |", "| --- | --: | --: | --: |")
    return "\n".join((*head, *rows))


def write_replies(answered: Sequence[Answered], path: Path) -> None:
    """Every item, reply and verdict, one JSON object a line."""
    with path.open("w", encoding="utf-8") as out:
        for a in answered:
            line = {
                "cell": a.item.cell,
                "language": a.item.language,
                "right": a.right,
                "messages": [f"{message.role}: {message.content}" for message in a.item.messages],
                "reply": a.reply,
                "wanted": a.item.turn.assistant,
            }
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def _per_cent(score: Score) -> str:
    share = f"{100 * score.share:.1f}"
    return share if score.is_reached else f"**{share}**"


def _groups(order: Sequence[int], prompts: Sequence[list[int]]) -> Iterator[list[int]]:
    group: list[int] = []
    for number in order:
        if group and (len(group) == MOST_IN_A_BATCH or (len(group) + 1) * len(prompts[number]) > BATCH_TOKENS):
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def _until_end(ids: list[int]) -> list[int]:
    return ids[: ids.index(END_ID)] if END_ID in ids else ids
