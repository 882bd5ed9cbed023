"""A long JSON text cut into the values it holds, read a piece at a time.

What is cut is an array's elements, or values one after the other (JSON lines). Only brackets and quotes are looked at:
an element that is wrong inside harms no other. Memory is bounded by the largest element that is let through.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

PIECE = 1 << 20

# All that opens and closes nothing, whole strings too; possessive, so that it never goes back.
_FLAT = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_CLOSES = {ord("]"): ord("["), ord("}"): ord("{")}
_OPENS = frozenset(_CLOSES.values())
_QUOTE = ord('"')


class Readable(Protocol):
    """A file that was opened to read bytes."""

    def read(self, size: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


@dataclass(frozen=True, slots=True)
class TooLarge:
    """An element that was passed over; `size` in bytes."""

    size: int


class BrokenError(Exception):
    """From here on nothing can be read: brackets do not match, or the text ends in the middle."""


def elements(file: Readable, *, most_bytes: int) -> Iterator[bytes | TooLarge]:
    """Each array or object that stands at the top, or in an array at the top.

    Raises:
        BrokenError: after everything that could be read before.
    """
    yield from _Cutter(file, most_bytes).cut()


class _Cutter:
    """Where the cutting is: which brackets are open, and what belongs to the element so far."""

    def __init__(self, file: Readable, most_bytes: int) -> None:
        self._file = file
        self._most_bytes = most_bytes
        self._open: list[int] = []
        self._is_array = False  # the outermost bracket is an array, whose elements are cut
        self._kept: list[bytes] = []
        self._size = 0

    def cut(self) -> Iterator[bytes | TooLarge]:
        rest = b""
        while piece := self._file.read(PIECE):
            data = rest + piece
            position, start = 0, 0
            while (at := _end_of_flat(data, position)) is not None:
                position = at + 1
                if self._begins(data[at]):
                    start = at
                elif self._ends(data[at]):
                    yield self._taken(data[start:position])
                    start = position
            # What is left is flat, but for the beginning of a string that is not all here.
            cut = _whole_until(data, position)
            self._keep(data[start:cut])
            rest = data[cut:]
            if len(rest) > self._most_bytes:
                raise BrokenError("a text in it is longer than a conversation may be, or has no end")
        if self._open or rest.strip():
            raise BrokenError("it ends in the middle")

    @property
    def _top(self) -> int:
        """How many brackets are open outside of elements."""
        return 1 if self._is_array else 0

    def _begins(self, bracket: int) -> bool:
        """Note a bracket that opens; whether an element begins with it."""
        if bracket not in _OPENS:
            return False
        if not self._open:
            self._is_array = bracket == ord("[")
            self._open.append(bracket)
            return not self._is_array
        self._open.append(bracket)
        return len(self._open) == self._top + 1

    def _ends(self, bracket: int) -> bool:
        """Note a bracket that closes; whether an element ends with it."""
        if bracket in _OPENS:
            return False
        if not self._open or self._open.pop() != _CLOSES[bracket]:
            raise BrokenError("its brackets do not match")
        if self._open or not self._is_array:
            return len(self._open) == self._top
        self._is_array = False
        return False

    def _keep(self, data: bytes) -> None:
        """Hold a part of an element; between elements there is nothing to hold, and of one too large nothing is."""
        if len(self._open) <= self._top:
            return
        self._size += len(data)
        if self._size <= self._most_bytes:
            self._kept.append(data)
        else:
            self._kept.clear()

    def _taken(self, last: bytes) -> bytes | TooLarge:
        size, kept = self._size + len(last), self._kept
        self._size, self._kept = 0, []
        return TooLarge(size) if size > self._most_bytes else b"".join((*kept, last))


def _end_of_flat(data: bytes, position: int) -> int | None:
    """Where the next bracket stands; None: not in here."""
    found = _FLAT.match(data, position)
    end = len(data) if found is None else found.end()
    return None if end == len(data) or data[end] == _QUOTE else end


def _whole_until(data: bytes, position: int) -> int:
    found = _FLAT.match(data, position)
    return len(data) if found is None else found.end()
