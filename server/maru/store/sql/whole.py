"""The seam `store/whole.py` on a database."""

from functools import partial

from sqlalchemy import Connection

from maru.store.sql.conversations import one_conversation
from maru.store.sql.database import SqlPart
from maru.store.sql.feedback import feedback_in
from maru.store.sql.runs import responses_in
from maru.store.sql.summaries import summaries_in
from maru.store.sql.tree import whole_tree
from maru.store.whole import WholeConversation


class SqlWhole(SqlPart):
    """A `WholeStore`."""

    async def whole_for(self, owner: str, conversation_id: str) -> WholeConversation:
        """See `WholeStore.whole_for`."""
        return await self._database.read_as_one(partial(_whole, owner=owner, conversation_id=conversation_id))


def _whole(connection: Connection, owner: str, conversation_id: str) -> WholeConversation:
    return WholeConversation(
        one_conversation(connection, owner, conversation_id),
        whole_tree(connection, owner, conversation_id),
        responses_in(connection, owner, conversation_id),
        summaries_in(connection, owner, conversation_id),
        feedback_in(connection, owner, conversation_id),
    )
