"""`GET /v1/conversations/search` (ours): words in titles and messages."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response
from maru.api.rooms import rooms_of
from maru.protocol.errors import ApiError
from maru.protocol.items import Message
from maru.protocol.search_bodies import HitBody, HitPage, SnippetPart
from maru.store.search import Hit, SearchQuery
from maru.store.words import snippet, words_in, words_of

router = APIRouter(prefix="/v1/conversations")

MOST_CHARS = 200

Words = Annotated[str, Query(min_length=1, max_length=MOST_CHARS)]
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/search")
async def search(request: Request, owner: Owner, q: Words, limit: Limit = 20, after: str | None = None) -> HttpResponse:
    """Titles by last change, then messages of every branch, newest first, in which each word of `q` stands."""
    words = words_of(q)
    if not words:
        raise ApiError(400, "'q' holds no word. Send what is looked for.", code="invalid_value", param="q")
    found, has_more = await rooms_of(request).store.search(owner, SearchQuery(words, limit, after))
    data = tuple(_body(hit, words) for hit in found)
    first, last = (data[0].id, data[-1].id) if data else (None, None)
    return json_response(HitPage(data=data, first_id=first, last_id=last, has_more=has_more))


def _body(hit: Hit, words: tuple[str, ...]) -> HitBody:
    text = (hit.title or "") if hit.item is None else words_in(hit.item)
    return HitBody(
        id=hit.id,
        conversation=hit.conversation_id,
        title=hit.title,
        item=None if hit.item is None else hit.item.id,
        role=_role(hit),
        at=hit.at,
        snippet=tuple(SnippetPart(text=part.text, match=part.is_match) for part in snippet(text, words)),
    )


def _role(hit: Hit) -> Literal["user", "assistant"] | None:
    if not isinstance(hit.item, Message):
        return None
    return "assistant" if hit.item.role == "assistant" else "user"
