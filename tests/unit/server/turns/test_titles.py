"""Titles that a model writes after the first answer: when, by whom, and what keeps its own."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from maru.memory.summary import Language
from maru.memory_settings import MemorySettings
from maru.protocol.items import Item
from maru.turns import titles
from maru_backends.echo import EchoSettings
from support.service import LIMITS, Service, service

WRITING = replace(LIMITS, writes_titles=True)
ECHO = EchoSettings(context_window=8192)


@pytest.fixture(autouse=True)
def _short_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """An echo of the whole request would be too long for a title."""

    def asks_for_little(items: Sequence[Item], language: Language) -> str:
        return f"{'마루 이야기' if language == 'ko' else 'A talk'} {len(items)}"

    monkeypatch.setattr("maru.turns.run.title_request", asks_for_little)


async def _converse(s: Service, title: str | None = None) -> str:
    return (await s.store.create_conversation(s.owner, metadata={}, title=title, items=[], now=1)).id


async def _title(s: Service, conversation: str) -> str | None:
    await asyncio.sleep(0)
    await s.hub.titles.idle()
    return (await s.store.conversation_for(s.owner, conversation)).title


@pytest.mark.parametrize(
    ("said", "title"), [("tell me of the maru", "A talk 2"), ("마루 얘기를 해 줘", "마루 이야기 2")]
)
async def test_the_first_answer_brings_a_title(said: str, title: str) -> None:
    """In the user's language; the place in the list stays, and later answers change it no more."""
    async with service(WRITING, echo=ECHO) as s:
        conversation = await _converse(s)
        await s.ask(input=said, conversation=conversation)
        before = (await s.store.conversation_for(s.owner, conversation)).updated_at
        assert await _title(s, conversation) == title
        assert (await s.store.conversation_for(s.owner, conversation)).updated_at == before
        await s.store.replace_title(s.owner, conversation, said, instead_of=title)
        await s.ask(input="more", conversation=conversation)
        assert await _title(s, conversation) == said


async def test_a_title_that_a_person_gave_stays() -> None:
    """Whether it was there before, or came while the model wrote."""
    async with service(WRITING, echo=ECHO, slow=EchoSettings(context_window=8192, pace_tokens_per_s=20)) as s:
        named = await _converse(s, "mine")
        await s.ask(input="hi", conversation=named)
        assert await _title(s, named) == "mine"
        renamed = await _converse(s)
        await s.ask(input="hi there", conversation=renamed, model="slow")
        await s.store.update_conversation(s.owner, renamed, now=2, title="mine too")
        assert await _title(s, renamed) == "mine too"


@pytest.mark.parametrize(
    "settings",
    [
        EchoSettings(context_window=4095),
        EchoSettings(context_window=8192, script="count", tokens=100),
        EchoSettings(context_window=8192, script="refuse"),
    ],
)
async def test_first_words_stay_where_a_model_does_no_better(settings: EchoSettings) -> None:
    """A small one is not asked; what is no title is not taken."""
    async with service(WRITING, model=settings) as s:
        conversation = await _converse(s)
        await s.ask(input="the first words", conversation=conversation)
        assert await _title(s, conversation) == "the first words"


async def test_an_answer_that_failed_brings_none() -> None:
    """Nor one outside of a conversation, nor where the operator wants none."""
    async with service(WRITING, broken=EchoSettings(script="break", tokens=0), echo=ECHO) as s:
        conversation = await _converse(s)
        await s.ask(input="the first words", conversation=conversation)
        await s.ask(input="outside", model="echo")
        assert await _title(s, conversation) == "the first words"
        assert s.hub.titles._worker is None
    async with service(echo=ECHO) as s:
        conversation = await _converse(s)
        await s.ask(input="the first words", conversation=conversation)
        assert await _title(s, conversation) == "the first words"


async def test_another_model_may_write_them() -> None:
    """The one that writes summaries: a small or a cheap one."""
    scribe = EchoSettings(context_window=8192, script="count", tokens=2)
    memory = {"echo": MemorySettings(summary_model="scribe")}
    async with service(WRITING, memory=memory, echo=ECHO, scribe=scribe) as s:
        conversation = await _converse(s)
        await s.ask(input="hi", conversation=conversation)
        title = await _title(s, conversation)
        assert title is not None
        assert title.startswith("0x")


async def test_people_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the model answers somebody no title is written; but not for ever."""
    monkeypatch.setattr(titles, "PATIENCE_S", 0.3)
    long = EchoSettings(context_window=8192, pace_tokens_per_s=50)
    async with service(WRITING, echo=long) as s:
        conversation, other = await _converse(s), await _converse(s, "other")
        busy = await s.start({"input": "word " * 200, "conversation": other})
        await s.ask(input="hi", conversation=conversation)
        assert (await s.store.conversation_for(s.owner, conversation)).title == "hi"
        assert await _title(s, conversation) == "A talk 2"
        assert not busy.has_ended
        busy.stop()
        await busy.ended()


async def test_a_deleted_conversation_is_no_trouble(caplog: pytest.LogCaptureFixture) -> None:
    """It went while its title was to be written."""
    caplog.set_level("INFO")
    async with service(WRITING, echo=ECHO) as s:
        conversation = await _converse(s)
        await s.ask(input="hi", conversation=conversation)
        await s.store.delete_conversation(s.owner, conversation)
        await asyncio.sleep(0)
        await s.hub.titles.idle()
    assert "nothing is left to name" in caplog.text
