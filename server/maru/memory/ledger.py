"""What one response's model was shown, as it is kept beside the response. Pure data."""

import msgspec


class Ledger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Enough to tell of each item of the branch whether it was sent, summarised or left out.

    Attributes:
        model: whose tokens these are, and whose cut this is.
        policy: of the window.
        window: tokens of prompt and answer the engine can hold, or as few as the operator allows.
        budget: tokens of it that the prompt may have.
        used: tokens of the rendered prompt.
        cached: those of them that the engine had in its cache.
        is_exact: `used` was counted by the engine that answered.
        cut: id of the oldest item from which on everything was sent; None: nothing was left out.
        pinned: ids of items before it that were sent all the same.
        notes: what was shown after the instructions: facts about the person, summary, quotes.
        summary_id: which summary of the conversation was part of that.
        compaction_id: which compaction item was.
        template: hash of the chat template; None where the engine does not tell.
    """

    model: str
    policy: str
    window: int
    budget: int
    used: int
    cached: int = 0
    is_exact: bool = True
    cut: str | None = None
    pinned: tuple[str, ...] = ()
    notes: str | None = None
    summary_id: str | None = None
    compaction_id: str | None = None
    template: str | None = None


encode_ledger = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Ledger).decode


def decode_ledger(payload: bytes | str) -> Ledger:
    """The ledger of a row.

    Raises:
        msgspec.MsgspecError: the row is damaged.
    """
    return _decode(payload)
