"""Several engines that serve one model: each conversation stays on one of them, and goes to another when that is down.

Which engine a conversation prefers is decided by rendezvous hashing of its id, so that its prefix stays in one cache,
all replicas of Maru decide alike without talking, and an engine that goes or comes moves only the conversations that
preferred it. Source: Thaler and Ravishankar, "A name-based mapping scheme for rendezvous", 1996.

Nothing is asked twice here: whoever asks again after a failure (`turns/turn.py`, once, before the first word) finds
an engine that could not be reached, or was lost, marked as down, and is answered by another. An answer that is of no
use marks nothing: its engine is looked at at once.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from maru_backends.base import Backend, BackendEvent, ChatRequest, EngineLoad, Health, Limits
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    EngineLostError,
)
from maru_backends.operating import MemberReport, Unloadable

logger = logging.getLogger(__name__)

LOOK_INTERVAL_S = 2.0
LOOK_TIMEOUT_S = 5.0
# An engine may have so many more running requests than the idlest before new ones pass it by: its cache saves the
# prefill of one, its queue would cost more.
MOST_AHEAD = 8
ALL_DOWN = "None of the engines of this model can be reached."
ALL_OUT = "All engines of this model were taken out of service."


@dataclass(eq=False, slots=True)
class Member:
    """One engine of the pool; `name` is for the operator's log, and what its place among the others is hashed of."""

    name: str
    backend: Backend
    is_up: bool = True
    running: int = 0
    limits: Limits | None = None
    is_foreign: bool = False
    is_out: bool = False
    load: EngineLoad | None = None

    @property
    def serves(self) -> bool:
        """Whether answers may begin on it."""
        return self.is_up and not self.is_out


