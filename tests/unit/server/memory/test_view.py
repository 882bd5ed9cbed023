"""Rules of `memory/view.py`: what is shown where a compaction item stands."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from maru.memory.view import View, joined, newest_compaction, view_of
from maru.protocol.compaction import Compacted
from maru.protocol.items import Compaction, ContentPart, InputText, Item, Message
from support.responses import a_message

CMP = Compaction(id="cmp_1", encrypted_content="x")


def _user(text: str) -> Item:
    return a_message(text, "user", f"msg_{text}")


def _view(history: tuple[Item, ...], new: tuple[Item, ...], compacted: Compacted) -> View:
    return view_of(history, new, compacted)


def test_without_a_compaction_all_is_shown() -> None:
    """The usual case costs nothing."""
    assert _view((_user("a"),), (_user("b"),), Compacted()) == View((_user("a"),), (_user("b"),))


def test_items_before_the_item_are_not_shown() -> None:
    """The client may send them or not: it is the same."""
    kept, summary = (_user("kept"),), "Facts: …"
    compacted = Compacted(summary=summary, kept=kept)
    a, b, c = a_message("a", "assistant"), _user("b"), _user("c")
    for history, new in (((a, CMP, b), (c,)), ((a, CMP), (b, c)), ((), (a, CMP, b, c)), ((), (CMP, b, c))):
        view = _view(history, new, compacted)
        assert view.items == (*kept, b, c)
        assert view.notes == summary


def test_what_came_in_with_the_request_is_told_apart() -> None:
    """Only the history may be cut."""
    view = _view((_user("a"),), (CMP, _user("b")), Compacted(kept=(_user("kept"),)))
    assert (view.history, view.new) == ((_user("kept"),), (_user("b"),))


def test_the_newest_item_counts() -> None:
    """It stands for the older one as well."""
    newer = Compaction(id="cmp_2", encrypted_content="y")
    items = (CMP, _user("a"), newer, _user("b"))
    assert newest_compaction(items) is newer
    assert newest_compaction(items[3:]) is None
    assert _view(items, (), Compacted(summary="all")) == View(items[3:], (), "all", compaction_id="cmp_2")


def test_user_messages_right_before_it_are_quoted() -> None:
    """The window that `/responses/compact` gives says them word for word."""
    said = tuple(_user(text) for text in ("one", "two", "three", "kept"))
    compacted = Compacted(summary="Facts: …", kept=(_user("kept"),), quoted=2)
    view = _view((), (*said, CMP, _user("next")), compacted)
    assert view.quotes == ("two", "three")
    assert view.notes == "What the user said earlier, word for word:\n\ntwo\n\nthree\n\nFacts: …"
    assert _view((), (_user("kept"), CMP, _user("next")), compacted).quotes == ()
    assert _view((), (CMP, _user("next")), compacted).quotes == ()


def test_what_is_not_quoted_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client may send a hundred thousand messages before the item, with every create."""
    read: list[Sequence[ContentPart]] = []

    def reads(parts: Sequence[ContentPart]) -> str:
        read.append(parts)
        return "words"

    monkeypatch.setattr("maru.memory.view.words_of", reads)
    said = tuple(_user(str(number)) for number in range(9))
    assert len(_view((), (*said, CMP), Compacted(quoted=2)).quotes) == len(read) == 2
    assert _view((), (*said, CMP), Compacted(kept=(_user("kept"),))).quotes == ()
    assert len(read) == 2


def test_an_item_alone_is_asked_as_a_message() -> None:
    """Chat templates refuse a prompt without anybody who speaks."""
    view = _view((), (CMP,), Compacted(summary="Facts: …"))
    instructions, history, (message,) = view.as_asked("Be brief.")
    assert (instructions, history) == ("Be brief.", ())
    assert isinstance(message, Message)
    assert (message.role, message.content) == ("user", (InputText(text="Facts: …"),))


def test_notes_go_where_the_instructions_are() -> None:
    """Templates take a system message nowhere else."""
    view = _view((), (CMP, _user("next")), Compacted(summary="Facts: …"))
    assert view.as_asked("Be brief.") == ("Be brief.\n\nFacts: …", (), (_user("next"),))


def test_facts_stand_between_instructions_and_notes() -> None:
    """They change more seldom than the notes do: what changes most comes last, so that most of a prompt stays."""
    seen = replace(_view((), (CMP, _user("next")), Compacted(summary="Summary: …")), facts="Facts: …")
    assert seen.as_asked("Be brief.") == ("Be brief.\n\nFacts: …\n\nSummary: …", (), (_user("next"),))
    alone = replace(_view((), (CMP,), Compacted(summary="Summary: …")), facts="Facts: …")
    assert alone.as_asked(None)[0] == "Facts: …"
    assert "Facts" not in (seen.notes or "")


def test_texts_are_joined_as_paragraphs() -> None:
    """Instructions and notes are one system message, as the house model was trained."""
    assert joined("Be brief.", None, "Facts: …") == "Be brief.\n\nFacts: …"
    assert joined(None, "") is None
