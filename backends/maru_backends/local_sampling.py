"""How the next token is drawn for every row of a batch at once.

Each row draws with random numbers of its own, so that a seed gives the same answer whoever else is in the batch.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from maru_backends.base import Sampling

FIRST_SORTED = 256
BELOW_ONE = 1 - 2**-24  # the largest float32 of them: a roll may be rounded up to 1


@dataclass(frozen=True, slots=True)
class SamplingDefaults:
    """What the model's makers advise in `generation_config.json`, for requests that do not say.

    Attributes:
        temperature: 0 is greedy.
        top_k: 0 is no bound.
        repetition_penalty: 1 is none; divides the logits of tokens seen in prompt or answer.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0


class Restriction(Protocol):
    """Which tokens may come next; see `local_formats.Constraint`."""

    def restrict(self, logits: Tensor) -> None:
        """Make the others impossible in one row of V logits, in place."""
        ...

    def accept(self, token: int) -> None:
        """This token came."""
        ...


@dataclass(frozen=True, slots=True)
class Drawn:
    """How likely a token was, before penalties, a format and temperature changed its chances.

    Attributes:
        logprob: natural logarithm.
        likeliest: token ids and their logprobs, likeliest first.
    """

    logprob: float
    likeliest: tuple[tuple[int, float], ...]


class Sampler:
    """The drawing of one answer: its numbers, its dice, and what it has said so far.

    Attributes:
        top_logprobs: how many rivals of each token are told; None: nothing is.
        drawn: of the newest token, where it is told.
        restriction: what the answer is held to; None: to nothing.
    """

    def __init__(
        self,
        sampling: Sampling,
        defaults: SamplingDefaults,
        prompt: Sequence[int],
        *,
        top_logprobs: int | None = None,
        restriction: Restriction | None = None,
    ) -> None:
        """A request's value goes before the model's default."""
        self.top_logprobs = top_logprobs
        self.restriction = restriction
        self.drawn: Drawn | None = None
        self.temperature = defaults.temperature if sampling.temperature is None else sampling.temperature
        self.top_p = defaults.top_p if sampling.top_p is None else sampling.top_p
        self.top_k = defaults.top_k
        self.presence_penalty = sampling.presence_penalty or 0.0
        self.frequency_penalty = sampling.frequency_penalty or 0.0
        self.repetition_penalty = defaults.repetition_penalty
        self._dice = random.Random(sampling.seed)  # noqa: S311 - repeatable by seed, no secret
        self._said: Counter[int] = Counter()
        self._seen = set(prompt) if self.repetition_penalty != 1.0 else set[int]()

    @property
    def is_greedy(self) -> bool:
        """Whether the likeliest token is always taken."""
        return self.temperature <= 0

    def roll(self) -> float:
        """A number in [0, 1)."""
        return self._dice.random()

    def said(self, token: int) -> None:
        """Remember a token of the answer."""
        self._said[token] += 1
        if self.repetition_penalty != 1.0:
            self._seen.add(token)
        if self.restriction is not None:
            self.restriction.accept(token)

    def weigh(self, logprobs: Tensor, token: int) -> None:
        """Remember how likely the newest token was; `logprobs` is one row of V."""
        values, ids = logprobs.topk(min(self.top_logprobs or 0, logprobs.shape[0]))
        self.drawn = Drawn(_number(logprobs[token]), tuple(zip(_numbers(ids), _numbers(values), strict=True)))

    def penalise(self, logits: Tensor) -> None:
        """Change one row of logits in place, as OpenAI and the CTRL paper (arXiv:1909.05858) say."""
        if self.repetition_penalty != 1.0 and self._seen:
            seen = torch.tensor(sorted(self._seen), device=logits.device)
            values = logits[seen]
            logits[seen] = torch.where(values > 0, values / self.repetition_penalty, values * self.repetition_penalty)
        if self._said and (self.presence_penalty or self.frequency_penalty):
            said = torch.tensor(list(self._said), device=logits.device)
            counts = torch.tensor(list(self._said.values()), device=logits.device, dtype=logits.dtype)
            logits[said] -= self.presence_penalty + self.frequency_penalty * counts

    def restrict(self, logits: Tensor) -> None:
        """Make the tokens that may not come impossible in one row of logits, in place."""
        if self.restriction is not None:
            self.restriction.restrict(logits)


