"""Features that the settings of a backend for chats may name; pure."""

from typing import Annotated

from pydantic import AfterValidator

from maru_backends.base import Feature


def without_raw(features: frozenset[Feature]) -> frozenset[Feature]:
    """The features as they are.

    Raises:
        ValueError: `raw` is among them, whose text would be dropped on the way to the engine.
    """
    if "raw" in features:
        raise ValueError("must not hold 'raw': a provider's API of chats goes on with no text")
    return features


ChatFeatures = Annotated[frozenset[Feature], AfterValidator(without_raw)]
