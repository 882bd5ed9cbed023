"""Event logs: pieces while a response runs, one row when it has ended. Knows nothing of what is packed in them."""

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, func, insert, literal, select

from maru.store.base import Checkpoint, LogPiece
from maru.store.sql.schema import IS_RUNNING, response_events, responses

_IS_ITS_SERVERS = (
    (responses.c.id == bindparam("its_id"))
    & responses.c.server_id.is_not_distinct_from(bindparam("its_server_id"))
    & IS_RUNNING
)
_STALE = delete(response_events).where(
    response_events.c.response_id == select(responses.c.id).where(_IS_ITS_SERVERS).scalar_subquery(),
    response_events.c.first_number >= bindparam("its_first"),
)
_PIECE = insert(response_events).from_select(
    response_events.c.keys(),
    select(
        responses.c.id,
        bindparam("its_first", type_=response_events.c.first_number.type),
        bindparam("its_packed", type_=response_events.c.packed.type),
    ).where(_IS_ITS_SERVERS),
)
_PIECES_OF_IT = delete(response_events).where(response_events.c.response_id == bindparam("its_id"))


def keep_pieces(connection: Connection, server_id: str | None, checkpoints: Sequence[Checkpoint]) -> None:
    """Add the pieces of those that this server still runs."""
    rows = [
        {"its_id": one.response_id, "its_server_id": server_id, "its_first": one.piece.first_number}
        for one in checkpoints
    ]
    # A checkpoint that failed may have been written all the same; its piece then comes again, and longer.
    connection.execute(_STALE, rows)
    connection.execute(
        _PIECE, [row | {"its_packed": one.piece.packed} for row, one in zip(rows, checkpoints, strict=True)]
    )


def keep_whole(connection: Connection, response_id: str, packed: bytes) -> None:
    """Put the whole log in the place of the pieces."""
    connection.execute(_PIECES_OF_IT, {"its_id": response_id})
    connection.execute(insert(response_events), {"response_id": response_id, "first_number": 0, "packed": packed})


def pieces_after(connection: Connection, owner: str, response_id: str, starting_after: int) -> tuple[LogPiece, ...]:
    """The piece that holds the next number, and those that follow it."""
    is_of_it = response_events.c.response_id == response_id
    holding = select(func.max(response_events.c.first_number)).where(
        is_of_it, response_events.c.first_number <= starting_after + 1
    )
    query = (
        select(response_events.c.first_number, response_events.c.packed)
        .join(responses, responses.c.id == response_events.c.response_id)
        .where(
            responses.c.owner_id == owner,
            is_of_it,
            response_events.c.first_number >= func.coalesce(holding.scalar_subquery(), literal(0)),
        )
        .order_by(response_events.c.first_number)
    )
    return tuple(LogPiece(row.first_number, row.packed) for row in connection.execute(query))
