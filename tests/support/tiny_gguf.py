"""The tiny LLaMA of `tiny_model.py` as a GGUF file, written with llama.cpp's own package."""

import json
from pathlib import Path
from typing import Any

import gguf
import transformers

_CONTROL, _NORMAL, _USER = 3, 1, 4
_LAYER = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
}
LIBRARY: Any = transformers  # its types have holes
WRITER: Any = gguf


def save_as_gguf(folder: Path, file: Path, *, name: str = "tiny", has_template: bool = True) -> Path:
    """Write the LLaMA model of a folder, tokenizer and template included; gives the file."""
    model = LIBRARY.AutoModelForCausalLM.from_pretrained(folder, local_files_only=True)
    tokenizer = LIBRARY.AutoTokenizer.from_pretrained(folder, local_files_only=True)
    config = model.config
    writer = WRITER.GGUFWriter(str(file), "llama")
    writer.add_name(name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_dimension_count(config.hidden_size // config.num_attention_heads)
    writer.add_rope_freq_base(10000.0)
    writer.add_vocab_size(config.vocab_size)
    _add_tokenizer(writer, tokenizer)
    if has_template:
        writer.add_chat_template(tokenizer.chat_template)
    for place, values in _tensors(model).items():
        writer.add_tensor(place, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _add_tokenizer(writer: Any, tokenizer: Any) -> None:
    state = json.loads(tokenizer.backend_tokenizer.to_str())
    added = {token["content"]: token["id"] for token in state["added_tokens"]}
    numbers = state["model"]["vocab"] | added
    pieces = sorted(numbers, key=numbers.get)
    control = {token["content"] for token in state["added_tokens"] if token["special"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(pieces)
    writer.add_token_types([_CONTROL if piece in control else _USER if piece in added else _NORMAL for piece in pieces])
    writer.add_token_merges([" ".join(merge) for merge in state["model"]["merges"]])
    writer.add_eos_token_id(tokenizer.eos_token_id)
    writer.add_add_bos_token(value=False)


def _tensors(model: Any) -> dict[str, Any]:
    config = model.config
    found: dict[str, Any] = {}
    for name, weights in model.state_dict().items():
        values = weights.float().numpy()
        parts = name.split(".")
        if name == "model.embed_tokens.weight":
            found["token_embd.weight"] = values
        elif name == "model.norm.weight":
            found["output_norm.weight"] = values
        elif parts[1] == "layers":
            kind = ".".join(parts[3:-1])
            heads = {"self_attn.q_proj": config.num_attention_heads, "self_attn.k_proj": config.num_key_value_heads}
            if kind in heads:
                values = _interleaved(values, heads[kind])
            found[f"blk.{parts[2]}.{_LAYER[kind]}.weight"] = values
    return found


def _interleaved(values: Any, heads: int) -> Any:
    """Rows in llama.cpp's order of rotary positions: pairs stand side by side, not in two halves."""
    rows, columns = values.shape
    return values.reshape(heads, 2, rows // heads // 2, columns).swapaxes(1, 2).reshape(rows, columns).copy()
