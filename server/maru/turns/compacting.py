"""Compaction as a call of its own, beside the one within a response that `run.py` does."""

from maru.ids import new_id
from maru.memory.compaction import Order
from maru.memory.words import is_from
from maru.protocol.compaction import CompactedResponse
from maru.protocol.items import Compaction
from maru.protocol.response import usage_of
from maru.turns.plan import RunPlan, Workshop


async def compacted_alone(plan: RunPlan, workshop: Workshop) -> CompactedResponse:
    """The user messages of a plan as they are, then one item that stands for everything.

    Raises:
        ApiError: it is too long to be summarised.
        BackendError: the engine failed.
    """
    backend = await workshop.engines.ready(plan.start.model)
    order = Order(
        plan.view,
        plan.start.instructions,
        plan.request.session_id,
        pinned=plan.pinned,
        window=workshop.fitter.settings(plan.start.model).window,
    )
    outcome = await workshop.compactor.compact(backend, order)
    sealed = workshop.sealer.seal(plan.owner, outcome.compacted)
    said = tuple(item for item in (*plan.history, *plan.new) if is_from(item, "user"))
    return CompactedResponse(
        id=plan.start.id,
        created_at=plan.start.created_at,
        output=(*said, Compaction(id=new_id("cmp"), encrypted_content=sealed)),
        usage=usage_of((outcome.usage,)),
    )
