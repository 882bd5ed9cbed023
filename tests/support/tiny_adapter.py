"""LoRA weights for the house model, made by the test: random, and large enough to change every answer."""

import json
from pathlib import Path
from typing import Any

RANK = 8
SCALE = 0.5
TARGETS = ("q_proj", "v_proj", "o_proj")


def save_tiny_adapter(model: Path, folder: Path, *, seed: int = 0, scale: float = SCALE) -> Path:
    """Write an adapter of PEFT's format for the model in another folder.

    Args:
        model: a LLaMA model.
        folder: where it goes; made if it is not there.
        seed: of the weights.
        scale: standard deviation of both factors; 0 changes nothing.
    """
    # Imported here: PyTorch takes seconds to load.
    import safetensors.torch as storage
    import torch

    saving: Any = storage  # typed in part

    shape = json.loads((model / "config.json").read_text())
    hidden, heads, keys = shape["hidden_size"], shape["num_attention_heads"], shape["num_key_value_heads"]
    head = shape.get("head_dim") or hidden // heads
    sides = {"q_proj": (hidden, heads * head), "v_proj": (hidden, keys * head), "o_proj": (heads * head, hidden)}
    chance = torch.Generator()
    chance.manual_seed(seed)
    weights: dict[str, torch.Tensor] = {}
    for layer in range(shape["num_hidden_layers"]):
        for target, (inner, outer) in sides.items():
            stem = f"base_model.model.model.layers.{layer}.self_attn.{target}"
            weights[f"{stem}.lora_A.weight"] = torch.randn(RANK, inner, generator=chance) * scale
            weights[f"{stem}.lora_B.weight"] = torch.randn(outer, RANK, generator=chance) * scale
    folder.mkdir(parents=True, exist_ok=True)
    saving.save_file(weights, folder / "adapter_model.safetensors")
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": str(model),
        "r": RANK,
        "lora_alpha": RANK,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": list(TARGETS),
        "inference_mode": True,
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    return folder
