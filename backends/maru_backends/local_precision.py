"""In which numbers and where a model of this process computes, and the words that say why."""

import logging
from dataclasses import dataclass
from typing import Any, Literal

import torch
import transformers

from maru_backends.errors import BackendSetupError

logger = logging.getLogger(__name__)

Quantize = Literal["4bit", "8bit"]
# Up to this size a CPU computes faster in float32 than in the half precision of the file.
FLOAT32_ON_CPU_UP_TO_BYTES = 4 * 2**30


@dataclass(frozen=True, slots=True)
class Precision:
    """What the operator chose; see `TransformersSettings`."""

    dtype: str
    device: str
    quantize: Quantize | None

    def place(self) -> torch.device:
        """Where to compute.

        Raises:
            BackendSetupError: not on that device.
        """
        if self.device == "auto":
            return torch.device("cuda" if torch.cuda.is_available() else "cpu")
        try:
            device = torch.device(self.device)
            torch.empty(1, device=device)
        except (AssertionError, RuntimeError) as error:
            raise BackendSetupError(f'The device {self.device!r} cannot be used here; try device = "auto".') from error
        return device

    def asked(self, config: Any, device: torch.device) -> dict[str, object]:  # noqa: ANN401 - transformers' are untyped
        """What the library's `from_pretrained` is to be told.

        Raises:
            BackendSetupError: weights that are quantised already are to be quantised.
        """
        dtype = "auto" if self.dtype == "auto" else getattr(torch, self.dtype)
        is_quantized = _is_quantized(config)
        if not is_quantized and self.quantize is None:
            return {"dtype": dtype}
        if is_quantized and self.quantize is not None:
            raise BackendSetupError("These weights are quantised already; leave the setting quantize out.")
        logging.getLogger("bitsandbytes").setLevel(logging.ERROR)  # it tells of every matrix of every token
        if self.dtype == "auto":
            dtype = torch.float32 if device.type == "cpu" else torch.bfloat16
        asked: dict[str, object] = {"dtype": dtype, "device_map": {"": device}}
        if self.quantize is not None:
            library: Any = transformers
            asked["quantization_config"] = library.BitsAndBytesConfig(
                load_in_4bit=self.quantize == "4bit",
                load_in_8bit=self.quantize == "8bit",
                bnb_4bit_quant_type="nf4",
                bnb_4bit_compute_dtype=dtype,
            )
        return asked

    def settled(self, source: str, model: Any, device: torch.device) -> Any:  # noqa: ANN401 - as above
        """The model where it computes and as it does, with a line in the log that says why."""
        if _is_quantized(model.config):
            method = model.config.quantization_config.quant_method
            why = "as its weights are" if self.quantize is None else f"as quantize = {self.quantize!r} says"
            self._tell(source, f"quantised numbers ({getattr(method, 'value', method)})", device, why)
            return model
        why = "as its weights are" if self.dtype == "auto" else f"as dtype = {self.dtype!r} says"
        if self.dtype == "auto" and device.type == "cpu" and model.dtype != torch.float32:
            if 4 * int(model.num_parameters()) <= FLOAT32_ON_CPU_UP_TO_BYTES:
                model = model.to(torch.float32)
                why = "a model of this size is faster so on a CPU"
            else:
                why = "in float32 it would take more than 4 GiB; set dtype to have it so"
        self._tell(source, str(model.dtype).removeprefix("torch."), device, why)
        return model.to(device)

    def _tell(self, source: str, numbers: str, device: torch.device, why: str) -> None:
        where = "no CUDA device is here" if device.type == "cpu" else "a CUDA device is here"
        chosen = where if self.device == "auto" else f"as device = {self.device!r} says"
        logger.info("the model of source %r computes in %s: %s; on %s: %s", source, numbers, why, device, chosen)


def lacking(error: Exception) -> str | None:
    """The sentence for a library of quantised weights that is not installed; None: the error is another one."""
    if isinstance(error, ImportError) and any(name in str(error).lower() for name in ("bitsandbytes", "accelerate")):
        return "quantised weights need the extra `quantized`; install it with `pip install 'maru[quantized]'`."
    return None


def _is_quantized(config: Any) -> bool:  # noqa: ANN401 - as above
    return getattr(config, "quantization_config", None) is not None
