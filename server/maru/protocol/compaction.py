"""What a compaction item stands for, and the answer of `POST /v1/responses/compact` (digest section 8).

Pure data. Clients never see a `Compacted`: `memory/sealing.py` turns it into `encrypted_content` and back.
"""

from typing import Literal

import msgspec

from maru.protocol.items import Item
from maru.protocol.response import ResponseUsage


class Compacted(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that the model must know of the items that a compaction item replaces.

    Attributes:
        summary: text that is shown with the instructions, its heading included.
        kept: items that are shown whole, after the summary.
        quoted: of the user messages that stand directly before the item, as `/responses/compact` returns them, so many
            are shown too: the newest that are not among `kept`.
    """

    summary: str | None = None
    kept: tuple[Item, ...] = ()
    quoted: int = 0


class CompactedResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A window to go on from: the user messages as they were, then one compaction item. It is no response."""

    id: str
    object: Literal["response.compaction"] = "response.compaction"
    created_at: int
    output: tuple[Item, ...]
    usage: ResponseUsage


_decoder: msgspec.json.Decoder[Compacted] = msgspec.json.Decoder(Compacted)
_encode = msgspec.json.Encoder().encode


def encode_compacted(compacted: Compacted) -> bytes:
    """As compact JSON."""
    return _encode(compacted)


def decode_compacted(raw: bytes) -> Compacted:
    """From its JSON.

    Raises:
        msgspec.ValidationError: the JSON is of another form, such as that of a newer version.
    """
    return _decoder.decode(raw)
