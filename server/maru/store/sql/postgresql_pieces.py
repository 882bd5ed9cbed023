"""The index of pieces on PostgreSQL: a table with the pieces of each item as a `tsvector`, and a GIN index over it.

An item that is deleted takes its row with it. Pieces are made by Maru, as on SQLite, so no dictionary of PostgreSQL's
has a say in what a word is.
"""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Connection, Text, bindparam, cast, column, delete, func, insert, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from maru.store.sql.sqlite_pieces import name_of, written
from maru.store.words import needed_pieces

TABLE = table("item_pieces", column("seq", BigInteger), column("pieces", TSVECTOR))
SEQ = TABLE.c.seq
HAS_ALL = TABLE.c.pieces.bool_op("@@")(cast(bindparam("its_pieces", type_=Text), TSQUERY))
_PUT_IN = insert(TABLE).values(
    seq=bindparam("its_seq"),
    pieces=func.array_to_tsvector(func.string_to_array(bindparam("its_pieces", type_=Text), " ")),
)


def put_in(connection: Connection, rows: Iterable[tuple[int, str, str]]) -> None:
    """Index items that are not in the index: of each `seq`, owner and payload."""
    new = [{"its_seq": seq, "its_pieces": written(owner, payload)} for seq, owner, payload in rows]
    connection.execute(_PUT_IN, new)


def empty(connection: Connection) -> None:
    """Take everything out of the index."""
    connection.execute(delete(TABLE))


def asked(owner: str, words: Iterable[str]) -> str | None:
    """The value of `HAS_ALL` for items with these folded words; None: the index knows nothing of them."""
    whole, beginnings = needed_pieces(words)
    if not whole and not beginnings:
        return None
    terms = [f"'{one}'" for one in (name_of(owner), *sorted(whole))] + [f"'{one}':*" for one in sorted(beginnings)]
    return " & ".join(terms)
