"""Which format a model without a template gets."""

import pytest

from maru_backends.format_choice import ModelSigns, chosen_format, format_by_name
from maru_backends.prompt_formats import PROMPT_FORMATS, FormatName

LLAMA_2 = frozenset({"<s>", "</s>"})
LLAMA_3 = frozenset({"<|begin_of_text|>", *PROMPT_FORMATS["llama-3"].tokens})
GEMMA = frozenset({"<bos>", *PROMPT_FORMATS["gemma"].tokens})
QWEN = frozenset({"<|endoftext|>", "<|im_start|>", "<|im_end|>"})
CASES: tuple[tuple[str, str, frozenset[str], FormatName], ...] = (
    ("vicuna-7b-v1.5", "llama", LLAMA_2, "vicuna"),
    ("Wizard-Vicuna-13B", "llama", LLAMA_2, "vicuna"),
    ("alpaca-7b-wdiff", "llama", LLAMA_2, "alpaca"),
    ("Llama-2-7b-chat-hf", "llama", LLAMA_2, "llama-2"),
    ("CodeLlama-7b-Instruct-hf", "llama", LLAMA_2, "llama-2"),
    ("Llama-2-7b-hf", "llama", LLAMA_2, "few-shot"),
    ("llama-27b-chat", "llama", LLAMA_2, "few-shot"),
    ("llama-7b", "llama", LLAMA_2, "few-shot"),
    ("Meta-Llama-3-8B-Instruct", "llama", LLAMA_3, "llama-3"),
    ("Meta-Llama-3-8B", "llama", LLAMA_3, "few-shot"),
    ("Llama-4-Scout-17B-16E-Instruct", "llama4", frozenset(PROMPT_FORMATS["llama-4"].tokens), "llama-4"),
    ("Mistral-7B-Instruct-v0.1", "mistral", LLAMA_2, "mistral"),
    ("Mistral-7B-Instruct-v0.3", "mistral", LLAMA_2 | {"[INST]", "[/INST]"}, "mistral-v3"),
    ("Mistral-7B-v0.1", "mistral", LLAMA_2, "few-shot"),
    ("zephyr-7b-beta", "mistral", LLAMA_2, "zephyr"),
    ("gemma-2-2b-it", "gemma2", GEMMA, "gemma"),
    ("gemma-2-2b", "gemma2", GEMMA, "few-shot"),
    ("my-merge", "qwen2", QWEN, "chatml"),
    ("Qwen3-8B-Base", "qwen3", QWEN, "few-shot"),
    ("gpt2-medium", "gpt2", frozenset({"<|endoftext|>"}), "few-shot"),
    ("opt-1.3b", "opt", frozenset({"</s>", "<pad>"}), "few-shot"),
    ("a-critic", "gpt2", frozenset({"<|endoftext|>"}), "few-shot"),
)


@pytest.mark.parametrize(("name", "architecture", "tokens", "expected"), CASES)
def test_family_is_known_by_its_signs(
    name: str, architecture: str, tokens: frozenset[str], expected: FormatName
) -> None:
    """The name first: base models have the tokens as well, and have never learnt what they mean."""
    choice = chosen_format(ModelSigns(name, architecture, tokens))
    assert choice.format.name == expected
    assert choice.reason


def test_format_whose_control_tokens_are_missing_is_refused() -> None:
    """Its roles would be plain text, which anybody may type."""
    assert format_by_name("chatml", QWEN).name == "chatml"
    with pytest.raises(ValueError, match=r"'chatml' needs the control token <\|im_start\|>"):
        format_by_name("chatml", LLAMA_2)
