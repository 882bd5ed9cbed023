"""Phases and rates."""

from maru_training.house.recipe import full, small


def test_phases_follow_each_other() -> None:
    """Copying first: what is learnt later builds on it."""
    recipe = full(tokens=1000)
    assert [recipe.phase_at(tokens).name for tokens in (0, 69, 70, 679, 680, 984, 985, 5000)] == [
        "copying",
        "copying",
        "everything",
        "everything",
        "long",
        "long",
        "last",
        "last",
    ]


def test_the_rate_rises_stays_and_falls_to_zero() -> None:
    """The decay is worth more than the same tokens at a constant rate."""
    recipe = full(tokens=1000)
    assert 0 < recipe.rate_at(0, 0) < 0.1
    assert recipe.rate_at(500, 300) == 1.0
    assert 0.4 < recipe.rate_at(500, 650) < 0.6
    assert recipe.rate_at(500, 1000) == 0.0


def test_the_small_run_has_the_same_phases() -> None:
    """It would prove nothing about the real one otherwise."""
    assert [phase.name for phase in small().phases] == [phase.name for phase in full().phases]
