"""What one Claude model can do, as the provider's list of models tells it; pure.

Claude's generations differ in what they refuse: how thinking is asked for, whether it may be turned off, whether a
temperature is taken. Everything that is not told is taken to be as at the newest models.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from maru_backends.base import Feature
from maru_backends.foreign_json import count_of, object_of

Thinking = Literal["adaptive", "budget", "off"]

GUESSED_CONTEXT_WINDOW = 200_000
GUESSED_OUTPUT_TOKENS = 8192
LIKELY: frozenset[Feature] = frozenset({"tools", "images", "json", "effort"})
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class ClaudeModel:
    """One model.

    Attributes:
        name: the provider's.
        context_window: tokens of prompt and answer together.
        max_output_tokens: most tokens of one answer, thinking included.
        thinking: how it is asked for: at the model's own measure, by a budget of tokens, or not at all.
        may_rest: whether thinking can be turned off.
        efforts: the words for effort that it takes, from little to much; none: it takes none.
        takes_sampling: whether it takes a temperature and `top_p`; newer models refuse both.
        features: see `Limits.features`.
    """

    name: str
    context_window: int = GUESSED_CONTEXT_WINDOW
    max_output_tokens: int = GUESSED_OUTPUT_TOKENS
    thinking: Thinking = "adaptive"
    may_rest: bool = True
    efforts: tuple[str, ...] = EFFORTS
    takes_sampling: bool = False
    features: frozenset[Feature] = LIKELY


def told_model(name: str, entry: Mapping[str, object]) -> ClaudeModel:
    """What one answer of `GET /v1/models/NAME` tells; an empty one gives the likely model."""
    capabilities = object_of(entry.get("capabilities"))
    window = count_of(entry.get("max_input_tokens")) or GUESSED_CONTEXT_WINDOW
    output = count_of(entry.get("max_tokens")) or GUESSED_OUTPUT_TOKENS
    if not capabilities:
        return ClaudeModel(name, window, output)
    types = object_of(object_of(capabilities.get("thinking")).get("types"))
    effort = object_of(capabilities.get("effort"))
    thinking: Thinking = "off"
    if _can(types, "adaptive"):
        thinking = "adaptive"
    elif _can(types, "enabled"):
        thinking = "budget"
    told: dict[Feature, bool] = {
        "tools": True,
        "images": _can(capabilities, "image_input"),
        "json": _can(capabilities, "structured_outputs"),
        "effort": thinking != "off" or effort.get("supported") is True,
    }
    return ClaudeModel(
        name,
        window,
        output,
        thinking=thinking,
        may_rest=_can(types, "disabled"),
        efforts=tuple(word for word in EFFORTS if _can(effort, word)) if effort.get("supported") is True else (),
        # No field tells it: a temperature is refused by those models that refuse a budget of thinking.
        takes_sampling=thinking == "off" or _can(types, "enabled"),
        features=frozenset(feature for feature, is_there in told.items() if is_there),
    )


def _can(capabilities: Mapping[str, object], name: str) -> bool:
    return object_of(capabilities.get(name)).get("supported") is True
