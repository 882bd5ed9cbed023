"""What every store promises about what people say about answers."""

import pytest

from maru.store.base import NotFoundError, Store
from maru.store.feedback import Demonstration, Feedback, Ranking, RatedAnswer, Rating
from support.stores import message, new_response, run


async def asked(store: Store, owner: str, answers: int = 3) -> tuple[str, str, list[RatedAnswer]]:
    """A conversation, its question and the answers to it, each by a response of its own."""
    question = message("why?")
    conversation = await store.create_conversation(owner, metadata={}, title=None, items=[question], now=1)
    made: list[RatedAnswer] = []
    for number in range(answers):
        answer = message(f"because {number}", "assistant")
        new = new_response(parent_id=question.id, conversation_id=conversation.id)
        made.append(RatedAnswer(answer.id, await run(store, owner, new, answer), "house"))
    return conversation.id, question.id, made


async def rated(store: Store, owner: str, conversation: str, item: str, *, now: int = 10) -> Rating:
    """A thumb down with reasons."""
    return await store.rate(owner, conversation, item, is_up=False, reasons=["unsafe"], comment="No!", now=now)


async def test_rating_names_the_response_and_the_model(store: Store, owner: str) -> None:
    """Training needs to know whose words were good or bad."""
    conversation, _, (answer, *_) = await asked(store, owner)
    made = await store.rate(
        owner, conversation, answer.item_id, is_up=True, reasons=["clear", "helpful"], comment="좋아요 👍", now=10
    )
    assert made == Rating(made.id, conversation, answer, True, ("clear", "helpful"), "좋아요 👍", 10, 10)  # noqa: FBT003
    assert await store.feedback_of(owner, conversation) == Feedback(ratings=(made,))


async def test_second_word_takes_the_place_of_the_first(store: Store, owner: str) -> None:
    """One person has one opinion of an answer, and may change it."""
    conversation, question, answers = await asked(store, owner)
    first, second, third = (answer.item_id for answer in answers)
    kept = await rated(store, owner, conversation, first)
    changed = await store.rate(owner, conversation, first, is_up=True, reasons=[], comment=None, now=20)
    assert changed == Rating(kept.id, conversation, answers[0], True, (), None, 10, 20)  # noqa: FBT003
    order = await store.rank(owner, conversation, question, [[first], [second, third]], now=11)
    other = await store.rank(owner, conversation, question, [[second], [first]], now=21)
    assert other == Ranking(order.id, conversation, question, ((answers[1],), (answers[0],)), 11, 21)
    words = await store.demonstrate(owner, conversation, first, "old", now=12)
    better = await store.demonstrate(owner, conversation, first, "new", now=22)
    assert better == Demonstration(words.id, conversation, answers[0], "new", 12, 22)
    assert await store.feedback_of(owner, conversation) == Feedback((changed,), (other,), (better,))


async def test_ranking_has_ties(store: Store, owner: str) -> None:
    """Labellers must not be made to invent a difference."""
    conversation, question, answers = await asked(store, owner, 4)
    one, two, three, four = (answer.item_id for answer in answers)
    made = await store.rank(owner, conversation, question, [[three], [one, four], [two]], now=10)
    assert made.places == ((answers[2],), (answers[0], answers[3]), (answers[1],))
    assert (await store.feedback_of(owner, conversation)).rankings == (made,)


async def test_all_can_be_taken_back_once(store: Store, owner: str) -> None:
    """A thumb is pressed again; a second time there is nothing."""
    conversation, question, answers = await asked(store, owner)
    first, second, _ = (answer.item_id for answer in answers)
    await rated(store, owner, conversation, first)
    kept = await rated(store, owner, conversation, second)
    await store.rank(owner, conversation, question, [[first], [second]], now=11)
    await store.demonstrate(owner, conversation, first, "better", now=12)
    for remove, of in (
        (store.remove_rating, first),
        (store.remove_ranking, question),
        (store.remove_demonstration, first),
    ):
        other = await store.create_conversation(owner, metadata={}, title=None, items=[], now=1)
        with pytest.raises(NotFoundError):
            await remove(owner, other.id, of)
        await remove(owner, conversation, of)
        with pytest.raises(NotFoundError):
            await remove(owner, conversation, of)
    assert await store.feedback_of(owner, conversation) == Feedback(ratings=(kept,))


async def test_author_stays_known_when_the_response_is_deleted(store: Store, owner: str) -> None:
    """What was noted then is what counts."""
    conversation, question, answers = await asked(store, owner)
    first, second, third = (answer.item_id for answer in answers)
    await rated(store, owner, conversation, first)
    await store.rank(owner, conversation, question, [[first, second, third]], now=11)
    await store.demonstrate(owner, conversation, first, "better", now=12)
    before = await store.feedback_of(owner, conversation)
    for answer in answers:
        await store.delete_response(owner, str(answer.response_id))
    assert await store.feedback_of(owner, conversation) == before
    later = await rated(store, owner, conversation, second)
    assert later.answer == RatedAnswer(second, None, None)


async def test_feedback_goes_with_its_item(store: Store, owner: str) -> None:
    """A ranking loses the answer, and is nothing when one alone is left."""
    conversation, question, answers = await asked(store, owner)
    first, second, third = (answer.item_id for answer in answers)
    await rated(store, owner, conversation, first)
    await store.demonstrate(owner, conversation, first, "better", now=12)
    kept = await rated(store, owner, conversation, second)
    await store.rank(owner, conversation, question, [[first], [second], [third]], now=11)
    await store.delete_item(owner, conversation, first)
    left = await store.feedback_of(owner, conversation)
    assert (left.ratings, left.demonstrations) == ((kept,), ())
    assert [one.places for one in left.rankings] == [((answers[1],), (answers[2],))]
    await store.delete_item(owner, conversation, third)
    assert (await store.feedback_of(owner, conversation)).rankings == ()
    with pytest.raises(NotFoundError):
        await store.remove_ranking(owner, conversation, question)


async def test_ranking_goes_with_its_prompt(store: Store, owner: str) -> None:
    """Answers to nothing have no order."""
    conversation, question, answers = await asked(store, owner)
    await store.rank(owner, conversation, question, [[answer.item_id] for answer in answers], now=11)
    await store.delete_item(owner, conversation, question)
    assert await store.feedback_of(owner, conversation) == Feedback()


async def test_feedback_goes_with_the_conversation(store: Store, owner: str) -> None:
    """What is deleted is deleted; what was said about another one stays."""
    conversation, question, answers = await asked(store, owner)
    other, other_question, others = await asked(store, owner)
    for where, prompt, these in ((conversation, question, answers), (other, other_question, others)):
        await rated(store, owner, where, these[0].item_id)
        await store.demonstrate(owner, where, these[0].item_id, "better", now=12)
        await store.rank(owner, where, prompt, [[these[0].item_id], [these[1].item_id]], now=11)
    before = await store.feedback_of(owner, other)
    await store.delete_conversation(owner, conversation)
    with pytest.raises(NotFoundError):
        await store.feedback_of(owner, conversation)
    with pytest.raises(NotFoundError):
        await store.remove_rating(owner, conversation, answers[0].item_id)
    assert await store.feedback_of(owner, other) == before
