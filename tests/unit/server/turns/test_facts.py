"""Memory across conversations: which creates are shown the facts, and where in the prompt they stand."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from maru.memory.facts import HEADING
from maru.protocol.requests import CreateRequest, parse
from maru.store.in_memory import InMemoryStore
from maru.store.in_memory_tree import Belongings
from maru.store.people import User
from maru.turns.chains import LocalChains
from maru_backends.base import BackendEvent, ChatRequest
from maru_backends.echo import EchoBackend, EchoSettings
from support.service import Service, service, text_of

MINA = f"{HEADING['en']}\n- Name: Mina"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ChatRequest]:
    """What the engine was asked, in order."""
    requests: list[ChatRequest] = []
    stream = EchoBackend.stream

    def noting(self: EchoBackend, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        requests.append(request)
        return stream(self, request)

    monkeypatch.setattr(EchoBackend, "stream", noting)
    return requests


async def _remember(s: Service, *texts: str, is_on: bool = True) -> list[str]:
    await s.store.set_memory_on(s.owner, is_on=is_on)
    return [(await s.store.add_fact(s.owner, text, conversation_id=None, now=1)).id for text in texts]


async def _converse(s: Service) -> str:
    return (await s.store.create_conversation(s.owner, metadata={}, title=None, items=[], now=1)).id


def _system(request: ChatRequest) -> str | None:
    first = request.messages[0]
    return first.text if first.role == "system" else None


async def test_facts_stand_at_the_end_of_the_instructions(asked: list[ChatRequest]) -> None:
    """One system message, as models were trained; the client's own words come first and stay as they are."""
    async with service() as s:
        await _remember(s, "Name: Mina", "City: Busan")
        conversation = await _converse(s)
        first = await s.ask(input="hi", conversation=conversation, instructions="Be brief.")
        await s.ask(input="hi", conversation=conversation)
        assert [_system(request) for request in asked] == [
            f"Be brief.\n\n{MINA}\n- City: Busan",
            f"{MINA}\n- City: Busan",
        ]
        assert first.instructions == "Be brief."
        assert text_of(first) == "hi"


@pytest.mark.parametrize("is_on", [False, True])
async def test_facts_are_shown_only_while_memory_is_on(asked: list[ChatRequest], *, is_on: bool) -> None:
    """Off is what a person finds; writing facts does not turn it on."""
    async with service() as s:
        await _remember(s, "Name: Mina", is_on=is_on)
        await s.ask(input="hi", conversation=await _converse(s))
        assert _system(asked[0]) == (MINA if is_on else None)


async def test_facts_are_shown_in_conversations_only(asked: list[ChatRequest]) -> None:
    """A program that sends its own history gets what it sent, and nothing else."""
    async with service() as s:
        await _remember(s, "Name: Mina")
        conversation = await _converse(s)
        inside = await s.ask(input="inside", conversation=conversation)
        await s.ask(input="stored")
        await s.ask(input="unstored", store=False)
        await s.ask(input="chained", previous_response_id=inside.id)
        run = await s.start({"input": "socket", "store": False}, LocalChains())
        await run.ended()
        assert [_system(request) for request in asked] == [MINA, None, None, None, None]


async def test_facts_are_the_askers_own(asked: list[ChatRequest]) -> None:
    """Whoever else uses the server is told nothing of them."""
    store = InMemoryStore()
    store._owners["user_stranger"] = Belongings(User("user_stranger", "stranger", 0, is_local_owner=False))
    async with service(store=store) as s:
        await _remember(s, "Name: Mina")
        stranger = replace(s, owner="user_stranger")
        await _remember(stranger, "Name: Jihoon")
        for one in (s, stranger):
            await one.ask(input="hi", conversation=await _converse(one))
        assert [_system(request) for request in asked] == [MINA, f"{HEADING['en']}\n- Name: Jihoon"]


async def test_the_prompt_begins_alike_from_turn_to_turn(asked: list[ChatRequest]) -> None:
    """Else the engine would compute every conversation anew at each turn."""
    async with service() as s:
        await _remember(s, *(f"Number {number}: {number * 7}" for number in range(20)))
        conversation, other = await _converse(s), await _converse(s)
        for text in ("one", "two", "three"):
            await s.ask(input=text, conversation=conversation, instructions="Be brief.")
            await s.ask(input=text, conversation=other, instructions="Be brief.")
        turns = [request.messages for request in asked[::2]]
        for before, after in pairwise(turns):
            assert after[: len(before)] == before
        assert "Number 19: 133" in turns[0][0].text
        assert {request.messages[0] for request in asked} == {turns[0][0]}


