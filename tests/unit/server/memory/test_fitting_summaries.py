"""Rules of `maru/memory/fitting.py` for summaries: when one is wanted, and which one is shown."""

from maru.memory.prompt import Note
from support.fitting import Said, a_backend, a_fitter, an_order, plain_turns


async def test_a_summary_takes_the_place_of_what_went() -> None:
    """It is wanted ahead of the cut, and shown with it; the prompt's beginning stays until then."""
    fitter, backend = a_fitter(policy="summarise"), a_backend()
    history, cut, notes, wanted = plain_turns(1), None, tuple[Note, ...](), list[str]()
    shown = list[tuple[str | None, str | None]]()
    for number in range(1, 20):
        new = Said(50, 1).asked(number)
        fitted = await fitter.fit(backend, an_order(history, new, cut, notes, instructions="be kind"))
        if fitted.summarise_to is not None:
            wanted.append(fitted.summarise_to)
            notes = (*notes, Note(f"sum_{number}", fitted.summarise_to, f"what was said to {fitted.summarise_to}"))
        shown.append((fitted.report.summary, fitted.report.first_item))
        assert fitted.report.used <= fitted.ledger.budget
        cut, history = fitted.ledger.cut, (*history, *new, *Said(50, 50).answered(number))
        if fitted.report.summary is not None:
            note = next(note for note in notes if note.id == fitted.report.summary)
            places = [item.id for item in history]
            assert places.index(fitted.report.first_item or "") == places.index(note.last_item_id) + 1
            assert fitted.request.messages[0].text == f"be kind\n\n{note.text}"
            assert fitted.ledger.notes == note.text
    assert len(wanted) == len(set(wanted)) >= 2
    assert shown[0][0] is None
    assert len({summary for summary, _ in shown}) >= 3


async def test_a_late_summary_is_shown_as_soon_as_it_is_there() -> None:
    """The cut did not wait for it, and is not moved by it."""
    fitter, backend = a_fitter(policy="summarise"), a_backend()
    history, new = plain_turns(12), Said(5, 1).asked(12)
    without = await fitter.fit(backend, an_order(history, new))
    assert (without.report.summary, without.report.items_left_out > 0) == (None, True)
    assert without.summarise_to is not None
    note = Note("sum_late", without.summarise_to, "late but here")
    cut = without.ledger.cut
    with_it = await fitter.fit(backend, an_order((*history, *new), Said(5, 1).asked(13), cut, [note]))
    assert (with_it.report.summary, with_it.ledger.cut) == ("sum_late", cut)


async def test_no_summary_of_another_branch_is_shown() -> None:
    """It may stand for what was never said here."""
    note = Note("sum_other", "msg_elsewhere", "other")
    fitted = await a_fitter(policy="summarise").fit(
        a_backend(), an_order(plain_turns(12), Said(5, 1).asked(12), None, [note])
    )
    assert fitted.report.summary is None


async def test_without_a_policy_that_summarises_no_summary_is_shown_or_made() -> None:
    """Turning it off is one setting."""
    note = Note("sum_old", "msg_a3", "old")
    fitted = await a_fitter().fit(a_backend(), an_order(plain_turns(12), Said(5, 1).asked(12), None, [note]))
    assert (fitted.report.summary, fitted.summarise_to) == (None, None)


async def test_a_summary_that_takes_too_much_is_left_out() -> None:
    """A person may have written it; the chat goes on without it."""
    order = an_order(plain_turns(9), Said(5, 1).asked(9), None, [Note("sum_1", "msg_a4", "word " * 500)])
    fitted = await a_fitter(policy="summarise").fit(a_backend(), order)
    assert (fitted.report.summary, fitted.ledger.notes) == (None, None)
    assert fitted.report.used <= fitted.ledger.budget
