"""What the model of one run sees: compacted first, where the client asked for it."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from maru.memory.compaction import Order, Outcome
from maru.memory.fitting import FitOrder
from maru.memory.sealing import KeyFileError
from maru.protocol.errors import ApiError
from maru.turns.log import EventLog
from maru.turns.plan import CompactNow, CompactOver, RunPlan, Workshop
from maru.turns.turn import Turn
from maru_backends.base import Backend
from maru_backends.errors import BackendError

logger = logging.getLogger(__name__)


class RunContext:
    """The view of one run.

    Attributes:
        is_compacting: an engine is asked for a summary, which has a clock of its own.
        at_most: tokens that the prompt may have, where the engine refused one that should have fitted.
    """

    def __init__(self, plan: RunPlan, turn: Turn, workshop: Workshop, log: EventLog) -> None:
        """Begin with the view of the plan."""
        self.view = plan.view
        self.is_compacting = False
        self.has_compacted = False
        self.at_most: int | None = None
        self._plan = plan
        self._turn = turn
        self._workshop = workshop
        self._log = log
        self._wish = plan.compaction

    def order(self) -> FitOrder:
        """What is to be fitted into the window."""
        plan = self._plan
        return FitOrder(
            model=plan.start.model,
            request=plan.request,
            instructions=plan.start.instructions,
            view=self.view,
            may_cut=plan.may_cut,
            pinned=plan.pinned,
            remembered=plan.remembered,
            at_most=self.at_most,
        )

    async def compact(self, backend: Backend) -> bool:
        """Compact if it is time to; returns whether that was all that was asked for.

        Raises:
            ApiError: a compaction that was all cannot be made.
            BackendError: the engine failed at it.
            KeyFileError: there is no key to seal it with.
        """
        self.is_compacting = True
        try:
            match self._wish:
                case None:
                    return False
                case CompactNow():
                    order = self._order(None, told=lambda: self._log.append(self._turn.compacting().events))
                    self._take(await self._workshop.compactor.compact(backend, order))
                    return True
                case CompactOver(threshold=threshold):
                    await self._make_room(backend, threshold)
                    return False
                case _:
                    assert_never(self._wish)
        finally:
            self.is_compacting = False

    async def _make_room(self, backend: Backend, threshold: int | None) -> None:
        """Without this the answer goes on, with what the window holds."""
        # A second try at the engine, after it broke off, is no second try at this.
        self._wish = None
        order = self._order(threshold)
        compactor = self._workshop.compactor
        try:
            if await compactor.is_due(backend, self._plan.request, order, threshold):
                outcome = await compactor.shrink(backend, order)
                if outcome is not None:
                    self._take(outcome)
        except (ApiError, BackendError, KeyFileError) as error:
            logger.warning("response %s goes on without compaction: %s", self._plan.start.id, error)

    def _order(self, threshold: int | None, told: Callable[[], None] = lambda: None) -> Order:
        return Order(
            self.view,
            instructions=self._plan.start.instructions,
            session_id=self._plan.request.session_id,
            at_most=None if threshold is None else threshold // 2,
            pinned=self._plan.pinned,
            window=self._workshop.fitter.settings(self._plan.start.model).window,
            told=told,
        )

    def _take(self, outcome: Outcome) -> None:
        sealed = self._workshop.sealer.seal(self._plan.owner, outcome.compacted)
        self._log.append(self._turn.compacted(sealed, outcome.usage).events)
        self.has_compacted = True
        self.view = replace(outcome.view, compaction_id=self._turn.snapshot().output[0].id, facts=self.view.facts)
