"""What a server of OpenAI's API wants to be said in its own way; pure."""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b

_SHORT_ID = re.compile(r"[a-zA-Z0-9]{9}")


def new_call_id() -> str:
    """An id for a tool call whose engine gave none."""
    return f"call_{secrets.token_hex(12)}"


def same_id(call_id: str) -> str:
    """A tool call's id as it is."""
    return call_id


def short_id(call_id: str) -> str:
    """An id of nine letters and digits, as Mistral takes no other; its own stay as they are."""
    if _SHORT_ID.fullmatch(call_id):
        return call_id
    return blake2b(call_id.encode(errors="replace"), digest_size=5).hexdigest()[:9]


@dataclass(frozen=True, slots=True)
class Quirks:
    """How one server's requests differ from those of the API's text.

    Attributes:
        max_tokens_field: OpenAI's newer models only take `max_completion_tokens`.
        asks_for_usage: whether `stream_options` is sent; some refuse it, and count without being asked.
        seed_field: the name of the seed.
        nests_effort: whether effort is `reasoning.effort`, as at OpenRouter, in the place of `reasoning_effort`.
        call_id: what becomes of the ids of tool calls.
    """

    max_tokens_field: str = "max_tokens"
    asks_for_usage: bool = True
    seed_field: str = "seed"
    nests_effort: bool = False
    call_id: Callable[[str], str] = same_id


NO_QUIRKS = Quirks()
