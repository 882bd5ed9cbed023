"""What earlier turns of a branch left for the next one: where it was cut, and the summaries that stand for it."""

import contextlib
import logging

import msgspec

from maru.memory.fitting import Remembered
from maru.memory.ledger import Ledger, decode_ledger
from maru.memory.prompt import Note
from maru.store.base import NotFoundError, Store
from maru.turns.chains import History

logger = logging.getLogger(__name__)

ANSWERS_LOOKED_AT = 16  # the newest may have failed before it had a ledger, or be of other models


async def remembered(store: Store, owner: str, history: History, *, model: str, conversation: str | None) -> Remembered:
    """Asked from the store, where it is not known.

    A cut that another model made is not taken over: its window may have been smaller.

    Args:
        store: where ledgers and summaries are.
        owner: whose.
        history: the branch before this turn.
        model: who is to answer.
        conversation: the conversation that the branch is in, if any.
    """
    ledger = history.ledger
    if ledger is None or ledger.model != model:
        ledger = await _newest_ledger(store, owner, history.answered_by, model)
    notes: tuple[Note, ...] = ()
    if conversation is not None:
        with contextlib.suppress(NotFoundError):  # it was deleted meanwhile; the start says so
            found = await store.summaries_of(owner, conversation)
            notes = tuple(Note(summary.id, summary.last_item_id, summary.text) for summary in found)
    return Remembered(None if ledger is None else ledger.cut, notes)


async def _newest_ledger(store: Store, owner: str, response_ids: tuple[str, ...], model: str) -> Ledger | None:
    ledgers = await store.ledgers_of(owner, response_ids) if response_ids else {}
    for response_id in response_ids:
        if response_id in ledgers:
            try:
                ledger = decode_ledger(ledgers[response_id])
            except (msgspec.MsgspecError, UnicodeDecodeError):
                logger.exception("the ledger of response %s is damaged", response_id)
                continue
            if ledger.model == model:
                return ledger
    return None
