"""A tiny random chat model on disk: real files of every kind, made in a second, the same at every run.

LLaMA shape, byte-level BPE learnt from a few lines of English and Korean, ChatML template. It babbles, which is what
the tests of an engine want: every byte sequence comes up, also the broken ones.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WINDOW = 512
CONTROL_TOKENS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|pad|>")
CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
_TEXT = (
    "system user assistant tool\n",
    "My name is Jihoon. What is my name? Your name is Jihoon.\n",
    "Tell me about the sea, the moon and the number one two three four five.\n",
    "제 이름은 지훈입니다. 제 이름이 뭐예요? 당신의 이름은 지훈입니다.\n",
    "안녕하세요! 오늘 날씨가 정말 좋네요. 바다와 달과 숫자 하나 둘 셋.\n",
)


def save_tiny_model(
    folder: Path,
    *,
    template: str | None = CHATML,
    vocabulary: int = 512,
    window: int = WINDOW,
    tokens: Sequence[str] = (),
) -> Path:
    """Write weights, tokenizer and configs as `save_pretrained` does.

    A template of None leaves it out; `tokens` are more control tokens.
    """
    tokenizer: Any = tiny_tokenizer(vocabulary)
    tokenizer.add_tokens([AddedToken(token, special=True) for token in tokens])
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    generator: Any = torch  # torch and transformers have holes in their types
    generator.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=window,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=2,
        pad_token_id=3,
    )
    model: Any = LlamaForCausalLM(config)
    louder(model)
    advice: Any = GenerationConfig
    model.generation_config = advice(eos_token_id=2, pad_token_id=3)
    model.save_pretrained(folder)
    return folder


def louder(model: Any) -> None:
    """Make weights larger than a start for training has: logits then differ enough for babble to depend on prompts."""
    with torch.no_grad():
        for weights in model.parameters():
            if weights.dim() == 2:
                weights.mul_(8)


def tiny_tokenizer(vocabulary: int = 512) -> Any:
    """The tokenizer alone, nothing written."""
    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[AddedToken(token, special=True) for token in CONTROL_TOKENS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bare.train_from_iterator(_TEXT, trainer)
    fast: Any = PreTrainedTokenizerFast
    return fast(
        tokenizer_object=bare,
        eos_token="<|im_end|>",
        pad_token="<|pad|>",
        model_max_length=WINDOW,
        clean_up_tokenization_spaces=False,
    )
