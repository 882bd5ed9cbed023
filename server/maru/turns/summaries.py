"""Writes summaries of conversations, in the background and ahead of need, or anew when somebody asks for it.

One at a time for each model, and after the answers that people wait for. Where an engine fails it is asked again a few
times, because nobody may say anything more for a day. What fails even so is only logged: the window holds without it,
and the next turn wants it again.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from maru.protocol.errors import ApiError, invalid
from maru.protocol.items import Item
from maru.store.base import NotFoundError, StoredItem, StoreError
from maru.store.summaries import Summary, newest_on
from maru.turns.plan import Workshop
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendStreamBrokenError,
    BackendUnavailableError,
)

logger = logging.getLogger(__name__)

MOST_WAITING = 1_000
MOST_ANEW = 16
PATIENCE_S = 10.0  # a model that always answers somebody must write summaries all the same
LOOK_EVERY_S = 0.1
TRIES = 3
TRY_AGAIN_AFTER_S = 5.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """A summary that is to stand for a branch up to one item; `model` writes it, in so many tokens at most.

    `tries` is how often an engine failed at it.
    """

    owner: str
    conversation_id: str
    last_item_id: str
    model: str
    at_most: int | None = None
    tries: int = 0


class Summaries:
    """One per process."""

    def __init__(self, workshop: Workshop, is_answering: Callable[[str], bool]) -> None:
        """`is_answering` says whether a model answers somebody now."""
        self._store = workshop.store
        self._engines = workshop.engines
        self._compactor = workshop.compactor
        self._attachments = workshop.attachments
        self._is_answering = is_answering
        self._waiting: OrderedDict[tuple[str, str, str], Wanted] = OrderedDict()  # of a conversation, the newest wish
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._writing: dict[str, asyncio.Lock] = {}
        self._anew = 0

    def want(self, wanted: Wanted) -> None:
        """Let it be written soon; more than `MOST_WAITING` are not noted, because the next turn wants them again."""
        key = (wanted.owner, wanted.conversation_id, wanted.model)
        if key not in self._waiting and len(self._waiting) >= MOST_WAITING:
            return
        self._waiting[key] = wanted
        worker = self._workers.get(wanted.model)
        if worker is None or worker.done():
            self._workers[wanted.model] = asyncio.create_task(self._work(wanted.model), name="summaries")

    async def idle(self) -> None:
        """Wait until none is wanted any more."""
        while self._workers:
            await asyncio.wait(self._workers.values())

    async def write_anew(self, owner: str, conversation_id: str, summary_id: str, model: str) -> Summary:
        """The summary, written again from what it stands for and the one before it.

        Raises:
            NotFoundError: the owner has no such summary.
            ApiError: it is too long to be summarised, somebody changed it meanwhile, or too many are written.
            BackendError: the engine failed; the old text stays.
        """
        if self._anew >= MOST_ANEW:
            message = "Too many summaries are being written anew; try again in a moment."
            raise ApiError(429, message, code="rate_limit_exceeded", type_="rate_limit_error", retry_after_s=5)
        self._anew += 1
        try:
            async with self._lock(model):
                old = await self._store.summary_for(owner, conversation_id, summary_id)
                there = await self._store.summaries_of(owner, conversation_id)
                branch = await self._store.branch_for(owner, old.last_item_id)
                earlier = [one for one in there if one.last_item_id != old.last_item_id]
                text = await self._written(owner, branch, earlier, model)
                if await self._store.summary_for(owner, conversation_id, summary_id) != old:
                    raise invalid("The summary was changed while it was written anew; it stays as it is now.", None)
                now = int(time.time())
                return await self._store.renew_summary(owner, conversation_id, old.id, text=text, model=model, now=now)
        finally:
            self._anew -= 1

    async def close(self) -> None:
        """Break off what is being written; it will be wanted again."""
        self._waiting.clear()
        for worker in self._workers.values():
            worker.cancel()
        await asyncio.gather(*self._workers.values(), return_exceptions=True)

    async def _work(self, model: str) -> None:
        try:
            while (key := next((key for key in self._waiting if key[2] == model), None)) is not None:
                await self._wait_for_people(model)
                wanted = self._waiting.pop(key)
                try:
                    await self._write(wanted)
                except NotFoundError:
                    logger.info("conversation %s is gone; nothing is left to summarise", wanted.conversation_id)
                except (BackendBusyError, BackendUnavailableError, BackendStreamBrokenError) as error:
                    logger.warning("conversation %s has no new summary yet: %s", wanted.conversation_id, error)
                    if wanted.tries + 1 < TRIES:
                        await asyncio.sleep(TRY_AGAIN_AFTER_S)
                        # A newer wish stands for more.
                        self._waiting.setdefault(key, replace(wanted, tries=wanted.tries + 1))
                except (ApiError, BackendError, StoreError) as error:
                    logger.warning("conversation %s has no new summary: %s", wanted.conversation_id, error)
                except Exception:  # a task's outer edge: one that breaks must not keep the others from it
                    logger.exception("the summary of conversation %s broke", wanted.conversation_id)
        finally:
            self._workers.pop(model, None)

    async def _wait_for_people(self, model: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while self._is_answering(model) and time.monotonic() < until:  # noqa: ASYNC110 (people come and go)
            await asyncio.sleep(LOOK_EVERY_S)

    def _lock(self, model: str) -> asyncio.Lock:
        return self._writing.setdefault(model, asyncio.Lock())

    async def _write(self, wanted: Wanted) -> None:
        owner, conversation, last = wanted.owner, wanted.conversation_id, wanted.last_item_id
        async with self._lock(wanted.model):
            there = await self._store.summaries_of(owner, conversation)
            if any(summary.last_item_id == last for summary in there):
                return
            branch = await self._store.branch_for(owner, last)
            text = await self._written(owner, branch, there, wanted.model, wanted.at_most)
            is_as_it_was = await self._store.branch_for(owner, last) == branch
            if is_as_it_was and await self._store.summaries_of(owner, conversation) == there:
                await self._store.add_summary(
                    owner, conversation, last_item_id=last, text=text, model=wanted.model, now=int(time.time())
                )

    async def _written(
        self, owner: str, branch: Sequence[StoredItem], there: Sequence[Summary], model: str, at_most: int | None = None
    ) -> str:
        before = newest_on([stored.item.id for stored in branch], there)
        items: list[Item] = [stored.item for stored in branch]
        if before is not None:
            items = list(dropwhile(lambda item: item.id != before.last_item_id, items))[1:]
        items = list(await self._attachments.shown(owner, items, sees=False))
        backend = await self._engines.ready(model)
        return await self._compactor.written(backend, items, None if before is None else before.text, at_most)
