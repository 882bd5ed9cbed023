"""Rules of `turns/chains.py`: what a connection remembers, and when it forgets."""

from maru.turns.chains import MAX_LOCAL_CHAINS, History, LocalChains
from support.responses import a_message


def _of(*texts: str) -> History:
    return History(tuple(a_message(text, id_=f"msg_{text[:8]}") for text in texts))


def test_the_oldest_response_is_forgotten_first() -> None:
    """A connection that lives for an hour must not remember all of it."""
    chains = LocalChains()
    for number in range(MAX_LOCAL_CHAINS + 1):
        chains.keep(f"resp_{number}", _of("hi"))
    assert chains.get("resp_0") is None
    assert chains.get("resp_1") is not None


def test_bytes_are_bounded_and_shared_items_counted_once() -> None:
    """A chain of answers shares its beginning, so a long one is no reason to forget."""
    long = _of("x" * 1_000)
    chains = LocalChains(max_bytes=2_400)
    for number in range(4):
        chains.keep(f"resp_{number}", long)
    assert all(chains.get(f"resp_{number}") is long for number in range(4))
    chains.keep("resp_other", _of("y" * 1_000))
    assert chains.get("resp_0") is long
    chains.keep("resp_third", _of("z" * 1_000))
    assert [chains.get(f"resp_{number}") for number in range(4)] == [None] * 4
    assert chains.get("resp_other") is not None
    assert chains.get("resp_third") is not None


def test_what_is_too_large_alone_is_not_remembered() -> None:
    """The bound holds for the newest response too."""
    chains = LocalChains(max_bytes=500)
    chains.keep("resp_1", _of("x" * 1_000), unstored=_of("x" * 1_000).items)
    assert chains.get("resp_1") is None
    assert chains.unstored() == {}


def test_a_failed_continuation_forgets_what_it_continued() -> None:
    """Open Responses: the id is then looked up in the store, or not found."""
    chains = LocalChains()
    chains.keep("resp_1", _of("hi"))
    chains.continuation_failed("resp_1", None)
    assert chains.get("resp_1") is None
    chains.continuation_failed("resp_1", None)


def test_a_fork_that_fails_harms_no_other_lane() -> None:
    """The lane that made the response goes on from it."""
    chains = LocalChains()
    chains.keep("resp_1", _of("hi"), lane="a")
    chains.continuation_failed("resp_1", "b")
    chains.continuation_failed("resp_1", None)
    assert chains.get("resp_1") is not None
    chains.continuation_failed("resp_1", "a")
    assert chains.get("resp_1") is None


def test_items_of_unstored_answers_are_found_by_id() -> None:
    """Until their response is forgotten."""
    chains = LocalChains()
    history = _of("stored", "not")
    chains.keep("resp_1", history, unstored=history.items[1:])
    assert chains.unstored() == {"msg_not": history.items[1]}
    chains.evict("resp_1")
    assert chains.unstored() == {}
