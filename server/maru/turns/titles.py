"""Writes titles of conversations after their first answer, in the background.

A conversation has its first words for a title until then, and keeps them where no model can do better: a small one is
not asked, an answer that is no title is not taken, and one that a person gave meanwhile stays.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from maru.engines import Engines
from maru.memory.asking import Asker
from maru.memory.summary import SMALL_WINDOW, Language
from maru.memory.titles import MOST_TOKENS, title_in
from maru.store.base import NotFoundError, Store, StoreError
from maru_backends.errors import BackendError

logger = logging.getLogger(__name__)

MOST_WAITING = 1_000
PATIENCE_S = 10.0  # a model that always answers somebody must write titles all the same
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Untitled:
    """A conversation whose title is its first words; `model` is sent `request` to write a better one."""

    owner: str
    conversation_id: str
    first_words: str
    request: str
    language: Language
    model: str


class Titles:
    """One per process; writes one title at a time, after the answers that people wait for."""

    def __init__(self, store: Store, engines: Engines, silence_s: float, is_answering: Callable[[str], bool]) -> None:
        """`silence_s`: how long an engine may send nothing; `is_answering`: whether a model answers somebody now."""
        self._store = store
        self._engines = engines
        self._silence_s = silence_s
        self._is_answering = is_answering
        self._waiting: deque[Untitled] = deque(maxlen=MOST_WAITING)
        self._worker: asyncio.Task[None] | None = None

    def want(self, untitled: Untitled) -> None:
        """Let a title be written soon; of more than `MOST_WAITING`, the oldest keep their first words."""
        self._waiting.append(untitled)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name="titles")

    async def idle(self) -> None:
        """Wait until none is wanted any more."""
        if self._worker is not None:
            await asyncio.wait([self._worker])

    async def close(self) -> None:
        """Break off what is being written."""
        self._waiting.clear()
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.wait([self._worker])

    async def _work(self) -> None:
        while self._waiting:
            untitled = self._waiting.popleft()
            await self._wait_for_people(untitled.model)
            try:
                await self._write(untitled)
            except NotFoundError:
                logger.info("conversation %s is gone; nothing is left to name", untitled.conversation_id)
            except (BackendError, StoreError) as error:
                logger.warning("conversation %s keeps its first words for a title: %s", untitled.conversation_id, error)
            except Exception:  # a task's outer edge: one that breaks must not keep the others from it
                logger.exception("the title of conversation %s broke", untitled.conversation_id)

    async def _wait_for_people(self, model: str) -> None:
        until = time.monotonic() + PATIENCE_S
        while self._is_answering(model) and time.monotonic() < until:  # noqa: ASYNC110 (people come and go)
            await asyncio.sleep(LOOK_EVERY_S)

    async def _write(self, untitled: Untitled) -> None:
        now = await self._store.conversation_for(untitled.owner, untitled.conversation_id)
        if now.title != untitled.first_words:
            return
        backend = await self._engines.ready(untitled.model)
        if (await backend.limits()).context_window < SMALL_WINDOW:
            return
        asker = Asker(backend, self._silence_s)
        answer = await asker.whole(asker.request(untitled.request, max_tokens=MOST_TOKENS))
        title = title_in(answer, untitled.language)
        if title is not None:
            await self._store.replace_title(
                untitled.owner, untitled.conversation_id, title, instead_of=untitled.first_words
            )
