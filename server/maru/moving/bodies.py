"""What the store keeps beside a conversation, as it is sent and exported."""

from maru.protocol.feedback import AnswerBody, DemonstrationBody, FeedbackBody, RankingBody, RatingBody
from maru.protocol.prompts import PromptBody, PromptVersionBody
from maru.protocol.summary_bodies import SummaryBody
from maru.store.feedback import Demonstration, Feedback, Ranking, RatedAnswer, Rating
from maru.store.prompts import Prompt, PromptVersion
from maru.store.summaries import Summary


def prompt_body(prompt: Prompt) -> PromptBody:
    """A prompt as it is sent."""
    newest = prompt.newest
    return PromptBody(
        id=prompt.id,
        title=newest.words.title,
        word=newest.words.word,
        text=newest.words.text,
        version=newest.number,
        created_at=prompt.created_at,
        updated_at=newest.created_at,
    )


def prompt_version_body(version: PromptVersion) -> PromptVersionBody:
    """One of its versions as it is sent and exported."""
    words = version.words
    return PromptVersionBody(
        version=version.number, title=words.title, word=words.word, text=words.text, created_at=version.created_at
    )


def summary_body(summary: Summary) -> SummaryBody:
    """A summary as it is sent."""
    return SummaryBody(
        id=summary.id,
        conversation=summary.conversation_id,
        last_item=summary.last_item_id,
        text=summary.text,
        model=summary.model,
        created_at=summary.created_at,
        edited_at=summary.edited_at,
    )


def feedback_body(feedback: Feedback) -> FeedbackBody:
    """Feedback as it is sent."""
    return FeedbackBody(
        ratings=tuple(map(rating_body, feedback.ratings)),
        rankings=tuple(map(ranking_body, feedback.rankings)),
        demonstrations=tuple(map(demonstration_body, feedback.demonstrations)),
    )


def _answer(answer: RatedAnswer) -> AnswerBody:
    return AnswerBody(item=answer.item_id, response=answer.response_id, model=answer.model)


def rating_body(rating: Rating) -> RatingBody:
    """A rating as it is sent."""
    return RatingBody(
        id=rating.id,
        conversation=rating.conversation_id,
        answer=_answer(rating.answer),
        value="up" if rating.is_up else "down",
        reasons=rating.reasons,
        comment=rating.comment,
        created_at=rating.created_at,
        updated_at=rating.updated_at,
    )


def ranking_body(ranking: Ranking) -> RankingBody:
    """A ranking as it is sent."""
    return RankingBody(
        id=ranking.id,
        conversation=ranking.conversation_id,
        prompt=ranking.prompt_id,
        places=tuple(tuple(map(_answer, place)) for place in ranking.places),
        created_at=ranking.created_at,
        updated_at=ranking.updated_at,
    )


def demonstration_body(demonstration: Demonstration) -> DemonstrationBody:
    """A demonstration as it is sent."""
    return DemonstrationBody(
        id=demonstration.id,
        conversation=demonstration.conversation_id,
        answer=_answer(demonstration.answer),
        text=demonstration.text,
        created_at=demonstration.created_at,
        updated_at=demonstration.updated_at,
    )
