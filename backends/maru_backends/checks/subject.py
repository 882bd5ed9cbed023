"""The model under check: asks it, and holds every stream to what all streams promise."""

import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace

from maru_backends.base import (
    Backend,
    BackendEvent,
    ChatMessage,
    ChatRequest,
    Finished,
    FinishReason,
    JsonFormat,
    Limits,
    Part,
    ReasoningDelta,
    RefusalDelta,
    Role,
    Sampling,
    TextDelta,
    TextPart,
    ToolCallDelta,
    Usage,
)
from maru_backends.checks.outcome import PromiseBrokenError
from maru_backends.errors import RequestRefusedError

GREEDY = Sampling(temperature=0)
ANSWER_TOKENS = 96
LONG_TOKENS = 64
SPARE_EVENTS = 200
# An engine that repeats what it is told has a long answer too.
_COUNTING = f"Count from 1 to 300 and write every number: {', '.join(map(str, range(1, 37)))},"
_NUMBERS = JsonFormat("numbers", {"type": "array", "items": {"type": "integer"}, "minItems": 300})
# So hot that every token is about as likely; most servers bound it at 2.
_HEATS = (0.0, 2.0, 20.0)


@dataclass
class Heard:
    """A stream, read to its end; times in seconds since it was asked."""

    events: list[BackendEvent] = field(default_factory=list[BackendEvent])
    at_s: list[float] = field(default_factory=list[float])

    @property
    def text(self) -> str:
        """The answer, without what the model thought."""
        return "".join(event.text for event in self.events if isinstance(event, TextDelta | RefusalDelta))

    @property
    def thought(self) -> str:
        """What it thought before."""
        return "".join(event.text for event in self.events if isinstance(event, ReasoningDelta))

    @property
    def calls(self) -> dict[int, ToolCallDelta]:
        """Tool calls by their index, put together."""
        found: dict[int, ToolCallDelta] = {}
        for event in self.events:
            if isinstance(event, ToolCallDelta):
                old = found.get(event.index, ToolCallDelta(event.index))
                found[event.index] = ToolCallDelta(
                    event.index, old.id or event.id, old.name or event.name, old.arguments + event.arguments
                )
        return found

    @property
    def usage(self) -> Usage:
        """What the engine counted."""
        for event in self.events:
            if isinstance(event, Usage):
                return event
        raise PromiseBrokenError(
            "The engine does not say how many tokens an answer took; turn its usage figures on "
            "(OpenAI's stream_options.include_usage), or take a newer version of it."
        )

    @property
    def reason(self) -> FinishReason:
        """Why it ended."""
        last = self.events[-1]
        if not isinstance(last, Finished):
            raise PromiseBrokenError(NO_REASON)
        return last.reason

    @property
    def first_s(self) -> float:
        """When the first words came, thinking included."""
        return self.at_s[0]

    @property
    def spoken_s(self) -> tuple[float, ...]:
        """When each piece of the answer came."""
        both = zip(self.events, self.at_s, strict=True)
        return tuple(at for event, at in both if not isinstance(event, Usage | Finished))


NO_REASON = (
    "A stream ended without a finish reason, so that a broken answer looks whole; look at the backend, or at a proxy "
    "before the engine that cuts answers off."
)


@dataclass(slots=True)
class Subject:
    """A model that is open; `is_hosted`: each call costs money, so the dear ones are left out."""

    backend: Backend
    limits: Limits
    is_hosted: bool = False
    _long: ChatRequest | None = None

    async def heard(self, request: ChatRequest) -> Heard:
        """The whole answer.

        Raises:
            BackendError: the engine's own words.
            PromiseBrokenError: the stream is none that Maru could pass on.
        """
        found = Heard()
        most = (request.max_tokens or self.limits.context_window) * 2 + SPARE_EVENTS
        begin = time.perf_counter()
        async with aclosing(self.backend.stream(request)) as events:
            async for event in events:
                if found.events and isinstance(found.events[-1], Finished):
                    raise PromiseBrokenError("Something came after the finish reason; look at the backend.")
                _check_delta(event)
                found.events.append(event)
                found.at_s.append(time.perf_counter() - begin)
                if len(found.events) > most:
                    raise PromiseBrokenError(
                        f"An answer of at most {request.max_tokens} tokens went on and on; the engine does not keep "
                        "max_tokens, so every answer may fill the window. Look at the backend."
                    )
        if not found.events or not isinstance(found.events[-1], Finished):
            raise PromiseBrokenError(NO_REASON)
        return found

    async def long_request(self) -> ChatRequest:
        """A request whose answer is longer than `LONG_TOKENS` tokens, found by trying and then kept.

        Raises:
            PromiseBrokenError: the model answers nothing of that length.
        """
        if self._long is None:
            self._long = await self._find_long()
        return self._long

    async def _find_long(self) -> ChatRequest:
        plain = asked(_COUNTING, max_tokens=LONG_TOKENS)
        tries = [replace(plain, sampling=Sampling(temperature=heat, seed=5)) for heat in _HEATS]
        if "json" in self.limits.features:
            tries.append(replace(plain, json_format=_NUMBERS))
        for request in tries:
            try:
                if (await self.heard(request)).reason == "length":
                    return request
            except RequestRefusedError:
                continue  # too hot for this engine
        raise PromiseBrokenError(
            f"No answer was longer than {LONG_TOKENS} tokens, however it was asked, so this cannot be seen; "
            "is this a model for chats, and is its chat template the right one?"
        )


def said(role: Role, text: str) -> ChatMessage:
    """A message of one text."""
    return ChatMessage(role, (TextPart(text),))


def asked(
    text: str,
    *more: Part,
    sampling: Sampling = GREEDY,
    max_tokens: int = ANSWER_TOKENS,
    before: Sequence[ChatMessage] = (),
) -> ChatRequest:
    """A request whose last message is this text with what goes with it."""
    return ChatRequest(
        (*before, ChatMessage("user", (TextPart(text), *more))), sampling=sampling, max_tokens=max_tokens
    )


def numbered(request: ChatRequest, number: int) -> ChatRequest:
    """The same for another person: no prefix is shared with other numbers."""
    (*before, last) = request.messages
    return replace(request, messages=(*before, said(last.role, f"Number {number}. {last.text}")))


def _check_delta(event: BackendEvent) -> None:
    if isinstance(event, TextDelta | ReasoningDelta | RefusalDelta):
        if not event.text:
            raise PromiseBrokenError("An event of the answer was empty; look at the backend.")
        try:
            event.text.encode()
        except UnicodeEncodeError:
            raise PromiseBrokenError(
                "Half a character came as a piece of the answer; the backend must wait for the rest of it."
            ) from None
