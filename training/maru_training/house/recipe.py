"""The numbers of a training run: shape, phases, rates. Nothing here computes."""

from dataclasses import dataclass
from typing import Final

from maru_training.house.mixes import COPYING, EVERYTHING, LAST, LONG
from maru_training.house.model import Shape
from maru_training.house.sessions import Mix


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training on one mix; `tokens` counts padding too."""

    name: str
    mix: Mix
    tokens: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole run.

    Attributes:
        batch_tokens: tokens of one step of one worker.
        rate: highest learning rates, as a share of those of `optimizers.py`; larger batches bear higher ones.
        warm_up_steps: steps over which the rates rise.
        decay_share: the last share of all tokens, over which the rates fall to zero.
        tokenizer_sessions: conversations the tokenizer is trained on.
        is_fused: whether the model is compiled, if the machine has a C++ compiler.
    """

    shape: Shape
    phases: tuple[Phase, ...]
    seed: int = 1
    batch_tokens: int = 4096
    rate: float = 1.0
    warm_up_steps: int = 80
    decay_share: float = 0.7
    tokenizer_sessions: int = 60_000
    checkpoint_every_s: float = 180.0
    log_every_steps: int = 20
    is_fused: bool = True

    @property
    def tokens(self) -> int:
        """Tokens of all phases."""
        return sum(phase.tokens for phase in self.phases)

    def phase_at(self, tokens: int) -> Phase:
        """The phase after so many tokens; the last one at the end."""
        for phase in self.phases:
            if tokens < phase.tokens:
                return phase
            tokens -= phase.tokens
        return self.phases[-1]

    def rate_at(self, step: int, tokens: int) -> float:
        """Share of the full learning rates: up, flat, then down in a line."""
        up = min(1.0, (step + 1) / self.warm_up_steps)
        left = (self.tokens - tokens) / (self.decay_share * self.tokens)
        return max(0.0, min(up, left, 1.0))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is."""

    step: int = 0
    tokens: int = 0
    trained_tokens: int = 0
    cpu_s: float = 0.0


BATCH_ON_GPU: Final = 65_536
RATE_ON_GPU: Final = 1.4
TOKENS: Final = 131_000_000
TOKENS_ON_GPU: Final = 280_000_000


def full(*, tokens: int | None = None, seed: int = 1, on_gpu: bool = False) -> Recipe:
    """The recipe of the shipped model: copying first, then everything, then long conversations.

    Args:
        tokens: of all phases; by default `TOKENS`, on a GPU `TOKENS_ON_GPU`.
        seed: of the start and the data.
        on_gpu: steps of sixteen times the tokens, as a GPU has room for.
    """
    tokens = tokens or (TOKENS_ON_GPU if on_gpu else TOKENS)
    copying, everything, last = (int(tokens * share) for share in (0.07, 0.61, 0.015))
    return Recipe(
        shape=Shape(),
        phases=(
            Phase("copying", COPYING, copying),
            Phase("everything", EVERYTHING, everything),
            Phase("long", LONG, tokens - copying - everything - last),
            Phase("last", LAST, last),
        ),
        seed=seed,
        batch_tokens=BATCH_ON_GPU if on_gpu else 4096,
        rate=RATE_ON_GPU if on_gpu else 1.0,
        is_fused=not on_gpu,  # its kernels are fast as they are, and compiling would take a fifth of the run
    )


SMALL_SHAPE: Final = Shape(vocabulary=512, layers=2, heads=2, feed_forward=128, window=512)


def small(*, seed: int = 1) -> Recipe:
    """The same run in small: proves the pipeline in about a minute, learns nothing to speak of."""
    return Recipe(
        shape=SMALL_SHAPE,
        phases=(
            Phase("copying", COPYING, 8_000),
            Phase("everything", EVERYTHING, 8_000),
            Phase("long", LONG, 3_000),
            Phase("last", LAST, 1_000),
        ),
        seed=seed,
        batch_tokens=1024,
        warm_up_steps=2,
        tokenizer_sessions=200,
        checkpoint_every_s=5.0,
        log_every_steps=2,
        is_fused=False,
    )
