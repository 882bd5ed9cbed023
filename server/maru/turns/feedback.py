"""Which items can be spoken about: only whole answers are rated, and only answers to one prompt are put in order."""

from collections.abc import Iterable

from maru.protocol.errors import invalid
from maru.protocol.items import Message
from maru.store.base import Store


async def require_answer(store: Store, owner: str, conversation_id: str, item_id: str, *, param: str) -> None:
    """Make sure that an item is a message that a model wrote.

    Raises:
        ApiError: it is another sort of item.
        NotFoundError: the conversation has no such item.
    """
    stored = await store.item_for(owner, conversation_id, item_id)
    if not (isinstance(stored.item, Message) and stored.item.role == "assistant"):
        raise invalid(f"{item_id!r} is no answer. Name a message of the role 'assistant'.", param)


async def require_answers_to(
    store: Store, owner: str, conversation_id: str, prompt_id: str, item_ids: Iterable[str]
) -> None:
    """Make sure that these items are answers to this message.

    Raises:
        ApiError: the message is nobody's, or one of them answers another one.
        NotFoundError: the conversation has no such item.
    """
    stored = await store.item_for(owner, conversation_id, prompt_id)
    if not (isinstance(stored.item, Message) and stored.item.role == "user"):
        raise invalid(f"{prompt_id!r} is no prompt. Name a message of the role 'user'.", "item_id")
    for item_id in item_ids:
        await require_answer(store, owner, conversation_id, item_id, param="places")
        above = reversed(await store.branch_for(owner, item_id))
        asked = (one.item.id for one in above if isinstance(one.item, Message) and one.item.role == "user")
        if next(asked, None) != prompt_id:
            raise invalid(f"{item_id!r} is no answer to {prompt_id!r}. Rank answers to one prompt.", "places")
