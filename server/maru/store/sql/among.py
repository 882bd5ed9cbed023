"""Whether a column holds one of many values, asked with one bound value, however many they are.

`column.in_(values)` binds each of them, and databases bound how many a statement may have: SQLite 32,766, PostgreSQL
65,535. A branch that is deleted may have more items.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Text, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Each(FunctionElement[str]):
    """The values of a JSON array, as what may stand behind `IN`."""

    inherit_cache = True
    name = "each"


def among(column: ColumnElement[Any], values: Iterable[str]) -> ColumnElement[bool]:
    """Whether the column holds one of these values."""
    return among_bound(column, literal(packed(values), Text))


def among_bound(column: ColumnElement[Any], values: BindParameter[str]) -> ColumnElement[bool]:
    """The same for a statement that is made once; the parameter takes what `packed` makes."""
    return column.bool_op("IN")(_Each(values))


def packed(values: Iterable[str]) -> str:
    """The values as one."""
    return json.dumps(list(values))


@compiles(_Each, "sqlite")
def _on_sqlite(element: _Each, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401 (SQLAlchemy's own)
    values = compiler.process(element.clauses, **options)
    return f"(SELECT value FROM json_each({values}))"  # noqa: S608 (a bound value)


@compiles(_Each, "postgresql")
def _on_postgresql(element: _Each, compiler: SQLCompiler, **options: Any) -> str:  # noqa: ANN401
    values = compiler.process(element.clauses, **options)
    return f"(SELECT json_array_elements_text(CAST({values} AS json)))"
