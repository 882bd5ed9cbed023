"""`/v1/chat/completions` for programs that speak only that: the same runs as `/v1/responses`, in other words."""

from collections.abc import AsyncGenerator
from dataclasses import replace

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.following import HEARTBEAT_S, PING, event_stream, failure_of, stay_until
from maru.api.http import json_response, read_json
from maru.api.rooms import Rooms, rooms_of
from maru.ids import new_id
from maru.protocol.chat_answers import broken_off, completion, finish_reason_of, in_chat_words
from maru.protocol.chat_chunks import ChunkWriter, error_event
from maru.protocol.chat_create import create_of, with_wishes
from maru.protocol.chat_requests import ChatCompletionRequest, parse_chat
from maru.protocol.errors import ApiError
from maru.protocol.response import Response
from maru.turns.plan import RunPlan
from maru.turns.run import Run
from maru_backends.base import FinishReason

router = APIRouter(prefix="/v1/chat/completions")


@router.post("")
async def create(request: Request, owner: Owner) -> HttpResponse:
    """Answer the last message: as JSON when the answer is whole, or chunk by chunk with `stream`."""
    rooms = rooms_of(request)
    body = await read_json(request, rooms.settings.max_frame_bytes)
    chat = parse_chat(body)
    run = await rooms.hub.start(await _plan(rooms, owner, chat))
    id_ = new_id("chatcmpl")
    if not chat.stream:
        await stay_until(request, run, run.ended())
        return json_response(completion(id_, run.snapshot, _finish_reason(run.snapshot)))
    await stay_until(request, run, _first_word(run))
    if run.has_ended and not run.snapshot.output:
        _finish_reason(run.snapshot)  # nothing was said: a failure can still be told by its HTTP status
    start = run.plan.start
    writer = ChunkWriter(
        id_, created=start.created_at, model=start.model, includes_usage=chat.stream_options.include_usage
    )
    return event_stream(request, _sse(run, writer))


async def _plan(rooms: Rooms, owner: str, chat: ChatCompletionRequest) -> RunPlan:
    try:
        plan = await rooms.preparer.plan(owner, create_of(chat))
    except ApiError as error:
        raise in_chat_words(error) from error
    return replace(plan, request=with_wishes(plan.request, chat))


async def _first_word(run: Run) -> None:
    """Wait until something was said, the run has ended, or a proxy would lose its patience."""
    async for batch in run.log.follow(heartbeat_s=HEARTBEAT_S):
        if not batch or any(event.type == "response.output_item.added" for event in batch):
            return


async def _sse(run: Run, writer: ChunkWriter) -> AsyncGenerator[bytes]:
    try:
        async for batch in run.log.follow(heartbeat_s=HEARTBEAT_S):
            if not batch:
                yield PING
            elif chunks := b"".join(map(writer.said, batch)):
                yield chunks
        yield _end(run.snapshot, writer)
    finally:
        # Leaving is how a chat completion is stopped: nobody could come back for it.
        run.stop()


def _end(response: Response, writer: ChunkWriter) -> bytes:
    try:
        return writer.ended(response, _finish_reason(response))
    except ApiError as error:
        return error_event(error)


def _finish_reason(response: Response) -> FinishReason:
    """Why a run that has ended did so.

    Raises:
        ApiError: it failed, or was broken off: a program must not take that for an answer.
    """
    reason = finish_reason_of(response)
    if reason is None:
        raise failure_of(response) or broken_off()
    return reason
