"""Connect, create, follow, drop, resume, cancel, restart in any order: judged by all that was seen of a response."""

import asyncio
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from maru.protocol.response import Response, decode_response, encode_response
from maru.store.sql.store import SqlStore, open_store
from maru_backends.echo import EchoSettings
from support.followers import TERMINAL, delta, kind, number, response_in
from support.service import LIMITS, RULES, Service, service, text_of
from support.stores import new_database

T = TypeVar("T")
GIVEN_UP_AFTER_S = 60.0  # whoever waits for an event that never comes
MODELS = {
    "short": EchoSettings(script="count", tokens=12, pace_tokens_per_s=2_000),
    "long": EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=500, context_window=200_000),
    "thinker": EchoSettings(script="reason", pace_tokens_per_s=1_000),
    "broken": EchoSettings(script="break", tokens=5, pace_tokens_per_s=1_000),
    "busy": EchoSettings(script="busy"),
}
ENDS = {
    "short": {"completed"},
    "long": set[str](),
    "thinker": {"completed"},
    "broken": {"failed"},
    "busy": {"failed"},
}


@dataclass(slots=True)
class Known:
    """What the oracle knows of a response: every event that anybody ever saw, and what was done to it."""

    id: str
    ends: set[str]
    seen: dict[int, str] = field(default_factory=dict[int, str])
    was_taken: bool = False

    def saw(self, event: str) -> None:
        """No number ever means two things."""
        assert self.seen.setdefault(number(event), event) == event


@dataclass(slots=True)
class Following:
    """One client's view of one response, over all its connections."""

    of: Known
    after: int
    events: list[str] = field(default_factory=list[str])
    task: asyncio.Task[None] | None = None

    @property
    def last(self) -> int:
        """The number this client saw last."""
        return number(self.events[-1]) if self.events else self.after

    @property
    def has_ended(self) -> bool:
        """Whether it saw the end."""
        return bool(self.events) and kind(self.events[-1]) in TERMINAL

    async def read(self, s: Service) -> None:
        """Read on until the end."""
        async for batch in (await s.hub.log_for(s.owner, self.of.id)).follow(self.last):
            for event in batch:
                self.take(event.data)

    def take(self, event: str) -> None:
        """No repeat, nothing out of order, no gap but the one of a crash."""
        is_next = number(event) == self.last + 1
        assert is_next or (self.of.was_taken and number(event) > self.last), (self.last, event)
        self.of.saw(event)
        self.events.append(event)


