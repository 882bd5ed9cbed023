"""What a server of OpenAI's API can do, where its list of models tells it; pure.

Most lists tell nothing. What is assumed then is chosen by how a wrong guess shows: servers that cannot call tools
refuse them, and an answer that should be JSON is checked at its end; but a server that leaves an image out answers as
if it had seen it.
"""

from collections.abc import Mapping
from typing import cast, get_args

from maru_backends.base import Feature

AT_OPENAI: frozenset[Feature] = frozenset({"tools", "images", "json"})
ELSEWHERE: frozenset[Feature] = frozenset({"tools", "json"})

MARU_FEATURES = "maru:features"

# By the words of OpenRouter's `supported_parameters`.
_BY_PARAMETERS: dict[Feature, frozenset[str]] = {
    "tools": frozenset({"tools"}),
    "json": frozenset({"structured_outputs"}),
    "logprobs": frozenset({"logprobs", "top_logprobs"}),
    "effort": frozenset({"reasoning_effort"}),
}


def told_features(entry: Mapping[str, object]) -> frozenset[Feature] | None:
    """What one entry of `GET /models` tells; None where it tells nothing that we can read.

    Args:
        entry: as OpenRouter has it (`supported_parameters`, `architecture.input_modalities`), or Mistral
            (`capabilities` of true and false), or another Maru (`maru:features`).
    """
    if isinstance(entry.get(MARU_FEATURES), list):
        return frozenset(get_args(Feature)) & _words(entry[MARU_FEATURES])
    parameters = _words(entry.get("supported_parameters"))
    if parameters:
        sees = "image" in _words(_fields(entry.get("architecture")).get("input_modalities"))
        told: dict[Feature, bool] = {feature: words <= parameters for feature, words in _BY_PARAMETERS.items()}
        told["images"] = sees
        return _chosen(told)
    capabilities = _fields(entry.get("capabilities"))
    if capabilities:
        calls, sees = capabilities.get("function_calling") is True, capabilities.get("vision") is True
        return _chosen({"tools": calls, "images": sees, "json": True})  # all models there take a format
    return None


def _chosen(told: Mapping[Feature, bool]) -> frozenset[Feature]:
    return frozenset(feature for feature, is_there in told.items() if is_there)


def _words(value: object) -> frozenset[str]:
    words = cast("list[object]", value) if isinstance(value, list) else []
    return frozenset(word for word in words if isinstance(word, str))


def _fields(value: object) -> Mapping[str, object]:
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}
