"""Published prompt formats, for models that bring no chat template of their own.

Pure data: which model gets which is decided in `format_choice.py`. A template is Jinja, as in a model's own
`chat_template.jinja`, without the token that begins every prompt.

Sources: Vicuna 1.1 of FastChat's `conversation.py`; Stanford Alpaca's README; `llama/generation.py` of LLaMA 2;
`llama/tokenizer.py` of LLaMA 3; the model cards of LLaMA 4, Qwen and Zephyr; Mistral's cookbook on chat templates
(tokenizers 1 and 3); Gemma's page on formatting; OpenAI's "Chat" example for GPT-3. Where a format says nothing of
what Maru may send, a later system message stands in front of the next question, and a tool's output is a question.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from maru_backends.control_tokens import BREAK

FormatName = Literal[
    "vicuna",
    "alpaca",
    "llama-2",
    "llama-3",
    "llama-4",
    "mistral",
    "mistral-v3",
    "gemma",
    "zephyr",
    "chatml",
    "few-shot",
]


@dataclass(frozen=True, slots=True)
class PromptFormat:
    """How a family's prompts are written.

    Attributes:
        begins_with_bos: whether a prompt begins with the BOS token even where the tokenizer adds none by itself.
        tokens: control tokens that the tokenizer must have.
        ends: control tokens that end an answer, beside the tokenizer's own EOS token.
        headers: what opens a turn and is, or may be, plain text.
        stops: strings that end an answer: the model would go on in another's name.
        trims_answers: whether white space before an answer belongs to the format and not to the answer.
    """

    name: FormatName
    template: str
    begins_with_bos: bool = False
    tokens: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    stops: tuple[str, ...] = ()
    trims_answers: bool = False


def _told(*, question: str, answer: str, first: str = "", end: str = "") -> str:
    """A template for formats without turns of the system: its text stands in front of the next question.

    Args:
        question: writes `said`, behind `system` where that is not empty; `is_last` tells whether it is the newest.
        answer: writes `said`.
        first: writes what stands before all turns; may take `ns.system`, then the first system message.
        end: opens the answer.
    """
    return (
        "{% set ns = namespace(system='', newest=-1) %}"
        "{% for message in messages %}{% if message.role not in ('system', 'assistant') %}"
        "{% set ns.newest = loop.index0 %}{% endif %}{% endfor %}"
        "{% if messages and messages[0].role == 'system' %}{% set ns.system = messages[0].content | trim %}{% endif %}"
        + first
        + "{% for message in messages %}{% set said = message.content | trim %}"
        "{% if message.role == 'assistant' %}" + answer + "{% elif message.role == 'system' %}"
        "{% if not loop.first %}{% set ns.system = (ns.system ~ '\n\n' ~ said) | trim %}{% endif %}"
        "{% if loop.last and ns.system %}{% set system, said = '', ns.system %}" + question + "{% endif %}"
        "{% else %}{% set system, is_last = ns.system, loop.index0 == ns.newest %}{% set ns.system = '' %}"
        + question
        + "{% endif %}{% endfor %}{% if add_generation_prompt %}"
        + end
        + "{% endif %}"
    )


def _turns(*, opening: str, closing: str, is_trimming: bool) -> str:
    """A template for formats in which every role has turns of its own; `ROLE` stands for its name."""
    opened = opening.replace("ROLE", "{{ message.role }}")
    body = "{{ message.content | trim }}" if is_trimming else "{{ message.content }}"
    return (
        "{% for message in messages %}" + opened + body + closing + "{% endfor %}"
        "{% if add_generation_prompt %}" + opening.replace("ROLE", "assistant") + "{% endif %}"
    )


def _opened_by(introduction: str, then: str) -> str:
    """The first system message, or else the format's introduction; nothing is left for the first question.

    transformers takes the newline behind a `{% … %}` away, so that what follows is printed as well.
    """
    return f"{{{{ (ns.system or {introduction!r}) ~ {then!r} }}}}{{% set ns.system = '' %}}"


_SYSTEM_AND_SAID = "{% if system %}{{ system }}\n\n{% endif %}{{ said }}"

VICUNA_INTRODUCTION = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
_VICUNA = PromptFormat(
    "vicuna",
    _told(
        first=_opened_by(VICUNA_INTRODUCTION, " "),
        question=f"USER: {_SYSTEM_AND_SAID} ",
        answer="ASSISTANT: {{ said }}{{ eos_token }}",
        end="ASSISTANT:",
    ),
    headers=("USER:", "ASSISTANT:"),
    stops=(" USER:", "\nUSER:", "\nASSISTANT:"),
    trims_answers=True,
)

_ALPACA_BEGINNING = "Below is an instruction that describes a task"
ALPACA_INTRODUCTION = f"{_ALPACA_BEGINNING}. Write a response that appropriately completes the request."
ALPACA_INTRODUCTION_WITH_INPUT = (
    f"{_ALPACA_BEGINNING}, paired with an input that provides further context. "
    "Write a response that appropriately completes the request."
)
_ALPACA = PromptFormat(
    "alpaca",
    _told(
        first="{% if messages | selectattr('role', 'equalto', 'tool') | list %}"
        + _opened_by(ALPACA_INTRODUCTION_WITH_INPUT, "\n\n")
        + "{% else %}"
        + _opened_by(ALPACA_INTRODUCTION, "\n\n")
        + "{% endif %}",
        question="### {{ 'Input' if message.role == 'tool' else 'Instruction' }}:\n" + _SYSTEM_AND_SAID + "\n\n",
        answer="### Response:\n{{ said }}{{ eos_token }}",
        end="### Response:\n",
    ),
    headers=("### Instruction:", "### Input:", "### Response:"),
    stops=("\n\n### ", "### Instruction:", "### Input:", "### Response:"),
    trims_answers=True,
)

_LLAMA_2 = PromptFormat(
    "llama-2",
    _told(
        question="{% if not loop.first and ns.has_said %}{{ bos_token }}{% endif %}{% set ns.has_said = true %}"
        "[INST] {% if system %}<<SYS>>\n{{ system }}\n<</SYS>>\n\n{% endif %}{{ said }} [/INST]",
        answer=" {{ said }} {{ eos_token }}",
    ),
    begins_with_bos=True,
    headers=("[INST]", "[/INST]", "<<SYS>>", "<</SYS>>"),
    stops=("[INST]",),
    trims_answers=True,
)

_LLAMA_3 = PromptFormat(
    "llama-3",
    _turns(
        opening="<|start_header_id|>ROLE<|end_header_id|>\n\n",
        closing="<|eot_id|>",
        is_trimming=True,
    ),
    begins_with_bos=True,
    tokens=("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    ends=("<|eot_id|>",),
)

_LLAMA_4 = PromptFormat(
    "llama-4",
    _turns(opening="<|header_start|>ROLE<|header_end|>\n\n", closing="<|eot|>", is_trimming=True),
    begins_with_bos=True,
    tokens=("<|header_start|>", "<|header_end|>", "<|eot|>"),
    ends=("<|eot|>",),
)

_MISTRAL = PromptFormat(
    "mistral",
    _told(question=f" [INST] {_SYSTEM_AND_SAID} [/INST]", answer=" {{ said }}{{ eos_token }}"),
    begins_with_bos=True,
    headers=("[INST]", "[/INST]"),
    stops=("[INST]",),
    trims_answers=True,
)

# From version 3 on the brackets are control tokens, and instructions stand with the newest question.
_MISTRAL_V3 = PromptFormat(
    "mistral-v3",
    _told(
        question="{% if not is_last %}{% set ns.system = system %}{% set system = '' %}{% endif %}"
        f"[INST] {_SYSTEM_AND_SAID}[/INST]",
        answer=" {{ said }}{{ eos_token }}",
    ),
    begins_with_bos=True,
    tokens=("[INST]", "[/INST]"),
    trims_answers=True,
)

_GEMMA = PromptFormat(
    "gemma",
    _told(
        question=f"<start_of_turn>user\n{_SYSTEM_AND_SAID}<end_of_turn>\n",
        answer="<start_of_turn>model\n{{ said }}<end_of_turn>\n",
        end="<start_of_turn>model\n",
    ),
    begins_with_bos=True,
    tokens=("<start_of_turn>", "<end_of_turn>"),
    ends=("<end_of_turn>",),
)

_ZEPHYR = PromptFormat(
    "zephyr",
    _turns(opening="<|ROLE|>\n", closing="{{ eos_token }}\n", is_trimming=False),
    headers=("<|system|>", "<|user|>", "<|assistant|>", "<|tool|>"),
    stops=("<|user|>", "<|system|>"),
    trims_answers=True,
)

_CHATML = PromptFormat(
    "chatml",
    _turns(opening="<|im_start|>ROLE\n", closing="<|im_end|>\n", is_trimming=False),
    tokens=("<|im_start|>", "<|im_end|>"),
    ends=("<|im_end|>",),
)

FEW_SHOT_INTRODUCTION = (
    "The following is a conversation with an AI assistant. "
    "The assistant is helpful, creative, clever, and very friendly."
)
_FEW_SHOT = PromptFormat(
    "few-shot",
    _told(
        first=_opened_by(FEW_SHOT_INTRODUCTION, "\n\n")
        + "Human: Hello, who are you?\nAI: I am an AI. How can I help you today?\n",
        question=f"Human: {_SYSTEM_AND_SAID}\n",
        answer="AI: {{ said }}\n",
        end="AI:",
    ),
    headers=("Human:", "AI:"),
    stops=("\nHuman:", "\nAI:"),
    trims_answers=True,
)

PROMPT_FORMATS: dict[FormatName, PromptFormat] = {
    found.name: found
    for found in (
        _VICUNA,
        _ALPACA,
        _LLAMA_2,
        _LLAMA_3,
        _LLAMA_4,
        _MISTRAL,
        _MISTRAL_V3,
        _GEMMA,
        _ZEPHYR,
        _CHATML,
        _FEW_SHOT,
    )
}


class HeaderBreaker:
    """Breaks role headers that people typed, in formats whose headers are words like all others.

    The words stay readable: a zero width space comes behind the first letter, as in `control_tokens.py`.
    """

    def __init__(self, headers: Iterable[str]) -> None:
        """`headers` as they stand in the prompt; typed with more white space inside they are broken as well."""
        patterns = [_pattern(header) for header in sorted(headers, key=len, reverse=True)]
        self._headers = re.compile("|".join(patterns)) if patterns else None

    def broken(self, text: str) -> str:
        """The text without a header in it; a second pass changes nothing."""
        if self._headers is None:
            return text
        return self._headers.sub(lambda found: found.group()[0] + BREAK + found.group()[1:], text)


def plain_headers(shown: str) -> tuple[str, ...]:
    """Headers of any format that stand in a prompt, for templates that a model brought itself."""
    found = {header for known in PROMPT_FORMATS.values() for header in known.headers if header in shown}
    families = [known.headers for known in PROMPT_FORMATS.values() if found.intersection(known.headers)]
    return tuple(sorted({header for family in families for header in family}))


def _pattern(header: str) -> str:
    words = r"\s*".join(re.escape(word) for word in header.removesuffix(":").split())
    colon = r"\s*:" if header.endswith(":") else ""
    return words + colon
