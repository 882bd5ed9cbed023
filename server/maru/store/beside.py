"""Which answers may run beside others in one conversation. Decides; reads nothing."""

from collections.abc import Collection

from maru.store.base import ConversationLockedError, NewResponse

MOST_BESIDE = 4


def require_room(new: NewResponse, conversation_id: str, running: Collection[tuple[str, str | None]]) -> None:
    """Make sure that a new response may begin in its conversation.

    Two that say something would fight for the head. Answers that say nothing themselves and stand below the same item
    cannot get into each other's way: none of them is in what another one sees.

    Args:
        new: what is to begin.
        conversation_id: the conversation it names.
        running: what runs there: its id, and the item below which its answer will stand.

    Raises:
        ConversationLockedError: it has to wait.
    """
    if not running:
        return
    is_beside = not new.input_items and all(place == new.parent_id for _, place in running)
    if not is_beside or len(running) >= MOST_BESIDE:
        first, _ = next(iter(running))
        raise ConversationLockedError(conversation_id, first)