async def test_a_change_is_seen_from_the_next_turn_on(asked: list[ChatRequest]) -> None:
    """In old conversations too: what was forgotten is told to no model any more."""
    async with service() as s:
        name, city = await _remember(s, "Name: Mina", "City: Busan")
        conversation = await _converse(s)
        await s.ask(input="hi", conversation=conversation)
        await s.store.change_fact(s.owner, name, "Name: Jihoon", now=2)
        await s.ask(input="hi", conversation=conversation)
        await s.store.remove_fact(s.owner, city)
        await s.ask(input="hi", conversation=conversation)
        await s.store.remove_facts(s.owner)
        await s.ask(input="hi", conversation=conversation)
        lines = [(_system(request) or "").splitlines()[1:] for request in asked]
        assert lines == [["- Name: Mina", "- City: Busan"], ["- Name: Jihoon", "- City: Busan"], ["- Name: Jihoon"], []]


async def test_a_compaction_neither_drops_nor_keeps_facts(
    asked: list[ChatRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are shown beside what it stands for; a fact that is deleted later must not live on in it."""

    def asks_for_little(_lines: Sequence[str], _so_far: str | None, _words: int) -> str:
        return "They spoke."

    monkeypatch.setattr("maru.memory.writing.brief_request", asks_for_little)
    async with service() as s:
        await _remember(s, "Name: Mina")
        conversation = await _converse(s)
        words: list[dict[str, Any]] = [
            {"role": role, "content": "word " * 60} for _ in range(10) for role in ("user", "assistant")
        ]
        await s.ask(
            input=[*words, {"role": "user", "content": "now?"}],
            conversation=conversation,
            context_management=[{"type": "compaction", "compact_threshold": 1000}],
        )
        *summaries, answer = asked
        assert summaries
        assert all("Mina" not in message.text for request in summaries for message in request.messages)
        assert (_system(answer) or "").startswith(f"{MINA}\n\n")
        await s.store.remove_facts(s.owner)
        await s.ask(input="next", conversation=conversation)
        assert "Mina" not in "".join(message.text for message in asked[-1].messages)


async def test_facts_are_counted_as_they_are_shown() -> None:
    """The meter of a conversation must not lie about its beginning."""
    async with service() as s:
        conversation = await _converse(s)
        create = parse(CreateRequest, {"input": "hi", "conversation": conversation})
        before = await s.hub.count_tokens(await s.preparer.plan(s.owner, create))
        await _remember(s, "Name: Mina")
        after = await s.hub.count_tokens(await s.preparer.plan(s.owner, create))
        used = await s.ask(input="hi", conversation=conversation)
        assert used.usage is not None
        assert before < after == used.usage.input_tokens


@pytest.mark.parametrize("truncation", ["auto", "disabled"])
async def test_too_many_facts_for_a_window_are_told(truncation: str) -> None:
    """A new conversation would not help: the person must know what does."""
    async with service(echo=EchoSettings(context_window=512)) as s:
        await _remember(s, *(f"Number {number}: " + "word " * 20 for number in range(30)))
        answer = await s.ask(input="hi", conversation=await _converse(s), truncation=truncation)
        assert answer.error is not None
        assert answer.error.code == "context_length_exceeded"
        assert (
            "The facts of your memory are part of every prompt: delete some, or turn memory off."
            in answer.error.message
        )
        await s.store.set_memory_on(s.owner, is_on=False)
        assert text_of(await s.ask(input="hi", conversation=await _converse(s), truncation=truncation)) == "hi"


@pytest.mark.parametrize("truncation", ["auto", "disabled"])
async def test_few_facts_are_not_blamed(truncation: str) -> None:
    """What is too long is the message."""
    async with service(echo=EchoSettings(context_window=512)) as s:
        await _remember(s, "Name: Mina")
        answer = await s.ask(input="hi " * 600, conversation=await _converse(s), truncation=truncation)
        assert answer.error is not None
        assert answer.error.code == "context_length_exceeded"
        assert "facts" not in answer.error.message
