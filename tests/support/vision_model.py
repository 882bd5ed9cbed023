"""A tiny model that sees, of the shape of Idefics 3 and SmolVLM, with random weights.

It babbles, but what it babbles depends on the picture: enough to compare ways of computing the same.
"""

from pathlib import Path
from typing import Any, cast

import torch
from transformers import (
    GenerationConfig,
    Idefics3Config,
    Idefics3ForConditionalGeneration,
    Idefics3ImageProcessor,
    Idefics3Processor,
    LlamaConfig,
)

from support.tiny_model import louder, tiny_tokenizer

SIDE = 64
PATCH = 8
SHUFFLE = 2
TOKENS_A_PICTURE = (SIDE // PATCH // SHUFFLE) ** 2
PICTURE = "<image>"
_MARKS = (PICTURE, "<fake_token_around_image>", "<global-img>", "<end_of_utterance>")
# As SmolVLM's, it takes the content of a message as a list of parts only.
TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{% for part in message['content'] %}{% if part['type'] == 'image' %}<image>{% else %}{{ part['text'] }}"
    "{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def save_vision_model(folder: Path) -> Path:
    """Write weights, processor and configs as `save_pretrained` does."""
    tokenizer: Any = tiny_tokenizer()
    tokenizer.add_special_tokens({"additional_special_tokens": list(_MARKS)})
    cast("Any", torch).manual_seed(7)
    text = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=3,
    )
    vision = {
        "model_type": "idefics3_vision",
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "image_size": SIDE,
        "patch_size": PATCH,
    }
    config = Idefics3Config(
        vision_config=vision,
        text_config=text,
        scale_factor=SHUFFLE,
        image_token_id=tokenizer.convert_tokens_to_ids(PICTURE),
        tie_word_embeddings=False,
    )
    model: Any = Idefics3ForConditionalGeneration(config)
    louder(model)
    advice: Any = GenerationConfig
    model.generation_config = advice(eos_token_id=2, pad_token_id=3)
    model.save_pretrained(folder)
    pictures: Any = Idefics3ImageProcessor
    processor: Any = Idefics3Processor
    processor(
        image_processor=pictures(
            size={"longest_edge": SIDE}, max_image_size={"longest_edge": SIDE}, do_image_splitting=False
        ),
        tokenizer=tokenizer,
        image_seq_len=TOKENS_A_PICTURE,
        chat_template=TEMPLATE,
    ).save_pretrained(folder)
    return folder
