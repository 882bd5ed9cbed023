"""Several engines as one: who is asked, and what happens when one of them is down, full, or another than it was."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru_backends import pool
from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, Finished, Health, Limits, TextDelta, TextPart
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    EngineLostError,
    RequestRefusedError,
)
from maru_backends.pool import MOST_AHEAD, EnginePool, Member

LIMITS = Limits(context_window=100, features=frozenset({"tools", "json"}), template="t")


@dataclass
class Engine:
    """An engine that says its name, or fails as it is told to; `words` come before a failure."""

    name: str
    told: Limits = LIMITS
    failure: BackendError | None = None
    words: int = 0
    gate: asyncio.Event | None = None
    asked: list[str | None] = field(default_factory=list[str | None])
    is_closed: bool = False
    is_well: bool = False
    health_gate: asyncio.Event | None = None
    looked_at: int = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """What it was told to do."""
        self.asked.append(request.session_id)
        for _ in range(self.words):
            yield TextDelta("half")
        if self.failure is not None:
            raise self.failure
        if self.gate is not None:
            await self.gate.wait()
        yield TextDelta(self.name)
        yield Finished("stop")

    async def count_tokens(self, request: ChatRequest) -> int:
        """Seven."""
        if self.failure is not None:
            raise self.failure
        return 7

    async def limits(self) -> Limits:
        """As told."""
        if self.failure is not None:
            raise self.failure
        return self.told

    async def health(self) -> Health:
        """Well while nothing fails, or as told."""
        self.looked_at += 1
        if self.health_gate is not None:
            await self.health_gate.wait()
        return Health(is_ready=self.is_well or self.failure is None, detail=str(self.failure or ""))

    async def close(self) -> None:
        """Note it."""
        self.is_closed = True


DOWN = BackendUnavailableError("gone")


def _request(session: str | None = "conv_1") -> ChatRequest:
    return ChatRequest((ChatMessage("user", (TextPart("hi"),)),), session_id=session)


def _pool(*engines: Engine) -> EnginePool:
    return EnginePool([Member(engine.name, engine) for engine in engines])


async def _said(several: EnginePool, session: str | None = "conv_1") -> str:
    async with aclosing(several.stream(_request(session))) as events:
        return "".join([event.text async for event in events if isinstance(event, TextDelta)])


async def _until_told(several: EnginePool, detail: str) -> None:
    async with asyncio.timeout(5):
        while (await several.health()).detail != detail:  # noqa: ASYNC110 (it looks when it likes)
            await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "LOOK_INTERVAL_S", 0.01)


async def test_a_conversation_stays_on_one_engine() -> None:
    """And many are spread over all."""
    several = _pool(*(Engine(name) for name in "abc"))
    answered = {f"conv_{number}": await _said(several, f"conv_{number}") for number in range(300)}
    assert {session: await _said(several, session) for session in answered} == answered
    assert min(Counter(answered.values()).values()) > 60


@given(st.text(min_size=1), st.permutations("abcd"))
def test_order_of_the_settings_does_not_matter(session: str, names: list[str]) -> None:
    """Replicas of Maru with the same engines decide alike."""

    async def first(of: list[str]) -> str:
        return await _said(_pool(*(Engine(name) for name in of)), session)

    assert asyncio.run(first(names)) == asyncio.run(first(sorted(names)))


async def test_only_conversations_of_an_engine_that_is_down_move() -> None:
    """And they come home when it is back."""
    engines = [Engine(name) for name in "abc"]
    several = _pool(*engines)
    await several.limits()
    before = {f"conv_{number}": await _said(several, f"conv_{number}") for number in range(60)}
    engines[0].failure = DOWN
    await _until_told(several, "2 of 3 engines answer.")
    after = {session: await _said(several, session) for session in before}
    assert {before[session] for session in before if after[session] != before[session]} == {"a"}
    assert (await several.health()) == Health(is_ready=True, detail="2 of 3 engines answer.", running_requests=0)
    engines[0].failure = None
    await _until_told(several, "")
    assert {session: await _said(several, session) for session in before} == before
    await several.close()
    assert all(engine.is_closed for engine in engines)


async def test_whoever_asks_again_is_answered_by_another() -> None:
    """At once: the failure itself takes the engine out. Nothing is asked twice by the pool."""
    engines = [Engine(name, failure=DOWN) for name in "ab"]
    several = _pool(*engines)
    with pytest.raises(BackendUnavailableError, match="gone"):
        await _said(several)
    assert sum(len(engine.asked) for engine in engines) == 1
    for engine in engines:
        engine.failure = None
    (other,) = (engine.name for engine in engines if not engine.asked)
    assert await _said(several) == other


async def test_what_broke_after_words_is_not_begun_anew() -> None:
    """The words were shown."""
    engines = [Engine(name, failure=BackendStreamBrokenError("cut"), words=2) for name in "ab"]
    several = _pool(*engines)
    async with aclosing(several.stream(_request())) as events:
        seen = [await anext(events), await anext(events)]
        with pytest.raises(BackendStreamBrokenError, match="cut"):
            await anext(events)
    assert seen == [TextDelta("half")] * 2
    assert sum(len(engine.asked) for engine in engines) == 1


async def test_an_engine_that_was_lost_is_out_at_once() -> None:
    """Its connection broke, or it fell silent: whoever asks next must not wait for it."""
    engines = [Engine(name, failure=EngineLostError("cut"), words=1) for name in "ab"]
    several = _pool(*engines)
    with pytest.raises(EngineLostError):
        await _said(several)
    assert (await several.health()).detail == "1 of 2 engines answer."


async def test_an_answer_of_no_use_takes_no_engine_out() -> None:
    """Asked twice, it would take out all engines of everybody."""
    engines = [Engine(name, failure=BackendStreamBrokenError("no JSON"), is_well=True) for name in "ab"]
    several = _pool(*engines)
    for _ in range(2):
        with pytest.raises(BackendStreamBrokenError, match="no JSON"):
            await _said(several)
    async with asyncio.timeout(5):
        while not any(engine.looked_at for engine in engines):  # noqa: ASYNC110 (it looks when it likes)
            await asyncio.sleep(0.01)
    assert (await several.health()).detail == ""
    await several.close()


async def test_an_answer_of_no_use_has_its_engine_looked_at() -> None:
    """It may be the first sign that it dies; nobody waits for the next round of looks."""
    engines = [Engine(name, failure=BackendStreamBrokenError("nothing more")) for name in "ab"]
    several = _pool(*engines)
    with pytest.raises(BackendStreamBrokenError):
        await _said(several)
    await _until_told(several, "1 of 2 engines answer.")
    await several.close()


async def test_a_look_ends_with_its_pool() -> None:
    """A closed pool leaves no task behind."""
    engine = Engine("a", failure=BackendStreamBrokenError("no JSON"), health_gate=asyncio.Event())
    several = _pool(engine)
    with pytest.raises(BackendStreamBrokenError):
        await _said(several)
    await asyncio.sleep(0)
    await several.close()
    assert [task for task in asyncio.all_tasks() if task.get_name() == "look at a"] == []


async def test_a_full_engine_is_passed_by() -> None:
    """Only when all are full, that is told."""
    engines = [Engine(name) for name in "abc"]
    several = _pool(*engines)
    home = await _said(several)
    full = next(engine for engine in engines if engine.name == home)
    full.failure = BackendBusyError("full", retry_after_s=3)
    assert await _said(several) != home
    for engine in engines:
        engine.failure = full.failure
    with pytest.raises(BackendBusyError) as told:
        await _said(several)
    assert told.value.retry_after_s == 3


async def test_a_refused_request_is_refused_once() -> None:
    """It would be refused by all, and harms no engine."""
    engines = [Engine(name, failure=RequestRefusedError("no")) for name in "ab"]
    several = _pool(*engines)
    for _ in range(2):
        with pytest.raises(RequestRefusedError):
            await _said(several)
    assert sorted(len(engine.asked) for engine in engines) == [0, 2]


async def test_an_engine_with_a_long_queue_is_passed_by() -> None:
    """Its cache is worth less than the wait."""
    gate = asyncio.Event()
    engines = [Engine(name, gate=gate) for name in "ab"]
    several = _pool(*engines)
    turns = [asyncio.create_task(_said(several)) for _ in range(3 * MOST_AHEAD)]
    await asyncio.sleep(0.05)
    asked = sorted(len(engine.asked) for engine in engines)
    gate.set()
    await asyncio.gather(*turns)
    assert asked[1] - asked[0] == MOST_AHEAD + 1 if sum(asked) % 2 else asked[1] - asked[0] <= MOST_AHEAD + 1
    assert asked[0] > 0
    assert (await several.health()).running_requests == 0


async def test_without_a_conversation_the_idlest_answers() -> None:
    """For titles and the like."""
    gate = asyncio.Event()
    engines = [Engine(name, gate=gate) for name in "ab"]
    several = _pool(*engines)
    turns = [asyncio.create_task(_said(several, None)) for _ in range(10)]
    await asyncio.sleep(0.05)
    assert [len(engine.asked) for engine in engines] == [5, 5]
    gate.set()
    await asyncio.gather(*turns)


async def test_counting_goes_on_with_another_engine() -> None:
    """It may be asked as often as needed."""
    engines = [Engine(name, failure=DOWN) for name in "ab"]
    several = _pool(*engines)
    engines[1].failure = None
    assert [await several.count_tokens(_request(f"conv_{number}")) for number in range(10)] == [7] * 10
    engines[1].failure = DOWN
    with pytest.raises(BackendUnavailableError, match="None of the engines"):
        await several.count_tokens(_request())
    with pytest.raises(BackendUnavailableError, match="None of the engines"):
        await _said(several)


async def test_limits_are_what_all_hold() -> None:
    """A person must not be promised what depends on the engine."""
    small = Limits(80, max_output_tokens=9, counts_exactly=False, features=frozenset({"json"}), template="u")
    several = _pool(Engine("a"), Engine("b", told=small))
    limits = await several.limits()
    assert limits == replace(small, template=None)
    await several.close()


async def test_limits_need_one_engine() -> None:
    """What is down now may come later; what is no such engine at all is the operator's to mend."""
    several = _pool(Engine("a", failure=DOWN), Engine("b"))
    assert await several.limits() == LIMITS
    assert await _said(several) == "b"
    await several.close()
    with pytest.raises(BackendUnavailableError):
        await _pool(Engine("a", failure=DOWN)).limits()
    with pytest.raises(BackendSetupError):
        await _pool(Engine("a", failure=BackendSetupError("no vLLM")), Engine("b")).limits()


