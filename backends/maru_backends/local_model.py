"""The arithmetic of in-process generation: prefill of one prompt, one step of a whole batch, kept prefixes.

Called from one thread only. Knows token ids, not text, and leaves the order of work to `local_engine.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from maru_backends.local_kv import KvBlock, PrefixStore, Slots, block_of
from maru_backends.local_sampling import Sampler, draw

SELF_CHECK_TOKENS = 12


class UnsupportedModelError(Exception):
    """The model does not compute the same in a batch as alone, so that it cannot be served here."""


@dataclass(slots=True)
class Prefill:
    """A prompt on its way into the cache.

    Attributes:
        tokens: the prompt.
        cached: how many of them were known from an earlier turn.
        done: how many are in the cache now, those included.
        cache: keys and values so far.
        logits: of the last token, once all are done.
        tensors: of its pictures, by the names of the model's `forward`; such a prompt is computed in one go.
    """

    tokens: tuple[int, ...]
    cached: int
    done: int
    cache: Any
    logits: Tensor | None = None
    tensors: Mapping[str, Tensor] = field(default_factory=dict[str, Tensor])

    @property
    def is_complete(self) -> bool:
        """Whether the first token of the answer can be drawn."""
        return self.logits is not None


class LocalModel:
    """A causal language model that answers many prompts at once."""

    def __init__(self, model: Any, *, prefix_bytes: int) -> None:  # noqa: ANN401 - transformers' models are untyped
        """`model` is a transformers model for causal language modelling, in eval mode."""
        self._model = model
        self._device = torch.device(model.device)
        self._windows = _attention_windows(model.config)
        self._lowest = torch.finfo(model.dtype).min
        self._slots = Slots()
        self._prefixes = PrefixStore(prefix_bytes)
        self.kv_bytes_per_token = 0

    def check_itself(self) -> None:
        """Compare batched decoding with plain computing, and learn the size of a position.

        Raises:
            UnsupportedModelError: they differ; recurrent layers, ALiBi and the like end here.
        """
        try:
            self._compare_batch_with_plain()
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as error:
            # A model that wants its cache or mask in another form shows it by any of these, deep inside.
            raise UnsupportedModelError(f"a trial step failed: {error}") from error

    @torch.inference_mode()
    def _compare_batch_with_plain(self) -> None:
        vocabulary = min(int(self._model.config.get_text_config().vocab_size), 1000)
        tokens = tuple((7 * i + 11) % vocabulary for i in range(SELF_CHECK_TOKENS))
        expected = self._model(torch.tensor([tokens], device=self._device), use_cache=False).logits[0, -1].float()
        for length in (SELF_CHECK_TOKENS - 1, 3):
            prefill = self.begin(None, tokens[:length])
            self.advance(prefill, length - 1)
            self.advance(prefill, length)
            block = block_of(prefill.cache)
            self.kv_bytes_per_token = block.size_bytes // max(block.length, 1)
            self.join(prefill)
        found = self._forward([tokens[-1], tokens[3]])[0].float()
        self.leave(0)
        self.leave(0)
        # 8 bits round what is computed together in another way than what is computed alone.
        is_rounded = self._model.dtype != torch.float32 or getattr(self._model, "is_quantized", False)
        tolerance = 0.1 if is_rounded else 1e-3
        difference = float((found - expected).abs().max())
        if not difference <= tolerance * max(1.0, float(expected.abs().max())):
            raise UnsupportedModelError(f"batched and plain logits differ by {difference:.3g}")

    def begin(
        self, session_id: str | None, tokens: tuple[int, ...], tensors: Mapping[str, Tensor] | None = None
    ) -> Prefill:
        """Start on a prompt, with what an earlier turn of the session has computed."""
        known = self._prefixes.find(session_id, tokens) or KvBlock(())
        moved = {name: self._moved(value) for name, value in (tensors or {}).items()}
        return Prefill(tokens, known.length, known.length, known.as_cache(), tensors=moved)

    def _moved(self, tensor: Tensor) -> Tensor:
        return tensor.to(self._device, self._model.dtype if tensor.is_floating_point() else None)

    @torch.inference_mode()
    def advance(self, prefill: Prefill, most: int) -> int:
        """Compute up to so many more tokens of a prompt; gives how many it were."""
        start, end = prefill.done, len(prefill.tokens)
        if not prefill.tensors:
            end = min(end, start + most)
        positions = torch.arange(start, end, device=self._device).unsqueeze(0)
        output = self._model(
            torch.tensor([prefill.tokens[start:end]], device=self._device),
            # Without sliding windows transformers makes the mask itself and may take the fast causal path.
            attention_mask=self._mask(positions, end) if any(self._windows.values()) else None,
            position_ids=positions,
            past_key_values=prefill.cache,
            use_cache=True,
            logits_to_keep=1,
            **prefill.tensors,
        )
        prefill.done = end
        if end == len(prefill.tokens):
            prefill.logits = output.logits[:, -1]
        return end - start

    @torch.inference_mode()
    def first_token(self, prefill: Prefill, sampler: Sampler) -> int:
        """Draw the first token of the answer."""
        if prefill.logits is None:
            raise ValueError("the prompt is not computed yet")
        return draw(prefill.logits, [sampler])[0]

    @torch.inference_mode()
    def join(self, prefill: Prefill) -> None:
        """Make the prompt the last row of the batch."""
        self._slots.join(block_of(prefill.cache))

    @torch.inference_mode()
    def next_tokens(self, tokens: Sequence[int], samplers: Sequence[Sampler]) -> list[int]:
        """Feed every row its last token and draw its next."""
        return draw(self._forward(tokens), samplers)

    @torch.inference_mode()
    def keep_row(self, row: int, session_id: str | None, tokens: Sequence[int]) -> None:
        """Keep a row for the session's next turn; `tokens` are its prompt and answer."""
        if session_id is not None:
            block = self._slots.copy_out(row)
            self._prefixes.keep(session_id, tokens[: block.length], block)

    @torch.inference_mode()
    def leave(self, row: int) -> None:
        """Remove a row; the last row takes its place."""
        self._slots.leave(row)

    def forget_rows(self) -> None:
        """Drop the whole batch, after an error in a step."""
        self._slots = Slots()

    def _forward(self, tokens: Sequence[int]) -> Tensor:
        self._slots.begin_step()
        positions = self._slots.positions.unsqueeze(1)
        logits: Tensor = self._model(
            torch.tensor(tokens, device=self._device).unsqueeze(1),
            attention_mask=self._mask(positions, self._slots.longest),
            position_ids=positions,
            past_key_values=self._slots.cache,
            use_cache=True,
        ).logits
        return logits[:, -1]

    def _mask(self, positions: Tensor, keys: int) -> Tensor | dict[str, Tensor]:
        """Additive masks of shape B x 1 x Q x keys; one for each kind of layer where a model has several."""
        masks = {kind: self._mask_of(positions, keys, window) for kind, window in self._windows.items()}
        return masks if len(masks) > 1 else next(iter(masks.values()))

    def _mask_of(self, positions: Tensor, keys: int, window: int | None) -> Tensor:
        distance = positions.unsqueeze(2) - torch.arange(keys, device=self._device)
        hidden = distance < 0 if window is None else (distance < 0) | (distance >= window)
        mask = torch.zeros(hidden.shape, dtype=self._model.dtype, device=self._device)
        return mask.masked_fill_(hidden, self._lowest).unsqueeze(1)


def _attention_windows(config: Any) -> dict[str, int | None]:  # noqa: ANN401 - transformers' configs are untyped
    """How far each kind of layer looks back; None is without bound."""
    text = config.get_text_config()
    window: int | None = getattr(text, "sliding_window", None)
    kinds: list[str] = list(dict.fromkeys(getattr(text, "layer_types", None) or ()))
    if not kinds:
        kinds = ["full_attention" if window is None else "sliding_attention"]
    unknown = sorted(set(kinds) - {"full_attention", "sliding_attention"})
    if unknown:
        raise UnsupportedModelError(f"it has layers of kind {', '.join(unknown)}")
    return {kind: window if kind == "sliding_attention" else None for kind in kinds}
