"""What is told while a file comes in (ours): a line a record, then one with the sums. Pure data."""

from typing import Literal

import msgspec

Outcome = Literal["imported", "skipped", "failed"]
Why = Literal[
    "here_already",
    "empty",
    "unknown_format",
    "damaged",
    "too_large",
    "broken_file",
    "unsafe_archive",
    "not_kept",
    "stopped",
]


class ImportRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one record of a file.

    Attributes:
        file: its name, in a zip the one of the file in it.
        number: of the record in its file, from 1; 0: it is about the whole file.
        share: of the file that is read by now, 0 to 1.
        source: the program that wrote it.
        why: null where it was taken in.
        detail: more about why, in English.
    """

    object: Literal["maru.import.record"] = "maru.import.record"
    file: str
    number: int
    outcome: Outcome
    share: float
    title: str | None
    source: str | None
    conversation: str | None
    why: Why | None
    detail: str | None


class ImportReport(msgspec.Struct, frozen=True, kw_only=True):
    """The last line: how many became what. Without it, the file did not come to its end: send it again."""

    object: Literal["maru.import.report"] = "maru.import.report"
    imported: int
    skipped: int
    failed: int
