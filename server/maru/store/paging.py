"""Which page of a list."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PageQuery:
    """Which page of a list: `after` is the id of the last element seen."""

    limit: int = 20
    order: Literal["asc", "desc"] = "desc"
    after: str | None = None
