"""`/v1/completions`: a model goes on with a text. Nothing is stored, and nothing goes on when its client has left."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Owner
from maru.api.errors import api_error_of
from maru.api.following import DONE, event_stream, unless_left
from maru.api.http import json_response, read_json
from maru.api.rooms import Rooms, rooms_of
from maru.ids import new_id
from maru.protocol.chat_chunks import error_event
from maru.protocol.errors import ApiError
from maru.protocol.raw_completions import (
    RawChoice,
    RawCompletion,
    RawCompletionRequest,
    logprobs_out,
    parse_raw,
    request_of,
    usage_out,
)
from maru_backends.base import Backend, BackendEvent, Finished, FinishReason, TextDelta, TokenLogprob, Usage
from maru_backends.errors import BackendError, BackendStreamBrokenError

router = APIRouter(prefix="/v1/completions")
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class _Heading:
    """What every chunk of one completion begins with."""

    id: str
    created: int
    model: str

    def body(self, choices: Sequence[RawChoice], usage: Usage | None = None) -> RawCompletion:
        return RawCompletion(
            id=self.id, created=self.created, model=self.model, choices=tuple(choices), usage=usage_out(usage)
        )


class _Choices:
    """The only choice, piece by piece or whole; knows where in the text the next token stands."""

    def __init__(self, asked: RawCompletionRequest) -> None:
        self._tells_logprobs = asked.logprobs is not None
        self._begins_at = len(asked.prompt)

    def one(self, text: str, tokens: Sequence[TokenLogprob], reason: FinishReason | None = None) -> RawChoice:
        told = logprobs_out(tokens, begins_at=self._begins_at) if self._tells_logprobs and tokens else None
        self._begins_at += len(text)
        return RawChoice(text=text, logprobs=told, finish_reason="stop" if reason == "tool_calls" else reason)


@router.post("")
async def create(request: Request, _: Owner) -> HttpResponse:
    """Go on with a text: as JSON when it is whole, or chunk by chunk with `stream`."""
    rooms = rooms_of(request)
    asked = parse_raw(await read_json(request, rooms.settings.max_frame_bytes))
    model = asked.model or rooms.engines.default_model
    heading = _Heading(new_id("cmpl"), rooms.now(), model)
    events = _events(rooms, model, asked)
    try:
        if not asked.stream:
            whole = await unless_left(request, _whole(events, heading, _Choices(asked)))
            return json_response(heading.body(()) if whole is None else whole)
        first = await unless_left(request, anext(events))  # an engine that refuses is told by its HTTP status
    except BackendError as error:
        raise api_error_of(error) from error
    return event_stream(request, _sse(events, first, heading, asked))


async def _backend(rooms: Rooms, model: str, *, tells_logprobs: bool) -> Backend:
    if not rooms.engines.has(model):
        there = ", ".join(rooms.engines.ids)
        message = f"The model {model!r} does not exist here. Models: {there}."
        raise ApiError(404, message, code="model_not_found", param="model")
    backend = await rooms.engines.ready(model)
    features = (await backend.limits()).features
    if "raw" not in features:
        message = f"The model {model!r} cannot go on with a plain text. Ask it by /v1/chat/completions."
        raise ApiError(400, message, code="unsupported_value", param="model")
    if tells_logprobs and "logprobs" not in features:
        message = f"The model {model!r} does not tell logprobs. Leave 'logprobs' out."
        raise ApiError(400, message, code="unsupported_value", param="logprobs")
    return backend


async def _events(rooms: Rooms, model: str, asked: RawCompletionRequest) -> AsyncGenerator[BackendEvent]:
    """The model's events, as long as there is room and it says something in time; waiting for it takes a place too."""
    with rooms.hub.places.one():
        backend = await _backend(rooms, model, tells_logprobs=asked.logprobs is not None)
        async with aclosing(backend.stream(request_of(asked))) as events:
            event = await _next(events, rooms.settings.stall_timeout_s)
            if asked.echo:  # not before: an engine that refuses is told by its HTTP status
                yield TextDelta(asked.prompt)
            yield event
            while not isinstance(event, Finished):
                event = await _next(events, rooms.settings.stall_timeout_s)
                yield event


async def _next(events: AsyncGenerator[BackendEvent], stall_timeout_s: float) -> BackendEvent:
    try:
        async with asyncio.timeout(stall_timeout_s):
            return await anext(events)
    except (TimeoutError, StopAsyncIteration) as error:
        raise BackendStreamBrokenError("The answer broke off.") from error


async def _whole(events: AsyncGenerator[BackendEvent], heading: _Heading, choices: _Choices) -> RawCompletion:
    text, usage, reason = "", None, None
    tokens: list[TokenLogprob] = []
    async with aclosing(events):
        async for event in events:
            if isinstance(event, TextDelta):
                text += event.text
                tokens += event.logprobs
            elif isinstance(event, Usage):
                usage = event
            elif isinstance(event, Finished):
                reason = event.reason
    return heading.body((choices.one(text, tokens, reason),), usage)


async def _sse(
    events: AsyncGenerator[BackendEvent], first: BackendEvent | None, heading: _Heading, asked: RawCompletionRequest
) -> AsyncGenerator[bytes]:
    usage: Usage | None = None
    choices = _Choices(asked)
    async with aclosing(events):
        event = first
        try:
            while event is not None:
                if isinstance(event, TextDelta):
                    yield _chunk(heading.body((choices.one(event.text, event.logprobs),)))
                elif isinstance(event, Usage):
                    usage = event
                elif isinstance(event, Finished):
                    yield _chunk(heading.body((choices.one("", (), event.reason),)))
                event = await anext(events, None)
        except BackendError as error:
            yield error_event(api_error_of(error))
            return
    if asked.stream_options.include_usage:
        yield _chunk(heading.body((), usage))
    yield DONE


def _chunk(body: RawCompletion) -> bytes:
    return b"data: " + _encode(body) + b"\n\n"
