"""What is said about answers (ours), as it comes in and as it is sent. Parsed like every request: see `requests.py`."""

from typing import Annotated, Literal, get_args

import msgspec
from pydantic import Field, StringConstraints, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from maru.protocol.incoming import ID_PATTERN, Incoming, Many

MAX_COMMENT_CHARS = 2_000
MAX_DEMONSTRATION_CHARS = 100_000
FEWEST_RANKED, MAX_RANKED = 2, 20

Value = Literal["up", "down"]
GoodReason = Literal["correct", "helpful", "clear", "good_style"]
BadReason = Literal["incorrect", "not_followed", "unhelpful", "unsafe", "bad_style"]
Reason = GoodReason | BadReason
REASONS: dict[Value, frozenset[str]] = {"up": frozenset(get_args(GoodReason)), "down": frozenset(get_args(BadReason))}

ItemId = Annotated[str, Field(pattern=ID_PATTERN)]


class RatingUpdate(Incoming):
    """`POST …/items/{id}/rating`: the whole of it; what is absent is no longer said."""

    value: Value
    reasons: Many[Reason] = Field(default=(), max_length=len(REASONS["down"]))
    comment: Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_COMMENT_CHARS)] | None = None

    @field_validator("reasons")
    @classmethod
    def _reasons_fit(cls, reasons: tuple[Reason, ...], info: ValidationInfo) -> tuple[Reason, ...]:
        value: Value | None = info.data.get("value")
        if value is not None and (not set(reasons) <= REASONS[value] or len(set(reasons)) < len(reasons)):
            known = ", ".join(sorted(REASONS[value]))
            message = "Reasons of a rating {value} are different ones of: {known}"
            raise PydanticCustomError("value_error", message, {"value": value, "known": known})
        return reasons


class RankingUpdate(Incoming):
    """`POST …/items/{id}/ranking`: best first; answers of one place are as good as each other."""

    places: Many[Annotated[Many[ItemId], Field(min_length=1, max_length=MAX_RANKED)]] = Field(
        min_length=1, max_length=MAX_RANKED
    )

    @field_validator("places")
    @classmethod
    def _is_an_order(cls, places: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        named = [id_ for place in places for id_ in place]
        if not FEWEST_RANKED <= len(named) <= MAX_RANKED or len(set(named)) < len(named):
            message = "A ranking names 2 to {most} different answers"
            raise PydanticCustomError("value_error", message, {"most": MAX_RANKED})
        return places


class DemonstrationUpdate(Incoming):
    """`POST …/items/{id}/demonstration`: what the answer should have been."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_DEMONSTRATION_CHARS, pattern=r"\S")]


class AnswerBody(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and who wrote it; null where nobody knows.

    Attributes:
        item: its message.
    """

    item: str
    response: str | None
    model: str | None


class RatingBody(msgspec.Struct, frozen=True, kw_only=True):
    """A rating of one answer."""

    id: str
    object: Literal["maru.rating"] = "maru.rating"
    conversation: str
    answer: AnswerBody
    value: Value
    reasons: tuple[str, ...]
    comment: str | None
    created_at: int
    updated_at: int


class RankingBody(msgspec.Struct, frozen=True, kw_only=True):
    """The order of several answers to one prompt, best first.

    Attributes:
        prompt: the item that they answer.
    """

    id: str
    object: Literal["maru.ranking"] = "maru.ranking"
    conversation: str
    prompt: str
    places: tuple[tuple[AnswerBody, ...], ...]
    created_at: int
    updated_at: int


class DemonstrationBody(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wrote in the place of one answer."""

    id: str
    object: Literal["maru.demonstration"] = "maru.demonstration"
    conversation: str
    answer: AnswerBody
    text: str
    created_at: int
    updated_at: int


class FeedbackBody(msgspec.Struct, frozen=True, kw_only=True):
    """All that was said about the answers of a conversation; each part in the order of making."""

    object: Literal["maru.feedback"] = "maru.feedback"
    ratings: tuple[RatingBody, ...]
    rankings: tuple[RankingBody, ...]
    demonstrations: tuple[DemonstrationBody, ...]
