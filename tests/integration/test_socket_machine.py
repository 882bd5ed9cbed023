"""Anything in any order on the sockets of two people, against what each socket owes (`support/socket_oracle.py`)."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from maru.api.socket_queue import MAX_WAITING
from maru_backends.echo import EchoSettings
from support.socket_oracle import Client, Follow, Known, Turn, check_follow, check_turns, learn
from support.socket_server import InProcess, in_process

COUNT = EchoSettings(script="count", tokens=30, pace_tokens_per_s=1_000)
MOST_SOCKETS = 4
SETTLED_WITHIN_S = 30
LANES = (None, "a", "b")
NO_ERROR: frozenset[str] = frozenset()
NOT_FOUND = frozenset({"previous_response_not_found"})
NONSENSE = ("{", "[]", '{"type": "x"}', '{"type": "response.create", "input": 5}')


@dataclass(frozen=True, slots=True)
class World:
    """One server for all examples, and two people who use it."""

    runner: asyncio.Runner
    maru: InProcess
    stranger: str


class SocketMachine(RuleBasedStateMachine):
    """Chooses what is sent; sockets, responses and numbers are chosen by position."""

    world: ClassVar[World]

    def __init__(self) -> None:
        """Start with nothing open."""
        super().__init__()
        self.clients: list[Client] = []
        self.known: dict[str, Known] = {}
        self.followed = 0

    @initialize(store=st.booleans(), model=st.sampled_from(["echo", "count"]))
    def begin(self, *, store: bool, model: str) -> None:
        """Two people, one of whom has said something."""
        self.open(0)
        self.open(1)
        self.create(0, None, model, store=store, previous=None, times=1)

    @precondition(lambda self: len(self.clients) < MOST_SOCKETS)
    @rule(owner=st.integers(0, 1))
    def open(self, owner: int) -> None:
        """One person opens another socket."""
        self._run(self._open(owner))

    @precondition(lambda self: self.clients)
    @rule(
        at=st.integers(0, 9),
        lane=st.sampled_from(LANES),
        model=st.sampled_from(["echo", "count"]),
        store=st.booleans(),
        previous=st.none() | st.integers(0, 9),
        times=st.integers(1, 2),
    )
    def create(
        self,
        at: int,
        lane: str | None,
        model: str,
        *,
        store: bool,
        previous: int | None,
        times: int,
    ) -> None:
        """Ask, once or twice at once, perhaps as a continuation of whatever response was ever heard of."""
        client = self._with_room(at)
        create: dict[str, Any] = {"type": "response.create", "model": model, "input": "say this", "store": store}
        turn = Turn(lane, store, NO_ERROR, may_succeed=True)
        if previous is not None:
            id_ = self._id(previous)
            create["previous_response_id"] = id_
            turn = self._continuation(client, id_, lane, is_stored=store)
        if lane is not None:
            create["stream_id"] = lane
        for _ in range(times):
            client.turns.append(turn)
            self._send(client, create)

    @precondition(lambda self: self.clients)
    @rule(
        at=st.integers(0, 9),
        bad=st.sampled_from(NONSENSE),
    )
    def say_nonsense(self, at: int, bad: str) -> None:
        """Its error takes a turn."""
        codes = frozenset({"invalid_json", "unknown_frame_type", "invalid_type"})
        client = self._with_room(at)
        client.turns.append(Turn(None, is_stored=False, codes=codes, may_succeed=False))
        self._run(client.socket.send_str(bad))

    @precondition(lambda self: self.clients)
    @rule(at=st.integers(0, 9), which=st.none() | st.integers(0, 9), lane=st.sampled_from(LANES))
    def cancel(self, at: int, which: int | None, lane: str | None) -> None:
        """Stop something: what runs here, or whatever response, somebody else's too."""
        client = self._client(at)
        stop: dict[str, Any] = {"type": "response.cancel"}
        if which is not None:
            stop["response_id"] = id_ = self._id(which)
            found = self.known.get(id_)
            if found is not None and found.owner == client.owner:
                found.may_be_cancelled = True
        else:
            client.has_cancelled = True
            if lane is not None:
                stop["stream_id"] = lane
        self._send(client, stop)

    @precondition(lambda self: self.clients)
    @rule(at=st.integers(0, 9), which=st.integers(0, 9), number=st.integers(-2, 40) | st.just(10**12))
    def follow(self, at: int, which: int, number: int) -> None:
        """From any number, also of what is nobody's or somebody else's."""
        client = self._client(at)
        if len(client.follows) >= 20:  # a socket may use 32 lanes
            return
        self.followed += 1
        id_, lane = self._id(which), f"f{self.followed}"
        found = self.known.get(id_)
        if number < -1:
            client.follows[lane] = Follow(id_, None, "invalid_value")
        elif found is None or found.owner != client.owner:
            client.follows[lane] = Follow(id_, None, "events_not_kept")
        elif found.last is None:  # how far it has come is known to the server only
            client.follows[lane] = Follow(id_, number + 1, None if number < 0 else "invalid_value")
        elif number < found.last:
            client.follows[lane] = Follow(id_, number + 1, None)
        else:
            client.follows[lane] = Follow(id_, None, "invalid_value")
        frame = {"type": "maru:response.follow", "response_id": id_, "starting_after": number, "stream_id": lane}
        self._send(client, frame)

    @rule(seconds=st.sampled_from([0.002, 0.01, 0.05]))
    def wait(self, seconds: float) -> None:
        """Let the server work."""
        self._run(asyncio.sleep(seconds))

    @precondition(lambda self: self.clients)
    @rule(at=st.integers(0, 9))
    def settle(self, at: int) -> None:
        """Read on until everything has its end, and check it."""
        client = self._client(at)
        self._run(self._settle(client))

    @precondition(lambda self: self.clients)
    @rule(at=st.integers(0, 9), code=st.sampled_from([1000, 1001, 4000]))
    def close(self, at: int, code: int) -> None:
        """Leave in the middle of whatever goes on."""
        client = self._client(at)
        self.clients.remove(client)
        self._run(self._close(client, code))

    def teardown(self) -> None:
        """All that is still open is settled; then no run and no task of a socket is left."""
        for client in self.clients:
            self._run(self._settle(client))
        for client in self.clients:
            self._run(self._close(client, 1000))
        self._run(self._nothing_is_left())

    # ----------------------------------------------------------------------------------------------------------------

    def _client(self, at: int) -> Client:
        return self.clients[at % len(self.clients)]

    def _with_room(self, at: int) -> Client:
        """A socket on which more may wait: one on which too much does is closed, as another test has it."""
        client = self._client(at)
        if len(client.turns) - client.checked > MAX_WAITING - 2:
            self._run(self._settle(client))
        return client

    def _id(self, which: int) -> str:
        for client in self.clients:
            learn(client, self.known)
        ids = ["resp_nobodys", *self.known]
        return ids[-1 - which % len(ids)]

    def _continuation(self, client: Client, id_: str, lane: str | None, *, is_stored: bool) -> Turn:
        found = self.known.get(id_)
        if found is None or found.owner != client.owner:
            return Turn(lane, is_stored, NOT_FOUND, may_succeed=False)
        if found.is_stored:
            codes = NO_ERROR if found.last is not None else frozenset({"response_not_finished"})
            return Turn(lane, is_stored, codes, may_succeed=True, previous=id_)
        is_here = found.made_by is client and not found.was_evicted
        # A socket forgets the oldest of its unstored answers, so that one of its own may be gone.
        return Turn(lane, is_stored, NOT_FOUND, may_succeed=is_here, previous=id_)

    def _run(self, work: Any) -> None:
        self.world.runner.run(work)

    def _send(self, client: Client, frame: dict[str, Any]) -> None:
        self._run(client.socket.send_json(frame))
        self._run(asyncio.sleep(0.003))

    async def _open(self, owner: int) -> None:
        headers = {"Authorization": f"Bearer {self.world.stranger}"} if owner else {}
        socket = await self.world.maru.session.ws_connect("/v1/responses", headers=headers, max_msg_size=0)
        client = Client(owner, socket)
        client.task = asyncio.create_task(client.read(), name="reader")
        self.clients.append(client)

    async def _settle(self, client: Client) -> None:
        async with asyncio.timeout(SETTLED_WITHIN_S):
            while not client.is_settled():  # noqa: ASYNC110 (frames that another task reads)
                await asyncio.sleep(0.002)
        check_turns(client, self.known)
        for lane in client.follows:
            check_follow(client, lane, self.known)

    async def _close(self, client: Client, code: int) -> None:
        await client.socket.close(code=code)
        assert client.task is not None
        await client.task

    async def _nothing_is_left(self) -> None:
        async with asyncio.timeout(SETTLED_WITHIN_S):
            while self.world.maru.running or _tasks_of_sockets():  # noqa: ASYNC110 (tasks of others)
                await asyncio.sleep(0.01)


def _tasks_of_sockets() -> list[str]:
    names = [task.get_name() for task in asyncio.all_tasks()]
    return [name for name in names if name.startswith(("socket", "delivery", "run ", "begin ", "reader"))]


def test_whatever_is_done_each_socket_gets_what_it_is_owed() -> None:
    """One end a turn, in order; the same bytes for all; nothing of strangers; nothing left behind."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        maru = runner.run(stack.enter_async_context(in_process({"count": COUNT})))
        try:
            SocketMachine.world = World(runner, maru, runner.run(maru.key_of_a_stranger()))
            slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
            # Not made shorter: each try at a hang would take the whole time again.
            phases = (Phase.explicit, Phase.reuse, Phase.generate)
            run_state_machine_as_test(
                SocketMachine,
                settings=settings(
                    max_examples=30,
                    stateful_step_count=50,
                    deadline=None,
                    suppress_health_check=slow,
                    phases=phases,
                ),
            )
        finally:
            runner.run(stack.aclose())
