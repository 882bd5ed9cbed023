"""What the operator decides about the input of requests."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputRules:
    """One per process.

    Attributes:
        fetches_images: images may be given by http(s) address, which the engine fetches.
        max_copied_bytes: bytes that the items together may have, as JSON, that one request refers to.
    """

    fetches_images: bool
    max_copied_bytes: int
