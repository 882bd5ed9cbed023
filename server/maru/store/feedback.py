"""The part of the store's seam that keeps what people say about answers: ratings, rankings, demonstrations.

An answer is named by its message, an item of a conversation. What is said stays beside it and never changes it; which
response and which model wrote it is noted at that moment, and stays known when the response is deleted. Feedback goes
with the item that it is about, and so with the conversation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer, and who wrote it; None where that is not known, as for one that was imported.

    Attributes:
        item_id: its message.
    """

    item_id: str
    response_id: str | None
    model: str | None


@dataclass(frozen=True, slots=True)
class Rating:
    """Thumb up or down; one an answer. Times are Unix seconds."""

    id: str
    conversation_id: str
    answer: RatedAnswer
    is_up: bool
    reasons: tuple[str, ...]
    comment: str | None
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """Two or more answers to one prompt in order; one a prompt.

    Attributes:
        prompt_id: the message that they all answer.
        places: best first; answers of one place are as good as each other.
    """

    id: str
    conversation_id: str
    prompt_id: str
    places: tuple[tuple[RatedAnswer, ...], ...]
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a person would rather have read in the place of an answer; one an answer."""

    id: str
    conversation_id: str
    answer: RatedAnswer
    text: str
    created_at: int
    updated_at: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """All that was said about the answers of a conversation; each part in the order of making."""

    ratings: tuple[Rating, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    demonstrations: tuple[Demonstration, ...] = ()


class FeedbackStore(Protocol):
    """Feedback; each method is one transaction. A second word about the same answer takes the place of the first."""

    async def feedback_of(self, owner: str, conversation_id: str) -> Feedback:
        """All of a conversation."""
        ...

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
        """Rate an answer."""
        ...

    async def remove_rating(self, owner: str, conversation_id: str, item_id: str) -> None:
        """Take a rating back."""
        ...

    async def rank(
        self, owner: str, conversation_id: str, prompt_id: str, places: Sequence[Sequence[str]], *, now: int
    ) -> Ranking:
        """Put answers to a prompt in order, best first; the items are different and at least two."""
        ...

    async def remove_ranking(self, owner: str, conversation_id: str, prompt_id: str) -> None:
        """Take a ranking back."""
        ...

    async def demonstrate(
        self, owner: str, conversation_id: str, item_id: str, text: str, *, now: int
    ) -> Demonstration:
        """Keep a better answer beside one."""
        ...

    async def remove_demonstration(self, owner: str, conversation_id: str, item_id: str) -> None:
        """Take a better answer back."""
        ...
