"""The start of training: a model that already copies, in the first two layers.

A small model learns late to repeat a name it was told: the two heads that do it must be found together.
Setting a few matrices beforehand saves hours. Nothing here is fixed: training may change every number, and
the file stays an ordinary LLaMA.
"""

import math
from collections.abc import Sequence
from typing import Final

import torch
from torch import Tensor

from maru_training.house.model import Attention, HouseModel, Layer, Shape
from maru_training.house.tokenizer import Kin

CONSTANT_DIMS: Final = 16
# The stream is three times larger than is usual: the first updates of the other layers would else drown it,
# and the copying with it (measured: docs/house-model.md).
CONSTANT: Final = 0.24
EMBEDDING_SD: Final = 0.06
MATRIX_SD: Final = 0.02
PREVIOUS_HEADS: Final = 2
FAST_PAIRS: Final = 8
PREVIOUS_STRENGTH: Final = 55.0
SLOW_PAIRS_FROM: Final = 18
MATCH_DIMS: Final = 28
NOTE_SCALE: Final = 0.15
QUERY_SCALE: Final = 2.0
KEY_SCALE: Final = 3.0
COPY_SCALE: Final = 0.9
KIN_SCALE: Final = 0.6
KIN_NOISE: Final = 0.2


def start(shape: Shape, *, seed: int, kin: Sequence[Kin] = ()) -> HouseModel:
    """A model that continues repeated sequences before any training.

    Tokens that are kin (a word with and without the space before it, with a capital and without) start close to
    each other, so that a word found after a space can be said without it. Every embedding has the same value in its
    first dimensions, so that a query or key can be constant. Two heads of layer 0 look one position back and note
    that token's features in other directions; layer 1 looks for the place after an earlier occurrence of the current
    token and copies the token found there. With fewer than two layers only the embedding is set.
    """
    torch.manual_seed(seed)
    model = HouseModel(shape)
    with torch.no_grad():
        _quiet(model)
        if kin:
            _relate(model.model.embed_tokens.weight, kin)
        model.model.embed_tokens.weight[:, : min(CONSTANT_DIMS, shape.width // 4)] = CONSTANT
        if shape.layers > 1:
            _induce(model, shape)
    return model


def _quiet(model: HouseModel) -> None:
    """Small random matrices whose outputs are zero, so that no random layer adds noise."""
    for name, parameter in model.named_parameters():
        if "norm" in name:
            parameter.fill_(1.0)
        elif "o_proj" in name or "down_proj" in name:
            parameter.zero_()
        else:
            parameter.normal_(0.0, EMBEDDING_SD if "embed" in name else MATRIX_SD)


def _relate(embedding: Tensor, kin: Sequence[Kin]) -> None:
    """Make each token its twin plus the direction of "with a space" and that of "with a capital"."""
    width = embedding.shape[1]
    spaced, capital = (KIN_SCALE * EMBEDDING_SD * torch.randn(width) for _ in range(2))
    own = embedding.clone()
    for number, token in enumerate(kin):
        if token.twin != number:
            mixed = own[token.twin] + token.is_spaced * spaced + token.is_capital * capital + KIN_NOISE * own[number]
            embedding[number] = mixed * (EMBEDDING_SD / mixed.square().mean().sqrt())


def _induce(model: HouseModel, shape: Shape) -> None:
    constant = min(CONSTANT_DIMS, shape.width // 4)
    free = shape.width - constant
    heads = min(PREVIOUS_HEADS, shape.heads)
    match = min(MATCH_DIMS, shape.head_size - 2 * min(SLOW_PAIRS_FROM, shape.head_size // 4))
    # Random orthonormal rows over the free dimensions: features to match by, and directions to note them in.
    read = torch.zeros(heads, match, shape.width)
    read[:, :, constant:] = _orthonormal(heads * match, free).view(heads, match, free)
    note = torch.zeros(heads, match, shape.width)
    note[:, :, constant:] = _orthonormal(heads * match, free).view(heads, match, free)
    rms = math.sqrt((constant * CONSTANT**2 + free * EMBEDDING_SD**2) / shape.width)
    unit = torch.zeros(shape.width)
    unit[:constant] = rms / (constant * CONSTANT)
    first, second = model.model.layers[0], model.model.layers[1]
    assert isinstance(first, Layer)  # noqa: S101 - narrows nn.ModuleList's type
    assert isinstance(second, Layer)  # noqa: S101
    _look_back(first.self_attn, shape, unit, read, note)
    _match_and_copy(second.self_attn, shape, read, note)


def _look_back(attention: Attention, shape: Shape, unit: Tensor, read: Tensor, note: Tensor) -> None:
    """Layer 0: constant query and key, the query turned back by one position; carry features to the note."""
    size, half = shape.head_size, shape.head_size // 2
    pairs = torch.arange(min(FAST_PAIRS, half))
    speeds = torch.exp(-math.log(shape.rope_theta) * pairs / half)
    amplitude = math.sqrt(PREVIOUS_STRENGTH)
    for head in range(read.shape[0]):
        rows = head * size + pairs
        attention.q_proj.weight[head * size : (head + 1) * size] = 0.0
        attention.k_proj.weight[head * size : (head + 1) * size] = 0.0
        attention.k_proj.weight[rows] = amplitude * unit
        attention.q_proj.weight[rows] = amplitude * torch.outer(speeds.cos(), unit)
        attention.q_proj.weight[rows + half] = -amplitude * torch.outer(speeds.sin(), unit)
        carried = slice(head * size, head * size + read.shape[1])
        attention.v_proj.weight[carried] = read[head]
        attention.o_proj.weight[:, carried] = NOTE_SCALE * note[head].T


def _match_and_copy(attention: Attention, shape: Shape, read: Tensor, note: Tensor) -> None:
    """Layer 1: query by the current token's features, key by the noted ones; copy the token found."""
    size, half = shape.head_size, shape.head_size // 2
    dims = read.shape[1]
    slow = torch.cat([torch.arange(half - dims // 2, half), torch.arange(size - dims // 2, size)])
    for head in range(shape.heads):
        source = head * read.shape[0] // shape.heads
        block = slice(head * size, (head + 1) * size)
        attention.q_proj.weight[block] = 0.0
        attention.k_proj.weight[block] = 0.0
        attention.q_proj.weight[head * size + slow] = QUERY_SCALE * read[source]
        attention.k_proj.weight[head * size + slow] = KEY_SCALE * note[source]
        attention.v_proj.weight[block] = torch.eye(shape.width)[block]
        attention.o_proj.weight[:, block] = COPY_SCALE * torch.eye(shape.width)[:, block]


def _orthonormal(rows: int, columns: int) -> Tensor:
    basis, _ = torch.linalg.qr(torch.randn(columns, min(rows, columns)))
    return basis.T if rows <= columns else torch.nn.functional.normalize(torch.randn(rows, columns), dim=1)


def repeat_accuracy(model: HouseModel, *, seed: int, sequences: int = 32, length: int = 160, span: int = 24) -> float:
    """Share of next tokens that the model gets right inside a repeated random span.

    Each sequence is random tokens in which one span occurs twice; counted are the second occurrence's tokens
    but its first, which nothing announces.
    """
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randint(4, model.shape.vocabulary, (sequences, length), generator=generator)
    begin = 8
    again = length - span
    tokens[:, again:] = tokens[:, begin : begin + span]
    with torch.no_grad():
        guesses = model(tokens[:, :-1]).argmax(dim=-1)[:, again:]
    return float((guesses == tokens[:, again + 1 :]).float().mean())
