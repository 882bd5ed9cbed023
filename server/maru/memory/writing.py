"""What the two ways of summarising share: compactions, and the summaries of conversations."""

import math
from collections.abc import Sequence

from maru.memory.asking import Asker
from maru.memory.summary import brief_request
from maru_backends.base import ChatRequest

SUMMARY_SHARE = 4  # a summary may take a quarter of the window ...
SUMMARY_TOKENS = 4096  # ... and at most this much; thinking of the model is in it
MAX_PIECES = 64  # requests for one brief, or one compaction
_WORDS_PER_TOKEN = 0.5
_FORGOTTEN_AT_ONCE = 8  # an eighth of the facts goes, the oldest, until the list is short enough


async def write_brief(
    asker: Asker, lines: Sequence[str], so_far: str | None, *, room: int, instructions: str | None = None
) -> str:
    """A brief of lines of a conversation, going on from the one so far.

    Args:
        asker: asks the engine, once for each piece that fits.
        lines: what was said.
        so_far: the brief of what came before.
        room: most tokens of the answer.
        instructions: shown to the model that writes it, too.

    Raises:
        ApiError: it is too long.
        BackendError: the engine failed.
    """
    words = int(room * _WORDS_PER_TOKEN)

    def request(piece: Sequence[str], before: str | None = None) -> ChatRequest:
        return asker.request(brief_request(piece, before, words), instructions=instructions, max_tokens=room)

    kept_free = room + max(room, await asker.tokens(so_far or ""))
    for piece in await asker.pieces((lines,), request, kept_free=kept_free, at_most=MAX_PIECES):
        so_far = await asker.whole(request(piece, so_far))
    return so_far or ""


def room_for_summary(window: int) -> int:
    """Most tokens of a summary."""
    return min(window // SUMMARY_SHARE, SUMMARY_TOKENS)


async def bounded(asker: Asker, facts: list[str], room: int) -> list[str]:
    """As many of the facts as the room holds; the oldest go."""
    while len(facts) > 1 and await asker.tokens("\n".join(facts)) > room:
        facts = facts[math.ceil(len(facts) / _FORGOTTEN_AT_ONCE) :]
    return facts