class HubMachine(RuleBasedStateMachine):
    """One server after another on one database, and the clients that outlive them."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        super().__init__()
        self._loop = asyncio.new_event_loop()
        self._folder = tempfile.TemporaryDirectory()
        self._known: list[Known] = []
        self._clients: list[list[Following]] = []

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(asyncio.wait_for(work, GIVEN_UP_AFTER_S))

    @initialize()
    def start(self) -> None:
        """The first server."""
        self._url = new_database(Path(self._folder.name))
        self._run(self._open())

    async def _open(self) -> None:
        self._stack = AsyncExitStack()
        self._store: SqlStore = open_store(self._url)
        self._stack.push_async_callback(self._store.close)
        self._s = await self._stack.enter_async_context(
            service(LIMITS, store=self._store, rules=RULES, memory=None, **MODELS)
        )

    @rule()
    def connect(self) -> None:
        """A new client."""
        self._clients.append([])

    @precondition(lambda self: self._clients)
    @rule(who=st.integers(0, 9), model=st.sampled_from(sorted(MODELS)))
    def create(self, who: int, model: str) -> None:
        """A client asks, and follows from the first event."""

        async def create() -> None:
            run = await self._s.start({"model": model, "input": "안녕 a b", "maru:detach": True})
            known = Known(run.id, set(ENDS[model]))
            self._known.append(known)
            self._follow(self._one(self._clients, who), Following(known, -1))

        self._run(create())

    @precondition(lambda self: self._clients and self._known)
    @rule(who=st.integers(0, 9), which=st.integers(0, 9), share=st.floats(0, 1))
    def follow(self, who: int, which: int, share: float) -> None:
        """A client follows from some number that was seen."""
        known = self._one(self._known, which)
        numbers = [-1, *sorted(known.seen)]
        after = numbers[int(share * (len(numbers) - 1))]
        self._run(self._begin(self._one(self._clients, who), Following(known, after)))

    async def _begin(self, client: list[Following], following: Following) -> None:
        self._follow(client, following)

    def _follow(self, client: list[Following], following: Following) -> None:
        following.task = self._loop.create_task(following.read(self._s))
        client.append(following)

    @precondition(lambda self: self._clients)
    @rule(who=st.integers(0, 9))
    def drop(self, who: int) -> None:
        """A client's connection breaks."""
        self._run(self._drop(self._one(self._clients, who)))

    async def _drop(self, client: list[Following]) -> None:
        for following in client:
            if following.task is not None:
                following.task.cancel()
                (outcome,) = await asyncio.gather(following.task, return_exceptions=True)
                assert outcome is None or isinstance(outcome, asyncio.CancelledError), outcome
                following.task = None

    @precondition(lambda self: self._clients)
    @rule(who=st.integers(0, 9))
    def resume(self, who: int) -> None:
        """It comes back with the numbers it saw last."""

        async def resume() -> None:
            client = self._one(self._clients, who)
            await self._drop(client)
            for following in client:
                if not following.has_ended:
                    following.task = self._loop.create_task(following.read(self._s))

        self._run(resume())

    @precondition(lambda self: self._known)
    @rule(which=st.integers(0, 9))
    def cancel(self, which: int) -> None:
        """Somebody stops a response; the answer is its end."""
        known = self._one(self._known, which)
        known.ends.add("cancelled")
        response = decode_response(self._run(self._s.hub.stop(self._s.owner, known.id)))
        assert response == self._run(self._stored(known))
        assert response.status in known.ends

    @rule(seconds=st.sampled_from([0.0, 0.002, 0.01]))
    def wait(self, seconds: float) -> None:
        """Words come."""
        self._run(asyncio.sleep(seconds))

    @rule()
    def checkpoint(self) -> None:
        """A second has passed."""
        self._run(self._s.hub.write_checkpoints())

    @rule()
    def restart(self) -> None:
        """The server stops as asked, and starts again; clients come back by themselves or not at all."""

        async def restart() -> None:
            self._may_end_as("incomplete")
            await self._stack.aclose()
            await self._open()

        self._run(restart())

    @rule(sleep_s=st.sampled_from([0.0, 0.005]))
    def take_over(self, sleep_s: float) -> None:
        """Another server holds this one for dead and ends what it ran; this one goes on for a while, then notices."""

        async def take_over() -> None:
            self._may_end_as("incomplete", "failed")
            old, old_stack = self._s, self._stack
            for known in self._known:
                known.was_taken |= (await self._store.response_for(old.owner, known.id)).is_running
            for lease in await self._store.leases():
                await self._store.take_lease(lease)
            await self._open()
            await asyncio.sleep(sleep_s)
            await old.hub._leases.renew()
            await old_stack.aclose()

        self._run(take_over())

    def _may_end_as(self, *statuses: str) -> None:
        for known in self._known:
            known.ends |= set(statuses)

    def teardown(self) -> None:
        """Everything is brought to its end and judged."""
        try:
            self._run(self._judge())
        finally:
            self._run(self._stack.aclose())
            self._loop.close()
            self._folder.cleanup()

    async def _judge(self) -> None:
        for client in self._clients:
            await self._drop(client)
        for known in self._known:
            known.ends.add("cancelled")
            await self._s.hub.stop(self._s.owner, known.id)
            self._s.hub.forget(known.id)
            await self._judge_one(known)
        for client in self._clients:
            for following in client:
                await following.read(self._s)
                assert following.has_ended
                assert sum(kind(event) in TERMINAL for event in following.events) == 1
                assert response_in(following.events[-1]) == await self._body(following.of)

    async def _judge_one(self, known: Known) -> None:
        """The log in the store, what was seen, and the response say the same."""
        whole = Following(known, -1)
        await whole.read(self._s)
        response = await self._stored(known)
        assert response.status in known.ends
        assert [kind(event) for event in whole.events if kind(event) in TERMINAL] == [kind(whole.events[-1])]
        assert response_in(whole.events[-1]) == await self._body(known)
        words = "".join(delta(event) for event in whole.events)
        assert words == text_of(response)
        if not known.was_taken:
            assert known.seen == dict(enumerate(whole.events))

    async def _stored(self, known: Known) -> Response:
        return decode_response((await self._store.response_for(self._s.owner, known.id)).body)

    async def _body(self, known: Known) -> Any:
        return msgspec.json.decode(encode_response(await self._stored(known)))

    @staticmethod
    def _one(things: list[T], which: int) -> T:
        return things[-1 - which % len(things)]


TestHub = HubMachine.TestCase
TestHub.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
