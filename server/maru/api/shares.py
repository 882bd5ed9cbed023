"""Shares (ours): branches that people show to whoever has the link, and the one call that needs no key to read them."""

import secrets
from contextlib import suppress

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.rooms import rooms_of
from maru.moving.showing import shown
from maru.protocol.bodies import Deleted
from maru.protocol.errors import ApiError
from maru.protocol.requests import parse
from maru.protocol.shares import ShareBody, ShareCreate, SharedBody, ShareList
from maru.store.base import NotFoundError, StoredItem
from maru.store.shares import MAX_SHARES, Share
from maru.turns.prepare import title_of

TOKEN_BYTES = 24  # 192 random bits
LONGEST_TOKEN = 64
UNSEEN = {"x-robots-tag": "noindex, nofollow, noarchive", "cache-control": "no-store"}

router = APIRouter()


@router.post("/v1/conversations/{conversation_id}/shares")
async def create(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """Show one branch, as it is now, to whoever gets the link."""
    rooms = rooms_of(request)
    wanted = parse(ShareCreate, await read_json(request, rooms.settings.max_frame_bytes))
    conversation = await rooms.store.conversation_for(owner, conversation_id)
    leaf_id = wanted.leaf or conversation.head_id
    if leaf_id is None:
        raise ApiError(400, "There is nothing in this conversation yet to share.", code="invalid_value", param="leaf")
    made = await rooms.store.share(
        owner,
        conversation_id,
        leaf_id,
        token=secrets.token_urlsafe(TOKEN_BYTES),
        title=None,
        now=rooms.now(),
    )
    if made is None:
        raise ApiError(400, f"There are {MAX_SHARES} shares. Delete one that is not needed.", code="too_many_shares")
    return json_response(_body(*await rooms.store.shared(made.token)))


@router.get("/v1/shares")
async def list_(request: Request, owner: Owner) -> HttpResponse:
    """All that the owner shows, newest first."""
    store = rooms_of(request).store
    found: list[ShareBody] = []
    for share in await store.shares_of(owner):
        with suppress(NotFoundError):  # taken back meanwhile
            found.append(_body(*await store.shared(share.token)))
    return json_response(ShareList(data=tuple(found)))


@router.delete("/v1/shares/{share_id}")
async def delete(request: Request, owner: Owner, share_id: str) -> HttpResponse:
    """Show it no more, from this moment on."""
    await rooms_of(request).store.remove_share(owner, share_id)
    return json_response(Deleted(id=share_id, object="maru.share.deleted"))


@router.get("/v1/shared/{token}")
async def read(request: Request, token: str) -> HttpResponse:
    """What is shown under a link; needs no key."""
    rooms = rooms_of(request)
    # The connection's own address: a header's could be made up anew for each request.
    wait_s = rooms.pace.wait_s("" if request.client is None else request.client.host)
    if wait_s > 0:
        message = "Shared chats were asked for too often from this address. Wait a moment."
        code = "rate_limit_exceeded"
        raise ApiError(429, message, code=code, type_="rate_limit_error", retry_after_s=wait_s)
    try:
        share, branch = await rooms.store.shared(token[:LONGEST_TOKEN])
    except NotFoundError as error:
        message = "Nothing is shared under this link, or not any more."
        raise ApiError(404, message, code="share_not_found") from error
    body = SharedBody(title=_title(branch), created_at=share.created_at, messages=tuple(shown(branch)))
    return json_response(body, headers=UNSEEN)


def _body(share: Share, branch: tuple[StoredItem, ...]) -> ShareBody:
    return ShareBody(
        id=share.id,
        conversation=share.conversation_id,
        path=f"/s/{share.token}",
        leaf=share.leaf_id,
        title=_title(branch),
        created_at=share.created_at,
    )


def _title(branch: tuple[StoredItem, ...]) -> str | None:
    """Of what is shown; that of the conversation may be the words of another branch."""
    return title_of(tuple(stored.item for stored in branch))
