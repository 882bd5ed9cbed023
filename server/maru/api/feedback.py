"""`/v1/conversations/{id}/feedback` and what leads to it (ours): ratings, rankings and better answers."""

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.moving.bodies import demonstration_body, feedback_body, ranking_body, rating_body
from maru.protocol.bodies import Deleted
from maru.protocol.feedback import DemonstrationUpdate, RankingUpdate, RatingUpdate
from maru.protocol.requests import parse
from maru.turns.feedback import require_answer, require_answers_to

router = APIRouter(prefix="/v1/conversations/{conversation_id}")


@router.get("/feedback")
async def list_(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """All that was said about the answers of a conversation."""
    return json_response(feedback_body(await rooms_of(request).store.feedback_of(owner, conversation_id)))


@router.post("/items/{item_id}/rating")
async def rate(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Thumb up or down for an answer, in the place of what was said before."""
    rooms = rooms_of(request)
    wanted = parse(RatingUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    await require_answer(rooms.store, owner, conversation_id, item_id, param="item_id")
    rating = await rooms.store.rate(
        owner,
        conversation_id,
        item_id,
        is_up=wanted.value == "up",
        reasons=wanted.reasons,
        comment=wanted.comment or None,
        now=rooms.now(),
    )
    return json_response(rating_body(rating))


@router.delete("/items/{item_id}/rating")
async def take_back_rating(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Say nothing about an answer any more."""
    await rooms_of(request).store.remove_rating(owner, conversation_id, item_id)
    return json_response(Deleted(id=item_id, object="maru.rating.deleted"))


@router.post("/items/{item_id}/ranking")
async def rank(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Put answers to a prompt in order, best first, with ties."""
    rooms = rooms_of(request)
    wanted = parse(RankingUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    named = (id_ for place in wanted.places for id_ in place)
    await require_answers_to(rooms.store, owner, conversation_id, item_id, named)
    return json_response(
        ranking_body(await rooms.store.rank(owner, conversation_id, item_id, wanted.places, now=rooms.now()))
    )


@router.delete("/items/{item_id}/ranking")
async def take_back_ranking(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Forget the order of the answers to a prompt."""
    await rooms_of(request).store.remove_ranking(owner, conversation_id, item_id)
    return json_response(Deleted(id=item_id, object="maru.ranking.deleted"))


@router.post("/items/{item_id}/demonstration")
async def demonstrate(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Keep a better answer beside one, which stays as it is."""
    rooms = rooms_of(request)
    wanted = parse(DemonstrationUpdate, await read_json(request, rooms.settings.max_frame_bytes))
    await require_answer(rooms.store, owner, conversation_id, item_id, param="item_id")
    made = await rooms.store.demonstrate(owner, conversation_id, item_id, wanted.text, now=rooms.now())
    return json_response(demonstration_body(made))


@router.delete("/items/{item_id}/demonstration")
async def take_back_demonstration(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """Forget the better answer."""
    await rooms_of(request).store.remove_demonstration(owner, conversation_id, item_id)
    return json_response(Deleted(id=item_id, object="maru.demonstration.deleted"))
