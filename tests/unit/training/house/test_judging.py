"""Right and wrong replies."""

from maru_training.house.families.base import Turn
from maru_training.house.judging import is_right


def test_without_pieces_the_reply_must_be_equal() -> None:
    """Format orders are right only to the letter; case and outer space do not count."""
    turn = Turn("9 + 3?", "9 + 3 = 12")
    assert is_right(turn, " 9 + 3 = 12\n")
    assert not is_right(turn, "9 + 3 = 121")


def test_every_piece_must_be_there() -> None:
    """Half of two facts is wrong."""
    turn = Turn("?", "", must_contain=("Jihoon", "27"))
    assert is_right(turn, "Your name is JIHOON. You are 27 years old.")
    assert not is_right(turn, "Your name is Jihoon.")


def test_a_piece_stands_as_a_word() -> None:
    """7 in 27 is luck, not an answer."""
    turn = Turn("?", "", must_contain=("7",))
    assert not is_right(turn, "It is 27.")
    assert is_right(turn, "It is 27 or 7.")


def test_korean_particles_may_follow() -> None:
    """지훈 in 지훈이에요 is the answer."""
    assert is_right(Turn("?", "", must_contain=("지훈",)), "이름은 지훈이에요.")


def test_an_old_value_makes_a_reply_wrong() -> None:
    """Naming both the old and the new value is no memory of the correction."""
    turn = Turn("?", "", must_contain=("Ben",), must_not_contain=("Amy",))
    assert not is_right(turn, "Your name is Amy or Ben.")