class EnginePool:
    """Several backends that look like one."""

    def __init__(self, members: Sequence[Member]) -> None:
        """Take backends that are open or will be; `watch` looks after them, `close` closes them."""
        self._members = tuple(members)
        self._watch: asyncio.Task[None] | None = None
        self._has_promised = False
        self._looks: dict[str, asyncio.Task[None]] = {}

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`: by the engine that the conversation prefers, or where that is full by the next."""
        full: BackendBusyError | None = None
        for member in self._order(request):
            has_begun = False
            member.running += 1
            try:
                async with aclosing(member.backend.stream(request)) as events:
                    async for event in events:
                        has_begun = True
                        yield event
            except BackendBusyError as error:
                if has_begun:
                    raise
                full = error
            except (BackendUnavailableError, EngineLostError) as error:
                self._mark_down(member, error)
                raise
            except BackendStreamBrokenError:
                self._look_at_once(member)
                raise
            else:
                return
            finally:
                member.running -= 1
        raise full or BackendUnavailableError(ALL_DOWN)

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`: by whichever engine answers."""
        for member in self._order(request):
            try:
                return await member.backend.count_tokens(request)
            except BackendUnavailableError as error:
                self._mark_down(member, error)
        raise BackendUnavailableError(ALL_DOWN)

    async def limits(self) -> Limits:
        """What every engine can hold that answered at first: the smallest window, the features of all.

        From then on it is a promise: the watch takes in who answers later, if it holds no less.
        """
        self._begin_to_watch()
        if not self._has_promised:
            await asyncio.gather(*(self._learn_limits(member) for member in self._members))
        known = [member.limits for member in self._members if member.limits is not None]
        if not known:
            raise BackendUnavailableError(ALL_DOWN)
        self._has_promised = True
        return _shared(known)

    async def health(self) -> Health:
        """Ready while one engine is; how many are down is told to the operator."""
        up = [member for member in self._members if member.serves]
        detail = "" if len(up) == len(self._members) else f"{len(up)} of {len(self._members)} engines answer."
        return Health(is_ready=bool(up), detail=detail, running_requests=sum(member.running for member in up))

    def members(self) -> tuple[MemberReport, ...]:
        """See `Pooled.members`: what they have to do is from the last look at each."""
        return tuple(
            MemberReport(
                member.name,
                "out" if member.is_out else "up" if member.is_up else "down",
                member.running,
                member.load if member.is_up else None,
            )
            for member in self._members
        )

    def take_out(self, name: str) -> None:
        """See `Pooled.take_out`."""
        self._named(name).is_out = True
        logger.info("engine %s was taken out by its operator", name)

    def take_in(self, name: str) -> None:
        """See `Pooled.take_in`."""
        self._named(name).is_out = False
        logger.info("engine %s was put back by its operator", name)

    def same_with(self, made: Callable[[Backend], Backend]) -> "EnginePool":
        """A pool of the same engines, each as `made` makes it; what is out here is out there."""
        return EnginePool([Member(member.name, made(member.backend), is_out=member.is_out) for member in self._members])

    async def unload(self) -> None:
        """See `Unloadable.unload`: from every engine that answers."""
        for member in self._members:
            backend: object = member.backend
            if isinstance(backend, Unloadable):
                try:
                    await backend.unload()
                except BackendUnavailableError as error:
                    logger.warning("nothing was unloaded from engine %s: %s", member.name, error)

    async def close(self) -> None:
        """Close every engine."""
        tasks = [*self._looks.values(), *([] if self._watch is None else [self._watch])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for member in self._members:
            member.is_up = False
        await asyncio.gather(*(member.backend.close() for member in self._members), return_exceptions=True)

    def _named(self, name: str) -> Member:
        return {member.name: member for member in self._members}[name]

    def _order(self, request: ChatRequest) -> list[Member]:
        """Engines to ask, in turn: the preferred ones first, and last those that have much more to do than others."""
        up = [member for member in self._members if member.serves]
        if not up:
            raise BackendUnavailableError(ALL_OUT if all(member.is_out for member in self._members) else ALL_DOWN)
        least = min(member.running for member in up)
        if request.session_id is None:
            return sorted(up, key=lambda member: member.running)
        session = request.session_id
        preferred = sorted(up, key=lambda member: _weight(session, member.name), reverse=True)
        return sorted(preferred, key=lambda member: member.running > least + MOST_AHEAD)

    def _mark_down(self, member: Member, error: BackendError) -> None:
        if member.is_up:
            logger.warning("engine %s is taken out until it answers again: %s", member.name, error)
        member.is_up = False

    def _look_at_once(self, member: Member) -> None:
        """One answer of no use may be that answer's fault, or the first sign of an engine that dies."""
        if member.name not in self._looks:
            look = asyncio.create_task(self._look_after(member), name=f"look at {member.name}")
            self._looks[member.name] = look
            look.add_done_callback(lambda _: self._looks.pop(member.name, None))

    async def _learn_limits(self, member: Member) -> None:
        if member.limits is not None:
            return
        try:
            member.limits = await member.backend.limits()
        except BackendSetupError:
            raise
        except BackendError as error:
            self._mark_down(member, error)
        else:
            member.is_up = True  # it may have been down when it was asked before

    def _begin_to_watch(self) -> None:
        if self._watch is None:
            self._watch = asyncio.create_task(self._look_after_all(), name="watch engines")

    async def _look_after_all(self) -> None:
        while True:
            await asyncio.sleep(LOOK_INTERVAL_S)
            await asyncio.gather(*(self._look_after(member) for member in self._members))

    async def _look_after(self, member: Member) -> None:
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                health = await member.backend.health()
                member.load = health.load
                if health.is_ready and not member.is_up:
                    await self._take_back(member)
        except Exception as error:  # noqa: BLE001 (a backend that breaks must not end the watch over the others)
            health = Health(is_ready=False, detail=f"{type(error).__name__}: {error}")
        if not health.is_ready and member.is_up:
            self._mark_down(member, BackendUnavailableError(health.detail or "it does not answer"))

    async def _take_back(self, member: Member) -> None:
        """In again; for the first time only if clients were promised no more than it holds."""
        if member.limits is None:
            fresh = await member.backend.limits()
            promised = [other.limits for other in self._members if other.limits is not None]
            if promised and not _holds(fresh, _shared(promised)):
                if not member.is_foreign:
                    logger.error("engine %s stays out: it is not like the others of its model", member.name)
                member.is_foreign = True
                return
            member.limits = fresh
        member.is_up = True
        logger.info("engine %s is taken in", member.name)


def _weight(session: str, name: str) -> bytes:
    return hashlib.blake2b(f"{session}\0{name}".encode(), digest_size=8).digest()


def _shared(known: Sequence[Limits]) -> Limits:
    """What holds for all."""
    outputs = [limits.max_output_tokens for limits in known if limits.max_output_tokens is not None]
    templates = {limits.template for limits in known}
    if len(templates) > 1:
        logger.warning("the engines of one model have different chat templates; do they serve the same weights?")
    return replace(
        known[0],
        context_window=min(limits.context_window for limits in known),
        max_output_tokens=min(outputs, default=None),
        counts_exactly=all(limits.counts_exactly for limits in known),
        features=known[0].features.intersection(*(limits.features for limits in known)),
        template=templates.pop() if len(templates) == 1 else None,
    )


def _holds(fresh: Limits, promised: Limits) -> bool:
    return (
        fresh.context_window >= promised.context_window
        and fresh.features >= promised.features
        and fresh.template == promised.template
    )
