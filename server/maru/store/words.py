"""Words that are looked for, and where they stand: folding, three-letter pieces, snippets. Pure.

Everything is compared folded: composed (a Hangul syllable is one character, however it was typed), wide and narrow
forms alike, capitals small. A word is found wherever it stands, also inside another one: "국수" in "칼국수를".

What an index holds of a text are its pieces: from each place of a run of letters and digits, the next three of them,
or the fewer that are left. So a word of one or two letters is the beginning of pieces, and a longer one is made of
them. That a text has all pieces of a word does not mean that it has the word: whoever asked the index looks again.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from unicodedata import combining, is_normalized, normalize

from maru.protocol.items import InputFile, InputImage, InputText, Item, Message, OutputText, Refusal

MOST_CHARS = 65_536
"""Of the words of one message; what stands behind them is not found."""
PIECE = 3
BEFORE = 32
"""Characters of a snippet before the first word found; as a rule it begins with a whole word."""
SNIPPET = 160

MOST_MARKS = 30
"""On one letter, as in Unicode's stream-safe text; a joiner is put before what is beyond."""

_JOINER = "\u034f"  # seen by nobody; no mark is moved across it
# A character is two marks at most, and the one before has three at most in it.
_PERHAPS_MARKS = re.compile(rf".?[^\w\s\x00-\u02ff]{{{MOST_MARKS // 2 - 1},}}", re.DOTALL)
_RUN = re.compile(r"[^\W_]+")  # of letters and digits of any writing


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a snippet."""

    text: str
    is_match: bool


class _Folds(dict[int, str]):
    """Of each character what it is folded to, learned when it is met; there are about a million at most."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = normalize("NFKC", chr(code)).casefold()
        return folded


_folds = _Folds()


def composed(text: str) -> str:
    """The text with each character in its composed form, which is how it is shown."""
    if text.isascii():
        return text
    # Marks on one letter are sorted, in a time that grows as the square of their number.
    text = _PERHAPS_MARKS.sub(lambda run: _joined(run.group()), text)
    return text if is_normalized("NFC", text) else normalize("NFC", text)


def folded(text: str) -> str:
    """The text as it is compared."""
    return text.lower() if text.isascii() else composed(text).translate(_folds)


def words_of(query: str) -> tuple[str, ...]:
    """The words that somebody looks for, folded, each once."""
    return tuple(dict.fromkeys(folded(query).split()))


def has_all(text: str, words: Iterable[str]) -> bool:
    """Whether each of these folded words stands in the text."""
    there = folded(text)
    return all(word in there for word in words)


def words_in(item: Item) -> str:
    """What can be found of an item: the words of the person and of the model, then the names of its files.

    Not the model's thoughts and calls, nor what stands in the files.
    """
    if not isinstance(item, Message) or item.role not in {"user", "assistant"}:
        return ""
    texts = (
        part.refusal if isinstance(part, Refusal) else part.text
        for part in item.content
        if isinstance(part, InputText | OutputText | Refusal)
    )
    names = (part.filename for part in item.content if isinstance(part, InputFile | InputImage))
    return "\n\n".join(filter(None, ("\n\n".join(texts)[:MOST_CHARS], *names)))


def pieces_of(text: str) -> set[str]:
    """The pieces that an index holds of a text."""
    return {run[place : place + PIECE] for run in _runs(folded(text)) for place in range(len(run))}


def needed_pieces(words: Iterable[str]) -> tuple[set[str], set[str]]:
    """What a text with these folded words has: whole pieces, and beginnings of pieces."""
    whole: set[str] = set()
    beginnings: set[str] = set()
    for run in (run for word in words for run in _runs(word)):
        if len(run) < PIECE:
            beginnings.add(run)
        else:
            whole |= {run[place : place + PIECE] for place in range(len(run) - PIECE + 1)}
    return whole, beginnings


def snippet(text: str, words: Iterable[str]) -> tuple[Part, ...]:
    """The text around the first of these folded words, in one line, with each of them marked."""
    shown = " ".join(composed(text).split()) if text else ""
    words = tuple(words)
    start = _start(shown, _first(shown, words))
    end = min(len(shown), start + SNIPPET)
    # A long text holds thousands: only those are looked for that begin in what is shown.
    near = shown[start : end + max(map(len, words), default=0)]
    marks = [(start + begin, start + stop) for begin, stop in _marks(near, words)]
    parts = [Part("…", is_match=False)] if start else []
    place = start
    for begin, stop in marks:
        if begin >= end:
            break
        if begin > place:
            parts.append(Part(shown[place:begin], is_match=False))
        parts.append(Part(shown[max(begin, place) : min(stop, end)], is_match=True))
        place = min(stop, end)
    rest = shown[place:end] + ("…" if end < len(shown) else "")
    return (*parts, Part(rest, is_match=False)) if rest else tuple(parts)


def _joined(run: str) -> str:
    parts: list[str] = []
    marks = 0
    for char in run:
        before, apart = marks, normalize("NFD", char)
        for one in apart:
            marks = marks + 1 if combining(one) else 0
        if marks > MOST_MARKS:
            parts.append(_JOINER)
            marks -= before
        parts.append(char)
    return "".join(parts)


def _runs(there: str) -> list[str]:
    return _RUN.findall(there)


def _start(shown: str, first: int) -> int:
    """Where a snippet begins that shows this place: at a word, if one begins in reach."""
    start = max(0, first - BEFORE)
    space = shown.find(" ", start, first)
    return start if not start or space < 0 else space + 1


def _first(shown: str, words: tuple[str, ...]) -> int:
    """Where the first of the words stands in a composed text; 0: none does."""
    there = folded(shown)
    rest = min((place for place in map(there.find, words) if place >= 0), default=0)
    if len(there) == len(shown):
        return rest
    begin, stop = 0, len(shown)
    while stop - begin > 1:
        middle = (begin + stop) // 2
        length = len(folded(shown[begin:middle]))
        if rest < length:
            stop = middle
        else:
            rest -= length
            begin = middle
    return begin


def _marks(shown: str, words: tuple[str, ...]) -> list[tuple[int, int]]:
    """From where to where the words stand, in order, those that touch each other as one."""
    there, places = _with_places(shown)
    found = sorted(place for word in words for place in _all_places(there, word))
    marks: list[tuple[int, int]] = []
    for begin, stop in ((places[begin], places[stop - 1] + 1) for begin, stop in found):
        if marks and begin <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(marks[-1][1], stop))
        else:
            marks.append((begin, stop))
    return marks


def _all_places(there: str, word: str) -> Iterator[tuple[int, int]]:
    place = there.find(word)
    while place >= 0:
        yield place, place + len(word)
        place = there.find(word, place + len(word))


def _with_places(shown: str) -> tuple[str, range | list[int]]:
    """A composed text folded, and of each character of that the place in the text."""
    there = folded(shown)
    if len(there) == len(shown):
        return there, range(len(shown))
    return there, [place for place, char in enumerate(shown) for _ in char.translate(_folds)]
