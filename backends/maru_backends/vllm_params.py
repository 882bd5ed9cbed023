"""How an answer is to be sampled, in the words of vLLM's Python API."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from maru_backends.base import ChatRequest, JsonFormat


def sampling_out(request: ChatRequest, most_tokens: int, defaults: Mapping[str, object]) -> dict[str, object]:
    """Fields of vLLM's `SamplingParams`; `defaults` are the model's own advice."""
    sampling = request.sampling
    wished = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
        "seed": sampling.seed,
        "logprobs": request.top_logprobs,
        "stop": list(sampling.stop) or None,
    }
    return {
        **defaults,
        **{name: value for name, value in wished.items() if value is not None},
        "max_tokens": most_tokens,
    }


def shape_of(json_format: JsonFormat) -> dict[str, object]:
    """Fields of vLLM's `StructuredOutputsParams`."""
    return {"json_object": True} if json_format.schema is None else {"json": dict(json_format.schema)}


@cache
def verified_params(params: type[Any]) -> type[Any]:
    """The `SamplingParams` given, for values that `Vllm.verify` has seen: not read again, which holds up the loop."""

    class VerifiedParams(params):  # type: ignore[misc] # a class of another environment's library
        def verify(self, *_: object) -> None:
            """Nothing: it was done."""

    return VerifiedParams