@pytest.mark.parametrize(
    "other",
    [
        replace(LIMITS, context_window=99),
        replace(LIMITS, features=frozenset({"tools"})),
        replace(LIMITS, template="u"),
    ],
)
async def test_an_engine_that_comes_later_and_holds_less_stays_out(
    other: Limits, caplog: pytest.LogCaptureFixture
) -> None:
    """Conversations that were cut to the others' window would not fit; it is told once."""
    late = Engine("a", failure=DOWN, told=other)
    several = _pool(late, Engine("b"))
    await several.limits()
    late.failure = None
    await asyncio.sleep(0.2)
    assert {await _said(several, f"conv_{number}") for number in range(20)} == {"b"}
    assert sum("stays out" in record.message for record in caplog.records) == 1
    assert await several.limits() == LIMITS  # asked at every answer
    await asyncio.sleep(0.1)
    assert {await _said(several, f"conv_{number}") for number in range(20)} == {"b"}
    await several.close()


async def test_an_engine_that_comes_later_is_taken_in() -> None:
    """With all that the others hold, or more."""
    late = Engine("a", failure=DOWN, told=replace(LIMITS, context_window=200))
    several = _pool(late, Engine("b"))
    assert (await several.limits()).context_window == 100
    late.failure = None
    await _until_told(several, "")
    assert {await _said(several, f"conv_{number}") for number in range(20)} == {"a", "b"}
    await several.close()


async def test_an_engine_that_was_taken_out_gets_nothing_new_and_ends_what_it_has() -> None:
    """Its operator stops it then; its conversations come home when it is put back."""
    gate = asyncio.Event()
    engines = [Engine(name, gate=gate) for name in "ab"]
    several = _pool(*engines)
    await several.limits()
    running = asyncio.create_task(_said(several, "conv_1"))
    while not any(engine.asked for engine in engines):  # noqa: ASYNC110 (no signal tells)
        await asyncio.sleep(0)
    home = next(engine for engine in engines if engine.asked)
    several.take_out(home.name)
    other = asyncio.create_task(_said(several, "conv_1"))
    await asyncio.sleep(0.05)  # several looks at an engine that answers well, and stays out all the same
    told = {member.name: (member.state, member.answers) for member in several.members()}
    assert told[home.name] == ("out", 1)
    gate.set()
    assert await running == home.name
    assert await other != home.name
    several.take_in(home.name)
    assert await _said(several, "conv_1") == home.name
    with pytest.raises(KeyError):
        several.take_out("c")
    for engine in engines:
        several.take_out(engine.name)
    with pytest.raises(BackendUnavailableError, match="taken out of service"):
        await _said(several)
    await several.close()
