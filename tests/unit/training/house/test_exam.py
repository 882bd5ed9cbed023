"""The questions of the evaluation."""

import pytest

from maru_training.house.evaluation import Answered, report, scores, table
from maru_training.house.exam import CELLS, Cell, items
from maru_training.house.judging import is_right


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
def test_the_right_reply_is_judged_right(cell: Cell) -> None:
    """A judge that rejects the model answer measures nothing."""
    for language in cell.languages:
        for item in items(cell, language, count=30, seed=1):
            assert is_right(item.turn, item.turn.assistant), item


@pytest.mark.parametrize("gap", [0, 3, 10])
def test_that_many_turns_lie_between(gap: int) -> None:
    """The cell's name is a promise."""
    cell = next(cell for cell in CELLS if cell.name == f"remember, {gap} turns between")
    for item in items(cell, "en", count=30, seed=1):
        said = [message for message in item.messages if message.role == "user"]
        assert gap + 2 <= len(said) <= gap + 4  # one to three facts are told in one to three turns


def test_the_same_seed_asks_the_same() -> None:
    """Two models are compared on the same items."""
    assert items(CELLS[0], "ko", count=5, seed=3) == items(CELLS[0], "ko", count=5, seed=3)


def test_the_report_counts_by_cell_and_language() -> None:
    """And says which floors are reached."""
    cell = CELLS[0]
    asked = items(cell, "en", count=4, seed=1)
    answered = [Answered(item, "", right=number > 0) for number, item in enumerate(asked)]
    (score,) = scores(answered, [cell])
    assert (score.items, score.right, score.is_reached) == (4, 3, False)
    assert report([score], seed=1)["cells"][0]["share"] == 0.75
    assert "**75.0**" in table([score])
