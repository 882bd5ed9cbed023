"""The house model's shape and forward pass: a LLaMA whose parameter names are those of transformers.

Written out here because a forward pass without padding masks, caches and hooks, with logits only where
they are trained, is several times faster on one core. `publish.py` writes the same numbers as a
LlamaForCausalLM; a test holds the two to the same logits.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

NORM_EPSILON: Final = 1e-5
WRITTEN_OUT_UP_TO: Final = 512


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the model; width is heads x head_size."""

    vocabulary: int = 4096
    layers: int = 6
    heads: int = 4
    head_size: int = 64
    feed_forward: int = 704
    window: int = 2048
    rope_theta: float = 200_000.0

    @property
    def width(self) -> int:
        """Size of the residual stream."""
        return self.heads * self.head_size


class RMSNorm(nn.Module):
    """Scale to unit mean square, then per dimension."""

    def __init__(self, width: int) -> None:
        """Start at a scale of one."""
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x_B_T_D: Tensor) -> Tensor:
        """Scale the last axis."""
        return functional.rms_norm(x_B_T_D, (x_B_T_D.shape[-1],), self.weight, NORM_EPSILON)


class Attention(nn.Module):
    """Causal attention over all earlier positions."""

    def __init__(self, shape: Shape) -> None:
        """Make the four projections."""
        super().__init__()
        self.heads = shape.heads
        width = shape.width
        self.q_proj = nn.Linear(width, width, bias=False)
        self.k_proj = nn.Linear(width, width, bias=False)
        self.v_proj = nn.Linear(width, width, bias=False)
        self.o_proj = nn.Linear(width, width, bias=False)

    def forward(self, x_B_T_D: Tensor, cos_T_K: Tensor, sin_T_K: Tensor) -> Tensor:
        """Mix each position with those before it."""
        batch, length, width = x_B_T_D.shape
        split = (batch, length, self.heads, width // self.heads)
        q = rotate(self.q_proj(x_B_T_D).view(split).transpose(1, 2), cos_T_K, sin_T_K)
        k = rotate(self.k_proj(x_B_T_D).view(split).transpose(1, 2), cos_T_K, sin_T_K)
        v = self.v_proj(x_B_T_D).view(split).transpose(1, 2)
        mixed = attend(q, k, v)
        joined: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return joined


class FeedForward(nn.Module):
    """Gated feed-forward layer."""

    def __init__(self, shape: Shape) -> None:
        """Make the three projections."""
        super().__init__()
        self.gate_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.up_proj = nn.Linear(shape.width, shape.feed_forward, bias=False)
        self.down_proj = nn.Linear(shape.feed_forward, shape.width, bias=False)

    def forward(self, x_B_T_D: Tensor) -> Tensor:
        """Transform each position by itself."""
        out: Tensor = self.down_proj(functional.silu(self.gate_proj(x_B_T_D)) * self.up_proj(x_B_T_D))
        return out


class Layer(nn.Module):
    """Attention, then feed-forward, each added to the stream."""

    def __init__(self, shape: Shape) -> None:
        """Make both halves."""
        super().__init__()
        self.input_layernorm = RMSNorm(shape.width)
        self.self_attn = Attention(shape)
        self.post_attention_layernorm = RMSNorm(shape.width)
        self.mlp = FeedForward(shape)

    def forward(self, x_B_T_D: Tensor, cos_T_K: Tensor, sin_T_K: Tensor) -> Tensor:
        """Add what both halves find to the stream."""
        x_B_T_D = x_B_T_D + self.self_attn(self.input_layernorm(x_B_T_D), cos_T_K, sin_T_K)
        out: Tensor = x_B_T_D + self.mlp(self.post_attention_layernorm(x_B_T_D))
        return out


class Trunk(nn.Module):
    """Everything but the output layer, which is the embedding again."""

    def __init__(self, shape: Shape) -> None:
        """Make the embedding, the layers and the last norm."""
        super().__init__()
        self.embed_tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = RMSNorm(shape.width)


class HouseModel(nn.Module):
    """The whole model."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape) -> None:
        """Make a model of the shape with torch's default start; see `induction.py` for the real one."""
        super().__init__()
        self.shape = shape
        self.model = Trunk(shape)
        cos, sin = rope_tables(shape)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self._forward_to: Callable[[Tensor], Tensor] = self.hidden
        self._cross_entropy = cross_entropy

    def fuse(self) -> None:
        """Compile what a step computes: 1.8 times as fast, after a minute of compiling. Needs a C++ compiler."""
        self._forward_to = torch.compile(self.hidden, dynamic=True)
        self._cross_entropy = torch.compile(cross_entropy, dynamic=True)

    def hidden(self, tokens_B_T: Tensor) -> Tensor:
        """The stream after the last norm, B x T x width."""
        length = tokens_B_T.shape[1]
        x: Tensor = self.model.embed_tokens(tokens_B_T)
        cos, sin = self.cos[:length].to(x.dtype), self.sin[:length].to(x.dtype)
        for layer in self.model.layers:
            x = layer(x, cos, sin)
        out: Tensor = self.model.norm(x)
        return out

    def forward(self, tokens_B_T: Tensor) -> Tensor:
        """Logits at every position, B x T x vocabulary."""
        return functional.linear(self.hidden(tokens_B_T), self.model.embed_tokens.weight)

    def loss(self, tokens_B_T: Tensor, trained_B_T: Tensor) -> Tensor:
        """Mean cross entropy in nats of the trained tokens, given all tokens before each."""
        hidden = self._forward_to(tokens_B_T[:, :-1].contiguous())
        wanted = trained_B_T[:, 1:]
        return self._cross_entropy(hidden[wanted], self.model.embed_tokens.weight, tokens_B_T[:, 1:][wanted])


def cross_entropy(hidden_N_D: Tensor, embedding_V_D: Tensor, tokens_N: Tensor) -> Tensor:
    """Mean of -log p(token) in nats over N positions, with the embedding as the output layer."""
    return functional.cross_entropy(functional.linear(hidden_N_D, embedding_V_D).float(), tokens_N)


def attend(q_B_H_T_K: Tensor, k_B_H_T_K: Tensor, v_B_H_T_K: Tensor) -> Tensor:
    """Causal attention, B x H x T x K; short sequences written out on a CPU: one core does it up to 4 times faster."""
    length, size = q_B_H_T_K.shape[-2:]
    if length > WRITTEN_OUT_UP_TO or q_B_H_T_K.device.type != "cpu":
        out: Tensor = functional.scaled_dot_product_attention(q_B_H_T_K, k_B_H_T_K, v_B_H_T_K, is_causal=True)
        return out
    scores = (q_B_H_T_K * size**-0.5) @ k_B_H_T_K.transpose(-1, -2)
    later = torch.ones(length, length, dtype=torch.bool).triu(1)
    weights: Tensor = scores.masked_fill(later, -math.inf).softmax(dim=-1)
    return weights @ v_B_H_T_K


def rope_tables(shape: Shape) -> tuple[Tensor, Tensor]:
    """Cosine and sine of each position's angles, window x head_size, halves repeated as in transformers."""
    half = shape.head_size // 2
    speeds = torch.exp(-math.log(shape.rope_theta) * torch.arange(half, dtype=torch.float32) / half)
    angles = torch.outer(torch.arange(shape.window, dtype=torch.float32), speeds)
    both = torch.cat([angles, angles], dim=-1)
    return both.cos(), both.sin()


def rotate(x_B_H_T_K: Tensor, cos_T_K: Tensor, sin_T_K: Tensor) -> Tensor:
    """Rotary position embedding; pair i is dimensions i and i + head_size / 2."""
    first, second = x_B_H_T_K.chunk(2, dim=-1)
    return x_B_H_T_K * cos_T_K + torch.cat([-second, first], dim=-1) * sin_T_K
