"""Rules of `turns/places.py`."""

import pytest

from maru.protocol.errors import ApiError
from maru.turns.places import Places


def test_runs_and_all_else_share_the_places() -> None:
    """However many of either there are."""
    runs = 1
    places = Places(2, lambda: runs)
    with places.one():
        with pytest.raises(ApiError, match="answers 2 requests at once already") as refused:
            places.check()
        assert (refused.value.status, refused.value.retry_after_s) == (429, 2)
        with pytest.raises(ApiError), places.one():
            pass
    places.check()
    runs = 2
    with pytest.raises(ApiError), places.one():
        pass


def test_a_place_comes_back_from_an_answer_that_broke() -> None:
    """Else a bad engine would fill the server with nothing."""
    places = Places(1, lambda: 0)
    with pytest.raises(ValueError, match="broke"), places.one():
        raise ValueError("broke")
    places.check()


def test_a_server_that_ends_gives_none_away() -> None:
    """Whatever is asked for; what runs may come to its end."""
    places = Places(2, lambda: 0)
    with places.one():
        places.close()
        with pytest.raises(ApiError, match="is restarting") as refused, places.one():
            pass
        assert (refused.value.status, places.held) == (503, 1)
