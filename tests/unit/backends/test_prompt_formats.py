"""Prompts of families without a chat template: the published text, token by token; nobody types a role."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest

from maru_backends.base import ChatMessage, Role, TextPart
from maru_backends.local_render import Renderer
from maru_backends.local_weights import beginning_of
from maru_backends.prompt_formats import PROMPT_FORMATS, FormatName
from support.family_tokenizers import byte_level, sentencepiece_like
from support.spoofing import attempts

LLAMA_3_TOKENS = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")
LLAMA_4_TOKENS = ("<|header_start|>", "<|header_end|>", "<|eot|>")
TOKENIZERS: dict[FormatName, Callable[[], Any]] = {
    "vicuna": sentencepiece_like,
    "alpaca": sentencepiece_like,
    "llama-2": sentencepiece_like,
    "mistral": sentencepiece_like,
    "mistral-v3": lambda: sentencepiece_like(("[INST]", "[/INST]")),
    "gemma": lambda: sentencepiece_like(("<start_of_turn>", "<end_of_turn>")),
    "zephyr": sentencepiece_like,
    "llama-3": lambda: byte_level(LLAMA_3_TOKENS, bos="<|begin_of_text|>", eos="<|end_of_text|>", adds_bos=True),
    "llama-4": lambda: byte_level(LLAMA_4_TOKENS, bos="<|begin_of_text|>", eos="<|end_of_text|>", adds_bos=True),
    "chatml": lambda: byte_level(("<|im_start|>", "<|im_end|>"), bos=None, eos="<|endoftext|>", adds_bos=False),
    "few-shot": lambda: byte_level(bos="<|endoftext|>", eos="<|endoftext|>", adds_bos=False),
}
VICUNA_SYSTEM = (
    "A chat between a curious user and an artificial intelligence assistant. "
    "The assistant gives helpful, detailed, and polite answers to the user's questions."
)
ALPACA_SYSTEM = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request."
)
ALPACA_SYSTEM_WITH_INPUT = (
    "Below is an instruction that describes a task, paired with an input that provides further context. "
    "Write a response that appropriately completes the request."
)
FEW_SHOT_SYSTEM = (
    "The following is a conversation with an AI assistant. "
    "The assistant is helpful, creative, clever, and very friendly."
)
EXAMPLE = "\n\nHuman: Hello, who are you?\nAI: I am an AI. How can I help you today?\n"

Conversation = Sequence[tuple[Role, str]]
SHORT: Conversation = (("user", "Hello!"),)
LONG: Conversation = (
    ("system", "Be kind."),
    ("user", "What is the sea?"),
    ("assistant", "Water."),
    ("user", "안녕하세요!"),
)
WITH_OUTPUT: Conversation = (("user", "Sum it up."), ("tool", "One two three."))
PUBLISHED: tuple[tuple[FormatName, Conversation, str], ...] = (
    ("vicuna", SHORT, f"<s>{VICUNA_SYSTEM} USER: Hello! ASSISTANT:"),
    (
        "vicuna",
        LONG,
        "<s>Be kind. USER: What is the sea? ASSISTANT: Water.</s>USER: 안녕하세요! ASSISTANT:",
    ),
    ("alpaca", SHORT, f"<s>{ALPACA_SYSTEM}\n\n### Instruction:\nHello!\n\n### Response:\n"),
    (
        "alpaca",
        WITH_OUTPUT,
        (
            f"<s>{ALPACA_SYSTEM_WITH_INPUT}\n\n### Instruction:\nSum it up.\n\n### Input:\nOne two three.\n\n"
            "### Response:\n"
        ),
    ),
    (
        "alpaca",
        LONG,
        (
            "<s>Be kind.\n\n### Instruction:\nWhat is the sea?\n\n### Response:\nWater.</s>"
            "### Instruction:\n안녕하세요!\n\n### Response:\n"
        ),
    ),
    ("llama-2", SHORT, "<s>[INST] Hello! [/INST]"),
    (
        "llama-2",
        LONG,
        "<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nWhat is the sea? [/INST] Water. </s><s>[INST] 안녕하세요! [/INST]",
    ),
    (
        "llama-3",
        LONG,
        (
            "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe kind.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nWhat is the sea?<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\nWater.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\n안녕하세요!<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n"
        ),
    ),
    (
        "llama-4",
        LONG,
        (
            "<|begin_of_text|><|header_start|>system<|header_end|>\n\nBe kind.<|eot|>"
            "<|header_start|>user<|header_end|>\n\nWhat is the sea?<|eot|>"
            "<|header_start|>assistant<|header_end|>\n\nWater.<|eot|>"
            "<|header_start|>user<|header_end|>\n\n안녕하세요!<|eot|>"
            "<|header_start|>assistant<|header_end|>\n\n"
        ),
    ),
    ("mistral", SHORT, "<s> [INST] Hello! [/INST]"),
    (
        "mistral",
        LONG,
        "<s> [INST] Be kind.\n\nWhat is the sea? [/INST] Water.</s> [INST] 안녕하세요! [/INST]",
    ),
    (
        "mistral-v3",
        LONG,
        "<s>[INST] What is the sea?[/INST] Water.</s>[INST] Be kind.\n\n안녕하세요![/INST]",
    ),
    (
        "gemma",
        LONG,
        (
            "<s><start_of_turn>user\nBe kind.\n\nWhat is the sea?<end_of_turn>\n<start_of_turn>model\n"
            "Water.<end_of_turn>\n"
            "<start_of_turn>user\n안녕하세요!<end_of_turn>\n<start_of_turn>model\n"
        ),
    ),
    (
        "zephyr",
        LONG,
        (
            "<s><|system|>\nBe kind.</s>\n<|user|>\nWhat is the sea?</s>\n<|assistant|>\nWater.</s>\n"
            "<|user|>\n안녕하세요!</s>\n<|assistant|>\n"
        ),
    ),
    (
        "chatml",
        LONG,
        (
            "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nWhat is the sea?<|im_end|>\n"
            "<|im_start|>assistant\nWater.<|im_end|>\n<|im_start|>user\n안녕하세요!<|im_end|>\n<|im_start|>assistant\n"
        ),
    ),
    ("few-shot", SHORT, f"{FEW_SHOT_SYSTEM}{EXAMPLE}Human: Hello!\nAI:"),
    (
        "few-shot",
        LONG,
        f"Be kind.{EXAMPLE}Human: What is the sea?\nAI: Water.\nHuman: 안녕하세요!\nAI:",
    ),
)


class Rendered:
    """A family's tokenizer with its format."""

    def __init__(self, name: FormatName) -> None:
        """As `local_weights.py` puts them together."""
        found = PROMPT_FORMATS[name]
        self.tokenizer = TOKENIZERS[name]()
        self.tokenizer.chat_template = beginning_of(self.tokenizer, found) + found.template
        self.renderer = Renderer(self.tokenizer)
        self.control: dict[str, int] = {
            token.content: number for number, token in self.tokenizer.added_tokens_decoder.items() if token.special
        }

    def ids(self, messages: Conversation) -> tuple[int, ...]:
        """The prompt."""
        return self.renderer.prompt([ChatMessage(role, (TextPart(text),)) for role, text in messages])

    def published(self, text: str) -> tuple[int, ...]:
        """Token by token, without the tokenizer's own search for control tokens."""
        found: list[int] = []
        for piece in re.split("(" + "|".join(map(re.escape, self.control)) + ")", text):
            if piece in self.control:
                found.append(self.control[piece])
            elif piece:
                found += self.tokenizer(piece, add_special_tokens=False).input_ids
        return tuple(found)

    def control_of(self, ids: Sequence[int]) -> list[int]:
        """The control tokens among them, in order."""
        return [number for number in ids if number in self.control.values()]

    def text_of(self, ids: Sequence[int]) -> str:
        """What the model reads."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=False))


@cache
def rendered(name: FormatName) -> Rendered:
    """One of each."""
    return Rendered(name)


@pytest.mark.parametrize(("name", "messages", "text"), PUBLISHED)
def test_prompt_is_the_published_one(name: FormatName, messages: Conversation, text: str) -> None:
    """Token by token: a model answers best to what it learnt from."""
    family = rendered(name)
    ids = family.ids(messages)
    assert ids == family.published(text), family.text_of(ids)


@pytest.mark.parametrize("name", PROMPT_FORMATS)
def test_later_system_message_reaches_the_model(name: FormatName) -> None:
    """Summaries and reminders come in the middle, and none may be lost."""
    family = rendered(name)
    conversations: tuple[Conversation, ...] = (
        (("user", "Hello!"), ("assistant", "Hi."), ("system", "Remember five."), ("user", "What?")),
        (("system", "Be kind."), ("system", "Remember five."), ("user", "What?")),
        (("user", "Hello!"), ("system", "Remember five.")),
        (("system", "Remember five."),),
    )
    for messages in conversations:
        text = family.text_of(family.ids(messages))
        assert text.count("Remember five.") == 1
        assert text.count("What?") == sum(said == "What?" for _, said in messages)


@pytest.mark.parametrize("name", PROMPT_FORMATS)
def test_nobody_types_a_role(name: FormatName) -> None:
    """200 attempts and more, by whoever writes: no control token comes of them, and no header of a turn."""
    family = rendered(name)
    found = PROMPT_FORMATS[name]
    tried = attempts([*family.control, *found.headers])
    assert len(tried) >= 200
    roles: tuple[Role, ...] = ("system", "user", "assistant", "tool")
    plain = {role: family.ids(_written_by(role, "x")) for role in roles}
    for place, attempt in enumerate(tried):
        role = roles[place % len(roles)]
        ids = family.ids(_written_by(role, attempt))
        assert family.control_of(ids) == family.control_of(plain[role]), (role, attempt)
        text, clean = family.text_of(ids), family.text_of(plain[role])
        for header in found.headers:
            assert text.count(header) == clean.count(header), (role, attempt)


@pytest.mark.parametrize("name", PROMPT_FORMATS)
def test_broken_words_stay_readable(name: FormatName) -> None:
    """A person may ask what USER: means."""
    family = rendered(name)
    for header in PROMPT_FORMATS[name].headers:
        text = family.text_of(family.ids((("user", f"What does {header} mean?"),)))
        assert f"What does {header} mean?" in text.replace("\u200b", "")


def _written_by(role: Role, text: str) -> Conversation:
    """A conversation in which the text stands in a message of that role."""
    before: tuple[tuple[Role, str], ...] = () if role == "system" else (("system", "Be kind."), ("user", "Hello!"))
    return (*before, (role, text), ("user", "What?"))
