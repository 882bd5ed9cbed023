"""The seam `store/feedback.py` without a disk."""

from collections.abc import Sequence
from dataclasses import replace

from maru.ids import new_id
from maru.store.base import NotFoundError
from maru.store.feedback import Demonstration, Feedback, Ranking, RatedAnswer, Rating
from maru.store.in_memory_responses import one_conversation
from maru.store.in_memory_tree import Belongings, InMemoryPart, one_item


class InMemoryFeedback(InMemoryPart):
    """A `FeedbackStore` in dicts: ratings and demonstrations by answer, rankings by prompt."""

    async def feedback_of(self, owner: str, conversation_id: str) -> Feedback:
        """See `FeedbackStore.feedback_of`."""
        mine = self._peek(owner)
        one_conversation(mine, conversation_id)
        return feedback_in(mine, conversation_id)

    async def rate(
        self,
        owner: str,
        conversation_id: str,
        item_id: str,
        *,
        is_up: bool,
        reasons: Sequence[str],
        comment: str | None,
        now: int,
    ) -> Rating:
        """See `FeedbackStore.rate`."""
        mine = self._peek(owner)
        answer = _answer(mine, conversation_id, item_id)
        new = Rating(new_id("rating"), conversation_id, answer, is_up, tuple(reasons), comment, now, now)
        if (old := mine.ratings.get(item_id)) is not None:
            new = replace(new, id=old.id, created_at=old.created_at)
        mine.ratings[item_id] = new
        return new

    async def remove_rating(self, owner: str, conversation_id: str, item_id: str) -> None:
        """See `FeedbackStore.remove_rating`."""
        ratings = self._peek(owner).ratings
        if item_id not in ratings or ratings[item_id].conversation_id != conversation_id:
            raise NotFoundError("rating of", item_id)
        del ratings[item_id]

    async def rank(
        self, owner: str, conversation_id: str, prompt_id: str, places: Sequence[Sequence[str]], *, now: int
    ) -> Ranking:
        """See `FeedbackStore.rank`."""
        mine = self._peek(owner)
        one_item(mine, prompt_id, conversation_id)
        answers = tuple(tuple(_answer(mine, conversation_id, item_id) for item_id in place) for place in places)
        new = Ranking(new_id("ranking"), conversation_id, prompt_id, answers, now, now)
        if (old := mine.rankings.get(prompt_id)) is not None:
            new = replace(new, id=old.id, created_at=old.created_at)
        mine.rankings[prompt_id] = new
        return new

    async def remove_ranking(self, owner: str, conversation_id: str, prompt_id: str) -> None:
        """See `FeedbackStore.remove_ranking`."""
        rankings = self._peek(owner).rankings
        if prompt_id not in rankings or rankings[prompt_id].conversation_id != conversation_id:
            raise NotFoundError("ranking of", prompt_id)
        del rankings[prompt_id]

    async def demonstrate(
        self, owner: str, conversation_id: str, item_id: str, text: str, *, now: int
    ) -> Demonstration:
        """See `FeedbackStore.demonstrate`."""
        mine = self._peek(owner)
        answer = _answer(mine, conversation_id, item_id)
        new = Demonstration(new_id("demo"), conversation_id, answer, text, now, now)
        if (old := mine.demonstrations.get(item_id)) is not None:
            new = replace(new, id=old.id, created_at=old.created_at)
        mine.demonstrations[item_id] = new
        return new

    async def remove_demonstration(self, owner: str, conversation_id: str, item_id: str) -> None:
        """See `FeedbackStore.remove_demonstration`."""
        demonstrations = self._peek(owner).demonstrations
        if item_id not in demonstrations or demonstrations[item_id].conversation_id != conversation_id:
            raise NotFoundError("demonstration for", item_id)
        del demonstrations[item_id]


def feedback_in(mine: Belongings, conversation_id: str) -> Feedback:
    """All feedback of a conversation that is known to exist."""
    return Feedback(
        tuple(one for one in mine.ratings.values() if one.conversation_id == conversation_id),
        tuple(one for one in mine.rankings.values() if one.conversation_id == conversation_id),
        tuple(one for one in mine.demonstrations.values() if one.conversation_id == conversation_id),
    )


def drop_feedback_on(mine: Belongings, gone: set[str]) -> None:
    """Remove what was said about these items, which are about to be deleted; of one answer left no order is left."""
    mine.ratings = {id_: one for id_, one in mine.ratings.items() if id_ not in gone}
    mine.demonstrations = {id_: one for id_, one in mine.demonstrations.items() if id_ not in gone}
    rankings = {id_: _without(one, gone) for id_, one in mine.rankings.items() if id_ not in gone}
    mine.rankings = {id_: one for id_, one in rankings.items() if sum(map(len, one.places)) > 1}


def _without(ranking: Ranking, gone: set[str]) -> Ranking:
    kept = (tuple(answer for answer in place if answer.item_id not in gone) for place in ranking.places)
    return replace(ranking, places=tuple(place for place in kept if place))


def _answer(mine: Belongings, conversation_id: str, item_id: str) -> RatedAnswer:
    stored = one_item(mine, item_id, conversation_id)
    response = mine.responses.get(stored.response_id or "")
    return RatedAnswer(item_id, stored.response_id, None if response is None else response.model)
