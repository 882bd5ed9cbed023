"""`/v1/conversations`: OpenAI's calls, and ours that a chat page needs: list, tree, title, head."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.http import json_response, read_json
from maru.api.pages_of_items import item_list, placed_item_body
from maru.api.rooms import rooms_of
from maru.moving.bodies import feedback_body, summary_body
from maru.moving.fork import fork
from maru.protocol.bodies import ConversationBody, Deleted, ResponseSummary, Tree, conversation_page, item_page
from maru.protocol.conversation_requests import ConversationCreate, ConversationFork, ConversationUpdate, ItemsRequest
from maru.protocol.requests import parse
from maru.protocol.response import decode_response
from maru.store.base import Conversation, StoredResponse
from maru.store.paging import PageQuery
from maru.store.shelves import Shelf

router = APIRouter(prefix="/v1/conversations")

Limit = Annotated[int, Query(ge=1, le=100)]
Order = Literal["asc", "desc"]
Below = Annotated[bool, Query(alias="maru:below")]


def _page(limit: Limit = 20, order: Order = "desc", after: str | None = None) -> PageQuery:
    return PageQuery(limit, order, after)


def _shelf(*, pinned: bool | None = None, archived: bool | None = None, folder: str | None = None) -> Shelf:
    return Shelf(pinned, archived, folder)


@router.post("")
async def create(request: Request, owner: Owner) -> HttpResponse:
    """A new conversation, empty or with its first items."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    wanted = parse(ConversationCreate, body)
    conversation = await rooms.store.create_conversation(
        owner,
        metadata=wanted.metadata,
        title=wanted.title,
        items=await rooms.preparer.items(owner, wanted.items, field="items"),
        now=rooms.now(),
    )
    return json_response(_body(conversation))


@router.get("")
async def list_(
    request: Request,
    owner: Owner,
    page: Annotated[PageQuery, Depends(_page)],
    shelf: Annotated[Shelf, Depends(_shelf)],
) -> HttpResponse:
    """The owner's conversations by last change (ours: the SDK has no call for it)."""
    found, has_more = await rooms_of(request).store.conversations_of(owner, page, shelf)
    return json_response(conversation_page([_body(one) for one in found], has_more=has_more))


@router.get("/{conversation_id}")
async def retrieve(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """One conversation."""
    return json_response(_body(await rooms_of(request).store.conversation_for(owner, conversation_id)))


@router.post("/{conversation_id}")
async def update(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """Change metadata, or what is ours: title, head, pin, archive, folder; what is absent stays."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    wanted = parse(ConversationUpdate, body)
    conversation = await rooms.store.update_conversation(
        owner,
        conversation_id,
        now=rooms.now(),
        metadata=wanted.metadata,
        title=wanted.title,
        head_id=wanted.head,
        shelf=Shelf(wanted.is_pinned, wanted.is_archived, wanted.folder),
    )
    return json_response(_body(conversation))


@router.delete("/{conversation_id}")
async def delete(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """Forget a conversation and its items; what runs in it is stopped."""
    rooms = rooms_of(request)
    await rooms.hub.stop_conversation(owner, conversation_id)
    await rooms.store.delete_conversation(owner, conversation_id)
    return json_response(Deleted(id=conversation_id, object="conversation.deleted"))


@router.post("/{conversation_id}/fork")
async def fork_(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """A new conversation with what was said up to one item (ours)."""
    rooms = rooms_of(request)
    wanted = parse(ConversationFork, await read_json(request, rooms.settings.max_frame_bytes))
    made = await fork(rooms.store, owner, conversation_id, wanted.item, title=wanted.title, now=rooms.now())
    return json_response(_body(made))


@router.get("/{conversation_id}/tree")
async def tree(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """Every item with its parent, which answers run now, how each ended, all summaries, all feedback (ours)."""
    whole = await rooms_of(request).store.whole_for(owner, conversation_id)
    return json_response(
        Tree(
            conversation_id=conversation_id,
            head=whole.conversation.head_id,
            items=tuple(map(placed_item_body, whole.items)),
            running=tuple(stored.id for stored in whole.responses if stored.is_running),
            responses={stored.id: _summary(stored) for stored in whole.responses},
            summaries=tuple(map(summary_body, whole.summaries)),
            feedback=feedback_body(whole.feedback),
        )
    )


@router.post("/{conversation_id}/items")
async def add_items(request: Request, owner: Owner, conversation_id: str) -> HttpResponse:
    """Put items below the head, without asking a model."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    items = await rooms.preparer.items(owner, parse(ItemsRequest, body).items, field="items")
    await rooms.store.append_items(owner, conversation_id, items, now=rooms.now())
    return json_response(item_page(items, has_more=False))


@router.get("/{conversation_id}/items")
async def list_items(
    request: Request,
    owner: Owner,
    conversation_id: str,
    limit: Limit = 20,
    order: Order = "desc",
    after: str | None = None,
) -> HttpResponse:
    """Items of the branch that ends at the head."""
    rooms = rooms_of(request)
    conversation = await rooms.store.conversation_for(owner, conversation_id)
    branch = await rooms.store.branch_for(owner, conversation.head_id)
    return json_response(item_list([stored.item for stored in branch], limit=limit, order=order, after=after))


@router.get("/{conversation_id}/items/{item_id}")
async def retrieve_item(request: Request, owner: Owner, conversation_id: str, item_id: str) -> HttpResponse:
    """One item, on whatever branch."""
    stored = await rooms_of(request).store.item_for(owner, conversation_id, item_id)
    return json_response(stored.item)


@router.delete("/{conversation_id}/items/{item_id}")
async def delete_item(
    request: Request, owner: Owner, conversation_id: str, item_id: str, *, below: Below = False
) -> HttpResponse:
    """Remove one item; what hangs below it moves up, or with `maru:below` (ours) goes too."""
    store = rooms_of(request).store
    remove = store.delete_branch if below else store.delete_item
    return json_response(_body(await remove(owner, conversation_id, item_id)))


def _body(conversation: Conversation) -> ConversationBody:
    return ConversationBody(
        id=conversation.id,
        created_at=conversation.created_at,
        metadata=conversation.metadata,
        title=conversation.title,
        updated_at=conversation.updated_at,
        head=conversation.head_id,
        is_pinned=conversation.is_pinned,
        is_archived=conversation.is_archived,
        folder=conversation.folder_id,
    )


def _summary(stored: StoredResponse) -> ResponseSummary:
    response = decode_response(stored.body)
    return ResponseSummary(
        status=response.status,
        model=response.model,
        error=response.error,
        incomplete_details=response.incomplete_details,
        usage=response.usage,
        context=response.maru_context,
        timing=response.maru_timing,
        answers=stored.input_leaf_id,
    )
