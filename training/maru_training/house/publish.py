"""Writes a run's weights as a folder that transformers and vLLM load without change.

Decides names of files and fields of the configuration; knows nothing of training.
"""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import save_file
from torch import Tensor

from maru_training.house.chat import (
    CONTROL_TOKENS,
    END,
    END_ID,
    END_OF_TEXT,
    END_OF_TEXT_ID,
    PAD,
    PAD_ID,
    PLAIN_TEMPLATE,
    START_ID,
    TRAINING_TEMPLATE,
)
from maru_training.house.model import NORM_EPSILON, Shape

READABLE_BY_ALL: Final = 0o644
INITIAL_SD: Final = 0.02


def publish(weights: dict[str, Tensor], shape: Shape, tokenizer: Path, folder: Path) -> None:
    """Write the model's folder; files already there are replaced.

    Args:
        weights: by their names in transformers; the output layer is the embedding and has no entry.
        shape: of the model.
        tokenizer: path of `tokenizer.json`.
        folder: made if missing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rounded = {name: tensor.to(torch.bfloat16).contiguous() for name, tensor in weights.items()}
    save_file(rounded, folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    _write(folder / "config.json", configuration(shape))
    _write(folder / "generation_config.json", generation())
    _write(folder / "tokenizer_config.json", tokenizer_configuration(shape))
    (folder / "chat_template.jinja").write_text(PLAIN_TEMPLATE, encoding="utf-8")
    (folder / "chat_template.training.jinja").write_text(TRAINING_TEMPLATE, encoding="utf-8")
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(READABLE_BY_ALL)  # safetensors writes 0600, which a service user could not read


def configuration(shape: Shape) -> dict[str, Any]:
    """The fields of config.json."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "attention_bias": False,
        "attention_dropout": 0.0,
        "bos_token_id": START_ID,
        "eos_token_id": END_ID,
        "pad_token_id": PAD_ID,
        "head_dim": shape.head_size,
        "hidden_act": "silu",
        "hidden_size": shape.width,
        "initializer_range": INITIAL_SD,
        "intermediate_size": shape.feed_forward,
        "max_position_embeddings": shape.window,
        "mlp_bias": False,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.heads,
        "rms_norm_eps": NORM_EPSILON,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.rope_theta},
        "rope_theta": shape.rope_theta,
        "tie_word_embeddings": True,
        "dtype": "bfloat16",
        "torch_dtype": "bfloat16",
        "use_cache": True,
        "vocab_size": shape.vocabulary,
    }


def generation() -> dict[str, Any]:
    """The fields of generation_config.json: greedy, stop at the end of a message."""
    return {
        "bos_token_id": START_ID,
        "eos_token_id": [END_ID, END_OF_TEXT_ID],
        "pad_token_id": PAD_ID,
        # Greedy by default in both engines: transformers goes by the first, vLLM by the second.
        "do_sample": False,
        "temperature": 0.0,
    }


def tokenizer_configuration(shape: Shape) -> dict[str, Any]:
    """The fields of tokenizer_config.json; the class name is the one that older readers know too."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "add_bos_token": False,
        "add_eos_token": False,
        "added_tokens_decoder": {
            str(number): {
                "content": token,
                "lstrip": False,
                "normalized": False,
                "rstrip": False,
                "single_word": False,
                "special": True,
            }
            for number, token in enumerate(CONTROL_TOKENS)
        },
        "bos_token": None,
        "eos_token": END,
        "pad_token": PAD,
        "unk_token": END_OF_TEXT,
        "additional_special_tokens": ["<|im_start|>"],
        "clean_up_tokenization_spaces": False,
        "model_max_length": shape.window,
        "chat_template": PLAIN_TEMPLATE,
    }


def _write(path: Path, fields: dict[str, Any]) -> None:
    path.write_text(json.dumps(fields, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
