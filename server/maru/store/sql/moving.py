"""The seam `store/moving.py` on a database."""

from functools import partial

from sqlalchemy import Connection, insert, select

from maru.protocol.items import encode_item
from maru.store.feedback import Feedback
from maru.store.moving import MovedConversation
from maru.store.sql.conversations import insert_conversation
from maru.store.sql.database import SqlPart
from maru.store.sql.feedback import demonstration_values, ranked_rows, ranking_values, rating_values
from maru.store.sql.files import note_uses
from maru.store.sql.schema import (
    demonstrations,
    items,
    moved_conversations,
    ranked_answers,
    rankings,
    ratings,
    responses,
    summaries,
)


class SqlMoving(SqlPart):
    """A `MovingStore`."""

    async def moved_in(self, owner: str, source: str, source_id: str) -> str | None:
        """See `MovingStore.moved_in`."""
        return await self._database.read(partial(_moved_in, owner=owner, source=source, source_id=source_id))

    async def move_in(self, owner: str, moved: MovedConversation) -> bool:
        """See `MovingStore.move_in`."""
        return await self._database.write(partial(_move_in, owner=owner, moved=moved))


def _moved_in(connection: Connection, owner: str, source: str, source_id: str) -> str | None:
    table = moved_conversations
    query = select(table.c.conversation_id).where(
        table.c.owner_id == owner, table.c.source == source, table.c.source_id == source_id
    )
    return connection.execute(query).scalar_one_or_none()


def _move_in(connection: Connection, owner: str, moved: MovedConversation) -> bool:
    if _moved_in(connection, owner, moved.source, moved.source_id) is not None:
        return False
    its = {"owner_id": owner, "conversation_id": moved.conversation.id}
    insert_conversation(connection, owner, moved.conversation)
    name = {"source": moved.source, "source_id": moved.source_id}
    connection.execute(insert(moved_conversations).values(**its, **name))
    responses_ = [
        {
            **its,
            "id": one.id,
            "status": one.status,
            "model": one.model,
            "created_at": one.created_at,
            "request": "",
            "body": one.body.decode(),
            "previous_response_id": one.previous_response_id,
            "input_leaf_id": one.input_leaf_id,
            "output_leaf_id": one.output_leaf_id,
            "is_streamed": one.is_streamed,
        }
        for one in moved.responses
    ]
    if responses_:
        connection.execute(insert(responses), responses_)
    items_ = [
        {
            **its,
            "id": one.item.id,
            "parent_id": one.parent_id,
            "response_id": one.response_id,
            "created_at": one.created_at,
            "payload": encode_item(one.item).decode(),
            "is_pinned": True if one.is_pinned else None,
        }
        for one in moved.items
    ]
    if items_:
        connection.execute(insert(items), items_)
        note_uses(connection, owner, (one.item for one in moved.items))
    summaries_ = [
        {
            **its,
            "id": one.id,
            "last_item_id": one.last_item_id,
            "text": one.text,
            "model": one.model,
            "created_at": one.created_at,
            "edited_at": one.edited_at,
        }
        for one in moved.summaries
    ]
    if summaries_:
        connection.execute(insert(summaries), summaries_)
    _put_feedback(connection, owner, moved.feedback)
    return True


def _put_feedback(connection: Connection, owner: str, feedback: Feedback) -> None:
    for rating in feedback.ratings:
        connection.execute(insert(ratings).values(id=rating.id, owner_id=owner, **rating_values(rating)))
    for ranking in feedback.rankings:
        connection.execute(insert(rankings).values(id=ranking.id, owner_id=owner, **ranking_values(ranking)))
        connection.execute(insert(ranked_answers), ranked_rows(owner, ranking))
    for one in feedback.demonstrations:
        connection.execute(insert(demonstrations).values(id=one.id, owner_id=owner, **demonstration_values(one)))
