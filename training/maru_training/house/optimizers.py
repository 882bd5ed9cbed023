"""The two optimizers of the training loop, over full-precision copies of bf16 weights."""

from typing import Any, Final

import torch
from torch import Tensor, nn

MATRIX_RATE: Final = 3e-3
OTHER_RATE: Final = 7e-4
WEIGHT_DECAY: Final = 0.0
CLIP: Final = 1.0


class Updater:
    """Muon for matrices, AdamW for the embedding and the norms.

    The model computes in bf16, which is too coarse to add small steps to: the steps go to a master copy in
    fp32, which is rounded into the model after each.
    """

    def __init__(self, model: nn.Module) -> None:
        """Copy the model's weights; the model is changed in place from here on."""
        self._weights = dict(model.named_parameters())
        self.masters = {name: nn.Parameter(w.detach().float().clone()) for name, w in self._weights.items()}
        matrices = [m for name, m in self.masters.items() if _is_matrix(name, m)]
        others = [m for name, m in self.masters.items() if not _is_matrix(name, m)]
        self._muon = torch.optim.Muon(
            matrices, lr=MATRIX_RATE, weight_decay=WEIGHT_DECAY, adjust_lr_fn="match_rms_adamw", ns_steps=4
        )
        self._adam = torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.98), weight_decay=0.0)

    def gradients(self) -> list[Tensor]:
        """The gradients of the last backward pass, in the model's own order."""
        return [w.grad for w in self._weights.values() if w.grad is not None]

    def step(self, *, rate: float) -> float:
        """Apply the gradients and clear them.

        Args:
            rate: share of the full learning rates, 0 to 1.

        Returns:
            The norm of the gradient before clipping.
        """
        for name, weight in self._weights.items():
            self.masters[name].grad = None if weight.grad is None else weight.grad.float()
            weight.grad = None
        norm = torch.nn.utils.clip_grad_norm_(self.masters.values(), CLIP)
        for optimizer, full in ((self._muon, MATRIX_RATE), (self._adam, OTHER_RATE)):
            for group in optimizer.param_groups:
                group["lr"] = full * rate
            optimizer.step()  # type: ignore[no-untyped-call] # Muon has no types yet
        with torch.no_grad():
            for name, weight in self._weights.items():
                weight.copy_(self.masters[name])
        return norm.item()

    def state(self) -> dict[str, Any]:
        """Everything needed to go on later."""
        return {
            "masters": {name: master.detach() for name, master in self.masters.items()},
            "muon": self._muon.state_dict(),
            "adam": self._adam.state_dict(),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from a saved state."""
        with torch.no_grad():
            for name, master in self.masters.items():
                master.copy_(state["masters"][name])
                self._weights[name].copy_(master)
        self._muon.load_state_dict(state["muon"])
        self._adam.load_state_dict(state["adam"])


def _is_matrix(name: str, weight: Tensor) -> bool:
    return "norm" not in name and "embed" not in name and weight.ndim > 1
