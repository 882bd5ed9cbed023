"""Which prompt format a model without a chat template gets, and why.

Is told a few signs of the model, knows no file and no library.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass

from maru_backends.prompt_formats import PROMPT_FORMATS, FormatName, PromptFormat

_LOG = logging.getLogger(__name__)
_TUNED = re.compile(r"(?<![a-z])(instruct|chat|it|sft|dpo|rlhf|assistant)(?![a-z])")
_BASE = re.compile(r"(?<![a-z])(base|pt|pretrained)(?![a-z])")


@dataclass(frozen=True, slots=True)
class ModelSigns:
    """What tells a model's family.

    Attributes:
        name: of the folder or on the hub.
        architecture: `model_type` of its configuration.
        tokens: control tokens of its tokenizer.
    """

    name: str
    architecture: str
    tokens: frozenset[str]

    def is_called(self, pattern: str) -> bool:
        """Whether the name holds the pattern, which is written in small letters."""
        return re.search(pattern, self.name.lower()) is not None

    @property
    def is_tuned(self) -> bool:
        """Whether the name says that the model learnt to chat."""
        return _TUNED.search(self.name.lower()) is not None

    @property
    def is_base(self) -> bool:
        """Whether the name says that it did not."""
        return _BASE.search(self.name.lower()) is not None


@dataclass(frozen=True, slots=True)
class Choice:
    """A format, and the reason as half a sentence for the log."""

    format: PromptFormat
    reason: str


_MISTRALS = frozenset({"mistral", "mixtral"})
_Sign = Callable[[ModelSigns], bool]
# In this order: a name says more than tokens, which base models have as well.
_BY_NAME: tuple[tuple[FormatName, _Sign], ...] = (
    ("vicuna", lambda signs: signs.is_called("vicuna")),
    ("alpaca", lambda signs: signs.is_called("alpaca")),
    ("zephyr", lambda signs: signs.is_called("zephyr")),
    ("llama-2", lambda signs: signs.is_called(r"llama[-_ ]?2(?!\d)") and signs.is_tuned),
    ("llama-2", lambda signs: signs.is_called(r"code[-_ ]?llama") and signs.is_tuned),
    ("mistral-v3", lambda signs: signs.architecture in _MISTRALS and signs.is_tuned and "[INST]" in signs.tokens),
    ("mistral", lambda signs: signs.architecture in _MISTRALS and signs.is_tuned),
)
# These tokens come with the base models too, so that the name must say that the model was tuned.
_BY_TOKENS_AND_NAME: tuple[FormatName, ...] = ("llama-3", "llama-4", "gemma")


def format_for(signs: ModelSigns, chosen: FormatName | None, *, has_template: bool) -> PromptFormat | None:
    """The format of a model's prompts; None where its own template is used. A guess is logged.

    Raises:
        ValueError: see `format_by_name`.
    """
    if chosen is not None:
        return format_by_name(chosen, signs.tokens)
    if has_template:
        return None
    choice = chosen_format(signs)
    _LOG.warning(
        "prompt format: the model %r has no chat template and gets %r, because %s; "
        'write template = "…" in its table if that is wrong',
        signs.name,
        choice.format.name,
        choice.reason,
    )
    return choice.format


def chosen_format(signs: ModelSigns) -> Choice:
    """The format that fits best; a model of which nothing is known is taken for a base model."""
    for name, has_sign in _BY_NAME:
        found = PROMPT_FORMATS[name]
        if has_sign(signs) and signs.tokens.issuperset(found.tokens):
            return Choice(found, f"its name is {signs.name!r}")
    if signs.tokens.issuperset(PROMPT_FORMATS["chatml"].tokens) and not signs.is_base:
        return Choice(PROMPT_FORMATS["chatml"], "its tokenizer has <|im_start|> and <|im_end|>")
    for name in _BY_TOKENS_AND_NAME:
        found = PROMPT_FORMATS[name]
        if signs.is_tuned and signs.tokens.issuperset(found.tokens):
            return Choice(found, f"its tokenizer has {found.tokens[0]} and its name {signs.name!r} tells of tuning")
    return Choice(
        PROMPT_FORMATS["few-shot"],
        f"nothing in its name, its architecture {signs.architecture!r} or its tokenizer tells of tuning for chats",
    )


def format_by_name(name: FormatName, tokens: frozenset[str]) -> PromptFormat:
    """The format that the operator named.

    Raises:
        ValueError: the tokenizer lacks a control token of the format, so that people could type it; in one sentence.
    """
    found = PROMPT_FORMATS[name]
    missing = [token for token in found.tokens if token not in tokens]
    if missing:
        raise ValueError(f"the template {name!r} needs the control token {missing[0]}, which its tokenizer lacks")
    return found
