"""A branch as a model is to see it: its newest compaction item stands for everything before. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, takewhile

from maru.memory.words import is_from, words_of
from maru.protocol.compaction import Compacted
from maru.protocol.items import Compaction, InputText, Item, Message

QUOTED_HEADING = "What the user said earlier, word for word:"


@dataclass(frozen=True, slots=True)
class View:
    """What is shown instead of all items.

    Attributes:
        history: items before this turn, oldest first.
        new: items of this turn, or as many of them as are still shown.
        summary: stands for what is not shown any more; it goes where the instructions are, because chat templates take
            a system message nowhere else.
        quotes: user messages that the summary stands for as well, as text.
        compaction_id: the item that all this comes from.
        facts: what the person wants to be known in all conversations; it goes between instructions and notes.
        images_left_out: of the items, the images in whose place there are words.
        unfilled: as they are kept, those of the items that show what is in uploaded files.
    """

    history: tuple[Item, ...]
    new: tuple[Item, ...]
    summary: str | None = None
    quotes: tuple[str, ...] = ()
    compaction_id: str | None = None
    facts: str | None = None
    images_left_out: int = 0
    unfilled: tuple[Item, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """Everything that is shown as it is."""
        return (*self.history, *self.new)

    def as_kept(self, items: Sequence[Item]) -> tuple[Item, ...]:
        """Some of its items without what was filled into them: a file may be deleted later."""
        kept = {item.id: item for item in self.unfilled}
        return tuple(kept.get(item.id, item) for item in items)

    @property
    def notes(self) -> str | None:
        """Quotes and summary as one text."""
        quotes = "\n\n".join((QUOTED_HEADING, *self.quotes)) if self.quotes else None
        return joined(quotes, self.summary)

    def as_asked(self, instructions: str | None) -> tuple[str | None, tuple[Item, ...], tuple[Item, ...]]:
        """Instructions, history and new items as an engine is asked them."""
        notes = self.notes
        instructions = joined(instructions, self.facts)
        if notes and not self.items:
            # Templates refuse a prompt without anybody who speaks: alone, the notes are what is asked.
            message = Message(id="notes", role="user", status="completed", content=(InputText(text=notes),))
            return instructions, (), (message,)
        return joined(instructions, notes), self.history, self.new


def newest_compaction(items: Sequence[Item]) -> Compaction | None:
    """The item that stands for everything before it."""
    return next((item for item in reversed(items) if isinstance(item, Compaction)), None)


def view_of(history: Sequence[Item], new: Sequence[Item], compacted: Compacted | None) -> View:
    """The view of a branch.

    Args:
        history: items before this turn.
        new: items of this turn.
        compacted: what the newest compaction item stands for; None where there is no such item.
    """
    items = (*history, *new)
    compaction = newest_compaction(items)
    if compaction is None or compacted is None:
        return View(tuple(history), tuple(new))
    last = len(items) - 1 - next(back for back, item in enumerate(reversed(items)) if item is compaction)
    after_history, after_new = tuple(history[last + 1 :]), tuple(new[max(0, last + 1 - len(history)) :])
    quotes = _quotes(items[:last], compacted)
    return View((*compacted.kept, *after_history), after_new, compacted.summary, quotes, compaction.id)


def joined(*texts: str | None) -> str | None:
    """The texts that there are, as paragraphs."""
    return "\n\n".join(text for text in texts if text) or None


def _quotes(before: Sequence[Item], compacted: Compacted) -> tuple[str, ...]:
    """The newest user messages right before the item that are not kept as they are, oldest first."""
    newest_first = takewhile(lambda item: is_from(item, "user"), reversed(before))
    kept = sum(is_from(item, "user") for item in compacted.kept)
    quoted = islice(newest_first, kept, kept + compacted.quoted)
    return tuple(reversed([words_of(item.content) for item in quoted if isinstance(item, Message)]))
