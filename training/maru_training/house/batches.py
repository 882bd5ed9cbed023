"""Endless batches of conversations of similar length, made on the fly; no conversation is ever seen twice."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from maru_training.house.chat import PAD_ID, Encoded, Encoder
from maru_training.house.sessions import Mix, make_session

POOL: Final = 192  # conversations sorted by length at a time, for each 4,096 tokens of a batch
ROUND_LENGTH_TO: Final = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """Conversations padded on the right to one length.

    Attributes:
        tokens: ids, B x T.
        trained: whether the model is trained to say the token, B x T.
    """

    tokens: Tensor
    trained: Tensor

    @property
    def size(self) -> int:
        """Tokens with padding: what a step costs."""
        return self.tokens.numel()


def batches(seed: str, mix: Mix, encoder: Encoder, *, tokens: int, window: int) -> Iterator[Batch]:
    """Yield batches of about `tokens` tokens each.

    Args:
        seed: text; the same seed gives the same batches.
        mix: what conversations are made of.
        encoder: of the model in training.
        tokens: wanted size of a batch; a single long conversation may be alone in one.
        window: longest conversation; longer ones are dropped.
    """
    rng = random.Random(seed)
    while True:
        size = POOL * max(1, tokens // 4096)
        pool = [encoder.encode(make_session(rng, mix).messages()) for _ in range(size)]
        pool = sorted((e for e in pool if len(e.ids) <= window and any(e.trained)), key=lambda e: len(e.ids))
        cut = list(_cut(pool, tokens))
        rng.shuffle(cut)
        for group in cut:
            yield pad(group)


def pad(group: list[Encoded]) -> Batch:
    """Stack conversations, padded on the right."""
    longest = max(len(encoded.ids) for encoded in group)
    longest = -(-longest // ROUND_LENGTH_TO) * ROUND_LENGTH_TO + 1
    ids = torch.full((len(group), longest), PAD_ID)
    trained = torch.zeros((len(group), longest), dtype=torch.bool)
    for row, encoded in enumerate(group):
        ids[row, : len(encoded.ids)] = torch.tensor(encoded.ids)
        trained[row, : len(encoded.ids)] = torch.tensor(encoded.trained)
    return Batch(ids, trained)


def _cut(pool: list[Encoded], tokens: int) -> Iterator[list[Encoded]]:
    group: list[Encoded] = []
    for encoded in pool:
        if group and (len(group) + 1) * len(encoded.ids) > tokens:
            yield group
            group = []
        group.append(encoded)
    if group:
        yield group