def draw(logits: Tensor, samplers: Sequence[Sampler]) -> list[int]:
    """The next token of each of B rows.

    Args:
        logits: B x V, in any float type; may be changed.
        samplers: one for each row; they remember the token that was drawn.
    """
    logits = logits.float()
    weighed = [row for row, sampler in enumerate(samplers) if sampler.top_logprobs is not None]
    logprobs = torch.log_softmax(logits[weighed], dim=-1) if weighed else logits
    for row, sampler in enumerate(samplers):
        sampler.penalise(logits[row])
        sampler.restrict(logits[row])
    tokens = _numbers(logits.argmax(dim=-1))
    drawn = [row for row, sampler in enumerate(samplers) if not sampler.is_greedy]
    if drawn:
        chosen = _draw_by_chance(logits[drawn], [samplers[row] for row in drawn])
        for row, token in zip(drawn, chosen, strict=True):
            tokens[row] = token
    for place, row in enumerate(weighed):
        samplers[row].weigh(logprobs[place], tokens[row])
    for sampler, token in zip(samplers, tokens, strict=True):
        sampler.said(token)
    return tokens


def _draw_by_chance(logits: Tensor, samplers: Sequence[Sampler]) -> list[int]:
    device = logits.device
    temperatures = torch.tensor([sampler.temperature for sampler in samplers], device=device)
    chances = torch.softmax(logits / temperatures.unsqueeze(1), dim=-1)
    order: Tensor | None = None
    if any(sampler.top_p < 1 or sampler.top_k for sampler in samplers):
        chances, order = _sorted_enough(chances, samplers)
        chances = chances * _allowed(chances, samplers)
    heights = chances.cumsum(dim=-1)
    rolls = torch.tensor([sampler.roll() for sampler in samplers], device=device).unsqueeze(1).clamp_(max=BELOW_ONE)
    # The total is below 1 after a cut; a roll never reaches it, so that a token of chance 0 is never drawn.
    places = torch.searchsorted(heights, rolls * heights[:, -1:], right=True).clamp_(max=heights.shape[1] - 1)
    if order is not None:
        places = order.gather(1, places)
    return _numbers(places[:, 0])


def _sorted_enough(chances: Tensor, samplers: Sequence[Sampler]) -> tuple[Tensor, Tensor]:
    """The likeliest tokens in order: all that top_p and top_k can allow, and rarely more than a few hundred."""
    size = chances.shape[1]
    if size > FIRST_SORTED and all(sampler.top_k or sampler.top_p < 1 for sampler in samplers):
        top_p = torch.tensor([sampler.top_p for sampler in samplers], device=chances.device)
        top_k = torch.tensor([sampler.top_k or size for sampler in samplers], device=chances.device)
        likeliest, order = chances.topk(FIRST_SORTED, dim=-1)
        # A full sort of a large vocabulary costs more than the rest of a step.
        if bool(((likeliest.sum(dim=-1) > top_p) | (top_k <= FIRST_SORTED)).all()):
            return likeliest, order
    return chances.sort(dim=-1, descending=True)


def _allowed(sorted_chances: Tensor, samplers: Sequence[Sampler]) -> Tensor:
    """Which of the sorted tokens are inside top_p and top_k; the likeliest always is."""
    device = sorted_chances.device
    before = sorted_chances.cumsum(dim=-1) - sorted_chances
    top_p = torch.tensor([sampler.top_p for sampler in samplers], device=device).unsqueeze(1)
    size = sorted_chances.shape[1]
    top_k = torch.tensor([sampler.top_k or size for sampler in samplers], device=device).unsqueeze(1)
    ranks = torch.arange(size, device=device).unsqueeze(0)
    return ((before < top_p) & (ranks < top_k)) | (ranks == 0)


def _numbers(tensor: Tensor) -> list[Any]:
    untyped: Any = tensor  # torch does not say what is in the list
    numbers: list[Any] = untyped.tolist()
    return numbers


def _number(tensor: Tensor) -> float:
    return float(tensor)
