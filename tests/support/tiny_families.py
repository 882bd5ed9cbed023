"""Tiny random models of the lineage on disk, none with a chat template, as their makers published them.

The folder's name is the model's: Maru tells the family by it.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import (
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    OPTConfig,
    OPTForCausalLM,
)

from support.family_tokenizers import byte_level, sentencepiece_like
from support.tiny_model import louder

TinyName = Literal["vicuna-tiny", "opt-tiny", "gpt2-tiny"]
WINDOW = 768


def save_tiny_family(folder: Path, name: TinyName) -> Path:
    """Write that model into a folder of its name; gives the folder."""
    tokenizer, made = _MAKERS[name]()
    generator: Any = torch  # torch and transformers have holes in their types
    generator.manual_seed(7)
    model: Any = made(len(tokenizer), int(tokenizer.eos_token_id))
    louder(model)
    advice: Any = GenerationConfig
    model.generation_config = advice(eos_token_id=int(tokenizer.eos_token_id))
    model.save_pretrained(folder / name)
    tokenizer.save_pretrained(folder / name)
    return folder / name


def _vicuna() -> tuple[Any, Callable[[int, int], Any]]:
    """LLaMA 1: sentencepiece, <s> before everything, an output layer of its own."""

    def made(vocabulary: int, end: int) -> Any:
        return LlamaForCausalLM(
            LlamaConfig(
                vocab_size=vocabulary,
                hidden_size=64,
                intermediate_size=128,
                num_hidden_layers=2,
                num_attention_heads=4,
                max_position_embeddings=WINDOW,
                tie_word_embeddings=False,
                bos_token_id=1,
                eos_token_id=end,
            )
        )

    return sentencepiece_like(), made


def _opt() -> tuple[Any, Callable[[int, int], Any]]:
    """Learned positions from 2 on, </s> begins and ends, embeddings narrower than the layers, as OPT-350m."""

    def made(vocabulary: int, end: int) -> Any:
        return OPTForCausalLM(
            OPTConfig(
                vocab_size=vocabulary,
                hidden_size=64,
                word_embed_proj_dim=32,
                ffn_dim=128,
                num_hidden_layers=2,
                num_attention_heads=4,
                max_position_embeddings=WINDOW,
                bos_token_id=end,
                eos_token_id=end,
                pad_token_id=1,
            )
        )

    return byte_level(("<pad>",), bos="</s>", eos="</s>", adds_bos=True), made


def _gpt2() -> tuple[Any, Callable[[int, int], Any]]:
    """Learned positions, nothing before a text, embeddings that are the output layer as well."""

    def made(vocabulary: int, end: int) -> Any:
        return GPT2LMHeadModel(
            GPT2Config(
                vocab_size=vocabulary,
                n_embd=64,
                n_layer=2,
                n_head=4,
                n_positions=WINDOW,
                bos_token_id=end,
                eos_token_id=end,
            )
        )

    return byte_level(bos="<|endoftext|>", eos="<|endoftext|>", adds_bos=False), made


_MAKERS: dict[TinyName, Callable[[], tuple[Any, Callable[[int, int], Any]]]] = {
    "vicuna-tiny": _vicuna,
    "opt-tiny": _opt,
    "gpt2-tiny": _gpt2,
}
