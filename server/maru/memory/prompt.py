"""A branch in turns, and the prompt that a cut leaves of it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from maru.memory.messages import messages_of
from maru.memory.reminders import with_reminders
from maru.memory.summary import is_empty
from maru.memory.view import View, joined
from maru.memory.window import Turn, turn_starts
from maru.memory.words import is_instruction
from maru.protocol.items import FunctionCallOutput, Item, Message
from maru_backends.base import ChatMessage


@dataclass(frozen=True, slots=True)
class Note:
    """A summary that stands for the branch from its root to one item."""

    id: str
    last_item_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is sent with one cut.

    Attributes:
        first: index of the first turn from which on everything is sent.
        kept: indices of earlier turns that are sent as well.
        turns: the messages of each turn that is sent.
        instructions: shown before them.
        notes: the part of `instructions` that is not the client's.
        note: the summary among them.
        left_out: how many items are not sent.
        pinned: ids of items before the cut that are sent because somebody pinned them.
    """

    first: int
    kept: tuple[int, ...]
    turns: tuple[tuple[ChatMessage, ...], ...]
    instructions: str | None
    notes: str | None
    note: Note | None
    left_out: int
    pinned: tuple[str, ...]

    @property
    def messages(self) -> tuple[ChatMessage, ...]:
        """All of it, as an engine is asked."""
        return (*messages_of(self.instructions, ()), *(message for turn in self.turns for message in turn))


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch as it may be shown.

    Attributes:
        items: oldest first.
        starts: index of the first item of each turn.
        before: how many of the items are older than this turn's input.
        reminds: whether notes are said again within the turns that are sent.
    """

    view: View
    own: str | None
    items: tuple[Item, ...]
    starts: tuple[int, ...]
    before: int
    pins: frozenset[str]
    summaries: tuple[tuple[int, Note], ...] = ()
    reminds: bool = False

    @classmethod
    def of(cls, view: View, instructions: str | None, pinned: frozenset[str], *, reminds: bool = False) -> "Branch":
        """The branch of a view; `instructions` are the client's."""
        _, history, new = view.as_asked(instructions)
        items = (*history, *new)
        return cls(view, instructions, items, turn_starts(items, len(history)), len(history), pinned, reminds=reminds)

    @property
    def has_pins(self) -> bool:
        """Whether somebody pinned something in it."""
        return any(item.id in self.pins for item in self.items)

    @property
    def newest_in_words(self) -> str:
        """The beginning of a sentence about the newest turn, its verb included."""
        has_outputs = any(isinstance(item, FunctionCallOutput) for item in self.items[self.starts[-1] :])
        return "The newest message and the outputs of its calls need" if has_outputs else "The newest message needs"

    def fixed_in_words(self, *, has_tools: bool) -> str:
        """The beginning of a sentence about what is sent with every prompt."""
        parts = {
            "instructions": self.own is not None,
            "facts about you": self.view.facts is not None,
            "notes of what went before": self.view.notes is not None,
            "tools": has_tools,
        }
        return " and ".join(name for name, is_there in parts.items() if is_there).capitalize() or "The template's words"

    @property
    def spans(self) -> list[tuple[int, int]]:
        """Where the items of each turn begin and end."""
        return list(pairwise((*self.starts, len(self.items))))

    @property
    def least_messages(self) -> int:
        """At least so many messages the whole branch makes."""
        return sum(isinstance(item, Message) for item in self.items)

    @property
    def ready(self) -> int:
        """Index of the first turn for which no summary stands."""
        return max(self.summarised, default=0)

    @property
    def summarised(self) -> tuple[int, ...]:
        """Turns before which everything has a summary that stands for it."""
        return tuple(turn for turn, _ in self.summaries)

    def with_notes(self, notes: Sequence[Note]) -> "Branch":
        """With those of the summaries that stand for turns of this branch; the newest turn is never among them."""
        place = {item.id: index for index, item in enumerate(self.items)}
        found = [(self._turns_to(place[note.last_item_id]), note) for note in notes if note.last_item_id in place]
        return replace(self, summaries=tuple((turn, note) for turn, note in found if turn < len(self.starts)))

    def without_summaries(self) -> "Branch":
        """As if there were none, where one takes too much."""
        return replace(self, summaries=())

    def turn_of(self, item_id: str | None) -> int:
        """The turn that begins with this item; 0 where none does."""
        return next((turn for turn, start in enumerate(self.starts) if self.items[start].id == item_id), 0)

    def note_for(self, first: int) -> Note | None:
        """The newest summary of what this cut leaves out."""
        fitting = [(turn, index) for index, (turn, _) in enumerate(self.summaries) if turn <= first]
        return self.summaries[max(fitting)[1]][1] if fitting else None

    def prompt(self, first: int, note: Note | None) -> Prompt:
        """What is sent with this cut."""
        view = self.view if note is None else replace(self.view, summary=None if is_empty(note.text) else note.text)
        instructions, _, _ = view.as_asked(self.own)
        spans = self.spans
        kept = {turn: items for turn in range(first) if (items := self._kept_of(spans[turn]))}
        said = tuple(messages_of(None, self.items[start:end]) for start, end in spans[first:])
        if self.reminds and view.notes is not None:
            said = with_reminders(said, view.notes)
        shown = [item for items in kept.values() for item in items]
        return Prompt(
            first=first,
            kept=tuple(kept),
            turns=(*(messages_of(None, items) for items in kept.values()), *said),
            instructions=instructions,
            notes=joined(view.facts, view.notes),
            note=note,
            left_out=sum(end - start for start, end in spans[:first]) - len(shown),
            pinned=tuple(item.id for item in shown if item.id in self.pins),
        )

    def sized(self, prompt: Prompt, sizes: Sequence[int]) -> list[Turn]:
        """Every turn with its tokens; those that are not sent have none."""
        tokens = dict(zip((*prompt.kept, *range(prompt.first, len(self.starts))), sizes, strict=True))
        return [
            self._sized(span, tokens.get(turn, 0), is_cut=turn < prompt.first) for turn, span in enumerate(self.spans)
        ]

    def first_shown(self, prompt: Prompt) -> str | None:
        """Id of the item from which on everything is sent; None where that is exactly this turn's input."""
        start = self.starts[prompt.first] if self.starts else self.before
        return None if start == self.before else self.items[start].id

    def _kept_of(self, span: tuple[int, int]) -> tuple[Item, ...]:
        """What of a turn is sent even before the cut: all of it if something is pinned, else its instructions."""
        items = self.items[slice(*span)]
        if any(item.id in self.pins for item in items):
            return items
        return tuple(item for item in items if is_instruction(item))

    def _sized(self, span: tuple[int, int], tokens: int, *, is_cut: bool) -> Turn:
        items, kept = self.items[slice(*span)], self._kept_of(span)
        if is_cut or len(kept) == len(items) or not kept:
            return Turn(tokens, tokens if kept else 0)
        # How much of it the instructions are is guessed by length; the prompt that comes of it is counted again.
        whole, part = (sum(1 + len(message.text) for message in messages_of(None, items)) for items in (items, kept))
        return Turn(tokens, tokens * part // max(whole, 1))

    def _turns_to(self, index: int) -> int:
        return sum(start <= index for start in self.starts)
