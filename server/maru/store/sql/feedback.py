"""The seam `store/feedback.py` on a database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Row, Table, bindparam, delete, func, insert, select, update

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.feedback import Demonstration, Feedback, Ranking, RatedAnswer, Rating
from maru.store.sql import conversations, tree
from maru.store.sql.database import SqlPart
from maru.store.sql.schema import demonstrations, items, ranked_answers, rankings, ratings, responses

_OWNER: BindParameter[str] = bindparam("its_owner")
_CONVERSATION: BindParameter[str] = bindparam("its_id")
# Made once: to put a statement together takes as long as to run it, and these are run whenever a tree is looked at.
_RATINGS = select(ratings).where(ratings.c.owner_id == _OWNER, ratings.c.conversation_id == _CONVERSATION)
_RANKINGS = select(rankings).where(rankings.c.owner_id == _OWNER, rankings.c.conversation_id == _CONVERSATION)
_RANKED = (
    select(ranked_answers)
    .join(rankings, rankings.c.id == ranked_answers.c.ranking_id)
    .where(rankings.c.owner_id == _OWNER, rankings.c.conversation_id == _CONVERSATION)
    .order_by(ranked_answers.c.ranking_id, ranked_answers.c.position)
)
_DEMONSTRATIONS = select(demonstrations).where(
    demonstrations.c.owner_id == _OWNER, demonstrations.c.conversation_id == _CONVERSATION
)


class SqlFeedback(SqlPart):
    """A `FeedbackStore`."""

    async def feedback_of(self, owner: str, conversation_id: str) -> Feedback:
        """See `FeedbackStore.feedback_of`."""

        def read(connection: Connection) -> Feedback:
            conversations.one_conversation(connection, owner, conversation_id)
            return feedback_in(connection, owner, conversation_id)

        return await self._database.read(read)

    async def rate(
        self,
        owner: str,
        conversation_id: str,
        item_id: str,
        *,
        is_up: bool,
        reasons: Sequence[str],
        comment: str | None,
        now: int,
    ) -> Rating:
        """See `FeedbackStore.rate`."""

        def write(connection: Connection) -> Rating:
            answer = _answer(connection, owner, conversation_id, item_id)
            new = Rating(new_id("rating"), conversation_id, answer, is_up, tuple(reasons), comment, now, now)
            id_, created_at = _put(connection, ratings, owner, new.id, rating_values(new))
            return replace(new, id=id_, created_at=created_at)

        return await self._database.write(write)

    async def remove_rating(self, owner: str, conversation_id: str, item_id: str) -> None:
        """See `FeedbackStore.remove_rating`."""
        where = {"owner_id": owner, "conversation_id": conversation_id, "item_id": item_id}
        await self._database.write(partial(_remove, table=ratings, kind="rating of", where=where))

    async def rank(
        self, owner: str, conversation_id: str, prompt_id: str, places: Sequence[Sequence[str]], *, now: int
    ) -> Ranking:
        """See `FeedbackStore.rank`."""

        def write(connection: Connection) -> Ranking:
            tree.require_item(connection, owner, prompt_id, conversation_id)
            answers = tuple(
                tuple(_answer(connection, owner, conversation_id, item_id) for item_id in place) for place in places
            )
            new = Ranking(new_id("ranking"), conversation_id, prompt_id, answers, now, now)
            id_, created_at = _put(connection, rankings, owner, new.id, ranking_values(new))
            connection.execute(delete(ranked_answers).where(ranked_answers.c.ranking_id == id_))
            new = replace(new, id=id_, created_at=created_at)
            connection.execute(insert(ranked_answers), ranked_rows(owner, new))
            return new

        return await self._database.write(write)

    async def remove_ranking(self, owner: str, conversation_id: str, prompt_id: str) -> None:
        """See `FeedbackStore.remove_ranking`."""
        where = {"owner_id": owner, "conversation_id": conversation_id, "prompt_id": prompt_id}
        await self._database.write(partial(_remove, table=rankings, kind="ranking of", where=where))

    async def demonstrate(
        self, owner: str, conversation_id: str, item_id: str, text: str, *, now: int
    ) -> Demonstration:
        """See `FeedbackStore.demonstrate`."""

        def write(connection: Connection) -> Demonstration:
            answer = _answer(connection, owner, conversation_id, item_id)
            new = Demonstration(new_id("demo"), conversation_id, answer, text, now, now)
            id_, created_at = _put(connection, demonstrations, owner, new.id, demonstration_values(new))
            return replace(new, id=id_, created_at=created_at)

        return await self._database.write(write)

    async def remove_demonstration(self, owner: str, conversation_id: str, item_id: str) -> None:
        """See `FeedbackStore.remove_demonstration`."""
        where = {"owner_id": owner, "conversation_id": conversation_id, "item_id": item_id}
        await self._database.write(partial(_remove, table=demonstrations, kind="demonstration for", where=where))


def feedback_in(connection: Connection, owner: str, conversation_id: str) -> Feedback:
    """All feedback of a conversation that is known to exist."""
    its = {"its_owner": owner, "its_id": conversation_id}
    places: dict[str, tuple[tuple[RatedAnswer, ...], ...]] = {
        ranking_id: tuple(_tied(rows))
        for ranking_id, rows in groupby(connection.execute(_RANKED, its), key=lambda row: row.ranking_id)
    }
    return Feedback(
        tuple(map(_rating, connection.execute(_RATINGS.order_by(ratings.c.id), its))),
        tuple(
            Ranking(row.id, row.conversation_id, row.prompt_id, places[row.id], row.created_at, row.updated_at)
            for row in connection.execute(_RANKINGS.order_by(rankings.c.id), its)
            if row.id in places  # else it was made since the answers were read
        ),
        tuple(map(_demonstration, connection.execute(_DEMONSTRATIONS.order_by(demonstrations.c.id), its))),
    )


def drop_short_rankings(connection: Connection, owner: str, conversation_id: str) -> None:
    """An item was deleted: where one answer alone is left, no order is left."""
    count = select(func.count()).where(ranked_answers.c.ranking_id == rankings.c.id).scalar_subquery()
    is_its = (rankings.c.owner_id == owner) & (rankings.c.conversation_id == conversation_id)
    connection.execute(delete(rankings).where(is_its, count <= 1))


def rating_values(new: Rating) -> dict[str, object]:
    """A rating as columns, without its owner."""
    return {
        **_answer_values(new.answer),
        "conversation_id": new.conversation_id,
        "is_up": new.is_up,
        "reasons": msgspec.json.encode(new.reasons).decode(),
        "comment": new.comment,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }


def ranking_values(new: Ranking) -> dict[str, object]:
    """A ranking as columns, without its owner and its answers."""
    return {
        "conversation_id": new.conversation_id,
        "prompt_id": new.prompt_id,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }


def ranked_rows(owner: str, ranking: Ranking) -> list[dict[str, object]]:
    """The answers of a ranking as rows."""
    flat = [(place, answer) for place, tied in enumerate(ranking.places) for answer in tied]
    return [
        {
            "ranking_id": ranking.id,
            "position": position,
            "owner_id": owner,
            **_answer_values(answer),
            "place": place,
        }
        for position, (place, answer) in enumerate(flat)
    ]


def demonstration_values(new: Demonstration) -> dict[str, object]:
    """A demonstration as columns, without its owner."""
    return {
        **_answer_values(new.answer),
        "conversation_id": new.conversation_id,
        "text": new.text,
        "created_at": new.created_at,
        "updated_at": new.updated_at,
    }


def _answer_values(answer: RatedAnswer) -> dict[str, object]:
    return {"item_id": answer.item_id, "response_id": answer.response_id, "model": answer.model}


def _put(
    connection: Connection, table: Table, owner: str, new_id_: str, values: Mapping[str, object]
) -> tuple[str, int]:
    """Write a row in the place of what was said before of the same thing; the id and the time of the first."""
    about = "prompt_id" if table is rankings else "item_id"
    is_it = (table.c.owner_id == owner) & (table.c[about] == values[about])
    old = connection.execute(select(table.c.id, table.c.created_at).where(is_it).with_for_update()).one_or_none()
    if old is None:
        connection.execute(insert(table).values(id=new_id_, owner_id=owner, **values))
        return new_id_, int(str(values["created_at"]))
    kept = {**values, "created_at": old.created_at}
    connection.execute(update(table).where(table.c.id == old.id).values(**kept))
    return old.id, old.created_at


def _remove(connection: Connection, table: Table, kind: str, where: Mapping[str, str]) -> None:
    if connection.execute(delete(table).where(*(table.c[name] == value for name, value in where.items()))).rowcount < 1:
        raise NotFoundError(kind, list(where.values())[-1])


def _answer(connection: Connection, owner: str, conversation_id: str, item_id: str) -> RatedAnswer:
    query = (
        select(items.c.id, items.c.response_id, responses.c.model)
        .select_from(items.outerjoin(responses, items.c.response_id == responses.c.id))
        .where(items.c.owner_id == owner, items.c.conversation_id == conversation_id, items.c.id == item_id)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("item", item_id)
    return RatedAnswer(*row)


def _tied(rows: Iterable[Row[Any]]) -> Iterable[tuple[RatedAnswer, ...]]:
    for _, tied in groupby(rows, key=lambda row: row.place):
        yield tuple(RatedAnswer(row.item_id, row.response_id, row.model) for row in tied)


def _rating(row: Row[Any]) -> Rating:
    reasons = msgspec.json.decode(row.reasons, type=tuple[str, ...])
    answer = RatedAnswer(row.item_id, row.response_id, row.model)
    return Rating(row.id, row.conversation_id, answer, row.is_up, reasons, row.comment, row.created_at, row.updated_at)


def _demonstration(row: Row[Any]) -> Demonstration:
    answer = RatedAnswer(row.item_id, row.response_id, row.model)
    return Demonstration(row.id, row.conversation_id, answer, row.text, row.created_at, row.updated_at)
