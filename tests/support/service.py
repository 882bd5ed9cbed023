"""The inner service without the edge: hub, preparer and store in one process, on whichever backends."""

import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from maru.engines import Engines, ModelConfig
from maru.media.pictures import PictureBounds
from maru.media.reader import Reader
from maru.memory.compaction import Compactor
from maru.memory.counting import Counter
from maru.memory.fitting import Fitter
from maru.memory.sealing import Sealer, new_key
from maru.memory_settings import MemorySettings
from maru.protocol.items import InputText, Item, Message, OutputText
from maru.protocol.requests import CreateRequest, parse
from maru.protocol.response import Response
from maru.store.base import Store
from maru.store.in_memory import InMemoryStore
from maru.turns.attachments import Attachments
from maru.turns.chains import LocalChains
from maru.turns.hub import Hub, HubLimits
from maru.turns.input_rules import InputRules
from maru.turns.plan import Workshop
from maru.turns.prepare import Preparer
from maru.turns.run import Run
from maru_backends.base import BackendSettings
from maru_backends.claude import ClaudeSettings
from maru_backends.echo import EchoSettings
from maru_backends.gemini import GeminiSettings

RULES = InputRules(fetches_images=False, max_copied_bytes=34 * 2**20)
KINDS: Mapping[type[BackendSettings], str] = {
    EchoSettings: "echo",
    ClaudeSettings: "claude",
    GeminiSettings: "gemini",
}
LIMITS = HubLimits(stall_timeout_s=60, keep_ended_s=60, max_running=100)


@dataclass(slots=True)
class Service:
    """What a test drives; `owner` is who asks."""

    store: Store
    hub: Hub
    preparer: Preparer
    owner: str

    async def start(self, create: Mapping[str, Any], local: LocalChains | None = None) -> Run:
        """Start a run from the fields of a create."""
        plan = await self.preparer.plan(self.owner, parse(CreateRequest, dict(create)), local=local)
        return await self.hub.start(plan)

    async def ask(self, **create: Any) -> Response:
        """The response when it has ended."""
        run = await self.start(create)
        await run.ended()
        return run.snapshot


@asynccontextmanager
async def service(
    limits: HubLimits = LIMITS,
    *,
    store: Store | None = None,
    rules: InputRules = RULES,
    memory: Mapping[str, MemorySettings] | None = None,
    **models: BackendSettings,
) -> AsyncGenerator[Service]:
    """A service whose models are named by keyword, echo backends where none is; the first is the default.

    With `store`, it is one of several servers that share it.
    """
    models = models or {"echo": EchoSettings()}
    configs = [ModelConfig(name, KINDS[type(settings)], settings) for name, settings in models.items()]
    engines = Engines(configs, next(iter(models)))
    store = store or InMemoryStore()
    keys = (new_key(),)
    sealer = Sealer(lambda: keys)
    reader = Reader(PictureBounds())
    attachments = Attachments(store, reader)
    compactor = Compactor(limits.stall_timeout_s)
    hub = Hub(Workshop(engines, store, Fitter(Counter(), memory), compactor, sealer, attachments), limits)
    engines.start()
    await hub.open()
    owner = await store.local_owner()
    try:
        yield Service(store, hub, Preparer(store, engines, sealer, time.time, rules, attachments), owner.id)
    finally:
        await hub.close()
        await engines.close()
        reader.close()


def text_of(response: Response) -> str:
    """All text of the answer."""
    return "".join(text_in(item) for item in response.output)


def text_in(item: Item) -> str:
    """All text of a message; nothing for other items."""
    parts = item.content if isinstance(item, Message) else ()
    return "".join(part.text for part in parts if isinstance(part, InputText | OutputText))
