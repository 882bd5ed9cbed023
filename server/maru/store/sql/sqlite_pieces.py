"""The index of pieces on SQLite: an FTS5 table that holds nothing but which piece stands in which item.

Its rows are items by `seq`. It keeps no text, so a row is taken out by naming its pieces again, which the trigger on
`items` does with the function registered here, in the transaction that deletes the item. `postgresql_pieces.py` is
the counterpart.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Text, bindparam, column, insert, table

from maru.protocol.items import decode_item
from maru.store.words import needed_pieces, pieces_of, words_in

VERSION = 3
"""Of what pieces are; an index of another version is made anew."""

TABLE = table("item_pieces", column("rowid", Integer), column("pieces", Text), column("item_pieces", Text))
SEQ = TABLE.c.rowid
HAS_ALL: ColumnElement[bool] = TABLE.c.item_pieces.op("MATCH", is_comparison=True)(bindparam("its_pieces"))


def register(connection: Any) -> None:  # noqa: ANN401 (a driver's connection has no type of its own)
    """Let a connection's SQL call `maru_pieces`."""
    connection.create_function("maru_pieces", 2, written, deterministic=True)


def put_in(connection: Connection, rows: Iterable[tuple[int, str, str]]) -> None:
    """Index items that are not in the index: of each `seq`, owner and payload."""
    new = [{"rowid": seq, "pieces": written(owner, payload)} for seq, owner, payload in rows]
    connection.execute(insert(TABLE), new)


def empty(connection: Connection) -> None:
    """Take everything out of the index."""
    connection.execute(insert(TABLE).values(item_pieces="delete-all"))


def asked(owner: str, words: Iterable[str]) -> str | None:
    """The value of `HAS_ALL` for items with these folded words; None: the index knows nothing of them."""
    whole, beginnings = needed_pieces(words)
    if not whole and not beginnings:
        return None
    terms = [f'"{one}"' for one in (name_of(owner), *sorted(whole))] + [f'"{one}"*' for one in sorted(beginnings)]
    return " AND ".join(terms)


def written(owner: str, payload: str) -> str:
    """The pieces of what an item says, and its owner's name, with a blank between; empty where it says nothing."""
    found = pieces_of(words_in(decode_item(payload)))
    return " ".join((name_of(owner), *found)) if found else ""


def name_of(owner: str) -> str:
    """The owner as one more piece, longer than any other: so a search need not pass through what others said."""
    return "".join(char for char in owner.lower() if char.isalnum())
