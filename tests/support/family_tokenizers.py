"""Tokenizers of the two kinds that model families have, learnt from a few lines, with a family's control tokens."""

import json
from typing import Any

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

_TEXT = (
    "A chat between a curious user and an artificial intelligence assistant.\n",
    "USER: Hello! ASSISTANT: Hi there. ### Instruction: ### Response: [INST] [/INST] <<SYS>> Human: AI:\n",
    "system user assistant model tool Be kind. What is the name of the sea? One two three four five.\n",
    "제 이름은 지훈입니다. 안녕하세요! 오늘 날씨가 정말 좋네요.\n",
)
_UNKNOWN, _BOS, _EOS = "<unk>", "<s>", "</s>"


def sentencepiece_like(tokens: tuple[str, ...] = (), *, vocabulary: int = 480) -> Any:
    """As LLaMA 1 and 2, Vicuna, Mistral and Gemma have it: spaces are letters, strange ones are bytes, <s> begins."""
    learnt = Tokenizer(models.BPE(unk_token=_UNKNOWN))
    learnt.normalizer = _spaces_as_letters()
    learnt.train_from_iterator(_TEXT, trainers.BpeTrainer(vocab_size=vocabulary - 259, show_progress=False))
    model = json.loads(learnt.to_str())["model"]
    pieces = [_UNKNOWN, _BOS, _EOS, *(f"<0x{byte:02X}>" for byte in range(256)), *model["vocab"]]
    bare: Any = Tokenizer(
        models.BPE(
            vocab={piece: number for number, piece in enumerate(pieces)},
            merges=[tuple(merge) for merge in model["merges"]],
            unk_token=_UNKNOWN,
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    bare.normalizer = _spaces_as_letters()
    bare.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    bare.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in (_UNKNOWN, _BOS, _EOS)])
    return _fast(bare, tokens, bos=_BOS, eos=_EOS, adds_bos=True)


def byte_level(
    tokens: tuple[str, ...] = (),
    *,
    bos: str | None,
    eos: str,
    adds_bos: bool,
    vocabulary: int = 420,
    normalizer: normalizers.Normalizer | None = None,
) -> Any:
    """As GPT-2, OPT, Qwen and LLaMA 3 have it; with a normalizer, control tokens are looked for behind that."""
    bare: Any = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    bare.train_from_iterator(_TEXT, trainer)
    if normalizer is not None:
        bare.normalizer = normalizer
    of_family = tuple(dict.fromkeys(token for token in (bos, eos, *tokens) if token is not None))
    return _fast(bare, of_family, bos=bos, eos=eos, adds_bos=adds_bos, is_normalised=normalizer is not None)


def _fast(
    bare: Any, tokens: tuple[str, ...], *, bos: str | None, eos: str, adds_bos: bool, is_normalised: bool = False
) -> Any:
    bare.add_special_tokens([AddedToken(token, special=True, normalized=is_normalised) for token in tokens])
    if adds_bos:
        bare.post_processor = processors.TemplateProcessing(
            single=f"{bos} $A", special_tokens=[(bos, bare.token_to_id(str(bos)))]
        )
    fast: Any = PreTrainedTokenizerFast
    return fast(tokenizer_object=bare, bos_token=bos, eos_token=eos, clean_up_tokenization_spaces=False)


def _spaces_as_letters() -> normalizers.Normalizer:
    return normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
