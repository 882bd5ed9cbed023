"""`…/export` (ours): one conversation as JSON or Markdown, and everything as JSON lines."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse
from fastapi.responses import StreamingResponse

from maru.api.caller import Owner
from maru.api.rooms import rooms_of
from maru.moving.export import conversation_lines, export_lines, exported, files_of
from maru.moving.markdown import Language, markdown_of

router = APIRouter()

NEVER_KEPT = {"cache-control": "no-store"}


@router.get("/v1/conversations/{conversation_id}/export")
async def export_one(
    request: Request,
    owner: Owner,
    conversation_id: str,
    format: Literal["json", "markdown"] = "json",  # noqa: A002 (the word of the query)
    language: Language = "en",
) -> HttpResponse:
    """One conversation: all of it as JSON, after lines with its files, or the branch that it shows as Markdown."""
    store = rooms_of(request).store
    if format == "json":
        there = await exported(store, owner, conversation_id)
        media_type, ending = ("application/x-ndjson", "jsonl") if files_of(there) else ("application/json", "json")
        lines = conversation_lines(store, owner, there)
        return StreamingResponse(lines, media_type=media_type, headers=_headers(f"{conversation_id}.{ending}"))
    conversation = await store.conversation_for(owner, conversation_id)
    branch = [stored.item for stored in await store.branch_for(owner, conversation.head_id)]
    text = markdown_of(conversation.title, conversation.created_at, branch, language)
    headers = _headers(f"{conversation_id}.md")
    return HttpResponse(text.encode(), media_type="text/markdown; charset=utf-8", headers=headers)


@router.get("/v1/export")
async def export_all(request: Request, owner: Owner) -> HttpResponse:
    """All conversations, a line each after a first line that says what this is; streamed."""
    rooms = rooms_of(request)
    lines = export_lines(rooms.store, owner, now=rooms.now())
    return StreamingResponse(lines, media_type="application/x-ndjson", headers=_headers("maru-export.jsonl"))


def _headers(name: str) -> dict[str, str]:
    # An id of ours holds nothing that a header would have to escape.
    return {**NEVER_KEPT, "content-disposition": f'attachment; filename="{name}"'}
