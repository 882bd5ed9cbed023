"""Backends that break one promise each, for the checks that must notice."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import replace

from maru_backends.base import (
    BackendEvent,
    ChatRequest,
    Finished,
    Health,
    ImagePart,
    Limits,
    Part,
    TextDelta,
    TextPart,
    Usage,
)
from maru_backends.echo import EchoBackend, EchoSettings

Events = AsyncGenerator[BackendEvent, None]


class LyingBackend:
    """An echo whose requests and events pass through functions of a test."""

    def __init__(
        self,
        *,
        request: Callable[[ChatRequest], ChatRequest] = lambda request: request,
        events: Callable[[Events, ChatRequest], Events] = lambda events, _: events,
        limits: Callable[[Limits], Limits] = lambda limits: limits,
        health: Callable[[Health], Health] = lambda health: health,
        window: int = 2048,
    ) -> None:
        """What is not given stays honest."""
        self._echo = EchoBackend(EchoSettings(context_window=window))
        self._request = request
        self._events = events
        self._limits = limits
        self._health = health

    async def stream(self, request: ChatRequest) -> Events:
        """See `Backend.stream`."""
        async with aclosing(self._events(self._echo.stream(self._request(request)), request)) as events:
            async for event in events:
                yield event

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return await self._echo.count_tokens(request)

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        return self._limits(await self._echo.limits())

    async def health(self) -> Health:
        """See `Backend.health`."""
        return self._health(await self._echo.health())

    async def close(self) -> None:
        """See `Backend.close`."""
        await self._echo.close()


# --------------------------------------------------------------------------------------------- lies about requests


def cuts_silently(request: ChatRequest) -> ChatRequest:
    """Only the end of a long prompt is read, and nobody is told: as Ollama does."""
    return replace(request, messages=tuple(replace(m, parts=_ends(m.parts)) for m in request.messages))


def drops_instructions(request: ChatRequest) -> ChatRequest:
    """A template without a place for a system message."""
    return replace(request, messages=tuple(m for m in request.messages if m.role != "system"))


def drops_earlier_turns(request: ChatRequest) -> ChatRequest:
    """A template that shows the last message alone."""
    return replace(request, messages=(*(m for m in request.messages if m.role == "system"), request.messages[-1]))


def sees_nothing(request: ChatRequest) -> ChatRequest:
    """Images are dropped on the way."""
    seen = tuple(replace(m, parts=tuple(p for p in m.parts if not isinstance(p, ImagePart))) for m in request.messages)
    return replace(request, messages=seen)


def _ends(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(replace(part, text=part.text[-400:]) if isinstance(part, TextPart) else part for part in parts)


# ----------------------------------------------------------------------------------------------- lies about events


async def without_finish(events: Events, _: ChatRequest) -> Events:
    """The end of the stream without a reason, as when a proxy cuts it off."""
    async for event in events:
        if not isinstance(event, Finished):
            yield event


async def without_usage(events: Events, _: ChatRequest) -> Events:
    """An engine that counts nothing."""
    async for event in events:
        if not isinstance(event, Usage):
            yield event


async def all_at_once(events: Events, _: ChatRequest) -> Events:
    """A proxy that keeps an answer until it is whole."""
    kept = [event async for event in events]
    yield TextDelta("".join(event.text for event in kept if isinstance(event, TextDelta)))
    for event in kept:
        if not isinstance(event, TextDelta):
            yield event


async def empty_words(events: Events, _: ChatRequest) -> Events:
    """An event of nothing before each."""
    async for event in events:
        yield TextDelta("")
        yield event


async def half_characters(events: Events, _: ChatRequest) -> Events:
    """A surrogate on its own."""
    async for event in events:
        yield TextDelta("\ud83d")
        yield event


async def for_ever(events: Events, _: ChatRequest) -> Events:
    """No bound holds."""
    while True:
        yield TextDelta("again ")


async def silent(events: Events, _: ChatRequest) -> Events:
    """A word, and then nothing ever more."""
    yield TextDelta("Well")
    await asyncio.Event().wait()


async def deaf(events: Events, _: ChatRequest) -> Events:
    """As `silent`, and it will not be cancelled either."""
    yield TextDelta("Well")
    for _round in range(3):
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


async def says_nothing(events: Events, _: ChatRequest) -> Events:
    """Only the end."""
    async for event in events:
        if not isinstance(event, TextDelta):
            yield event
