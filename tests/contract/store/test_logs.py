"""What every store promises about event logs: pieces while a response runs, the whole when it has ended."""

from maru.store.base import LogPiece, Store
from support.stores import checkpoint, finished, message, new_response, run


async def _running(store: Store, owner: str, *pieces: tuple[int, bytes]) -> str:
    new = new_response(message())
    await store.start_response(owner, new)
    for first_number, packed in pieces:
        await store.checkpoint(None, [checkpoint(new.id, first_number=first_number, packed=packed)])
    return new.id


async def test_a_running_response_has_the_pieces_of_its_checkpoints(store: Store, owner: str) -> None:
    """In order, from the one that holds the next number on."""
    response_id = await _running(store, owner, (0, b"a"), (10, b"b"), (25, b"c"))
    a, b, c = LogPiece(0, b"a"), LogPiece(10, b"b"), LogPiece(25, b"c")
    found = {
        after: await store.log_of(owner, response_id, starting_after=after) for after in (-5, -1, 8, 9, 23, 24, 90)
    }
    assert found == {-5: (a, b, c), -1: (a, b, c), 8: (a, b, c), 9: (b, c), 23: (b, c), 24: (c,), 90: (c,)}


async def test_a_piece_that_comes_again_takes_the_place_of_the_first(store: Store, owner: str) -> None:
    """A checkpoint that failed may have been written all the same."""
    response_id = await _running(store, owner, (0, b"a"), (10, b"b"), (10, b"longer"))
    assert await store.log_of(owner, response_id, starting_after=-1) == (LogPiece(0, b"a"), LogPiece(10, b"longer"))


async def test_the_end_puts_the_whole_log_in_the_place_of_the_pieces(store: Store, owner: str) -> None:
    """One row for each response that has ended; a late checkpoint changes nothing."""
    response_id = await _running(store, owner, (0, b"a"), (10, b"b"))
    await store.finish_response(owner, finished(response_id, packed_log=b"\x00whole"))
    await store.checkpoint(None, [checkpoint(response_id, first_number=20, packed=b"late")])
    for after in (-1, 9, 1_000):
        assert await store.log_of(owner, response_id, starting_after=after) == (LogPiece(0, b"\x00whole"),)


async def test_many_pieces_are_kept_at_once(store: Store, owner: str) -> None:
    """Every run has one a second; those that are not to be written do not hold the others back."""
    one, two = await _running(store, owner), await _running(store, owner)
    ended = await run(store, owner, new_response(message()))
    pieces = [checkpoint(id_, packed=id_.encode()) for id_ in (ended, one, "resp_missing", two)]
    await store.checkpoint(None, pieces)
    for id_ in (one, two):
        assert await store.log_of(owner, id_, starting_after=-1) == (LogPiece(0, id_.encode()),)
    assert await store.log_of(owner, ended, starting_after=-1) == (LogPiece(0, b"log"),)


async def test_the_log_goes_with_its_response(store: Store, owner: str) -> None:
    """Its words are in it."""
    ended, running = await run(store, owner, new_response(message())), await _running(store, owner, (0, b"a"))
    for id_ in (ended, running):
        await store.delete_response(owner, id_)
        assert await store.log_of(owner, id_, starting_after=-1) == ()


async def test_the_log_outlives_its_conversation(store: Store, owner: str) -> None:
    """As the response does, also where it ends after the conversation is gone."""
    made = await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
    new = new_response(message(), conversation_id=made.id)
    await store.start_response(owner, new)
    await store.delete_conversation(owner, made.id)
    await store.finish_response(owner, finished(new.id))
    assert await store.log_of(owner, new.id, starting_after=-1) == (LogPiece(0, b"log"),)
