"""A name for an engine's chat template: the hash of what it makes of one fixed conversation, as the engine's tokens.

Two engines of one hash show a conversation alike; a model whose template was changed has another one from then on.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence

from maru_backends.base import ChatMessage, ChatRequest, TextPart
from maru_backends.errors import BackendError

HASH_DIGITS = 16
_SPOKEN = (
    ChatMessage("user", (TextPart("Hello, 안녕!"),)),
    ChatMessage("assistant", (TextPart("One two."),)),
    ChatMessage("user", (TextPart("Three?"),)),
)
_PROBES = (
    ChatRequest((ChatMessage("system", (TextPart("Be kind."),)), *_SPOKEN)),
    ChatRequest(_SPOKEN),  # for a template without system messages
)


async def template_hash(rendered: Callable[[ChatRequest], Awaitable[Sequence[int]]]) -> str | None:
    """The hash, in hexadecimal digits; None where the engine does not tell its tokens.

    Args:
        rendered: gives the tokens of a prompt; may raise `BackendError`.
    """
    for probe in _PROBES:
        try:
            tokens = await rendered(probe)
        except BackendError:
            continue
        if tokens:
            return _hash(tokens)
    return None


def _hash(tokens: Sequence[int]) -> str:
    return hashlib.sha256(" ".join(map(str, tokens)).encode()).hexdigest()[:HASH_DIGITS]
