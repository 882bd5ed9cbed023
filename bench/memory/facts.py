"""How many facts told at the start of a long chat the house model still knows at its end.

In process, with what the server uses: `Fitter` cuts and says what is to be summarised, `Compactor.written` summarises
it, and the questions are asked with what `Fitter` then shows. Facts, questions and the turns between are those of the
exam (`maru_training/house/exam.py`): wordings, names and values that training never shows. `dropped` is the same
question where the oldest turns just go, which shows that nothing else gives the facts away.

Run: `python bench/memory/facts.py`; the last result is `bench/memory/facts.json`, misses go to a file with `--misses`.
"""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from maru.ids import new_id
from maru.memory.compaction import Compactor
from maru.memory.counting import Counter
from maru.memory.fitting import FitOrder, Fitted, Fitter, Remembered
from maru.memory.prompt import Note
from maru.memory.view import View
from maru.memory_settings import MemorySettings
from maru.protocol.items import InputText, Item, Message, OutputText
from maru_backends.base import Backend, ChatRequest, Sampling, TextDelta
from maru_backends.transformers_local import TransformersSettings, open_backend
from maru_training.house.exam import BETWEEN
from maru_training.house.families.base import LANGUAGES, Language, Turn
from maru_training.house.families.memory import Fact, draw_facts, question, tell
from maru_training.house.judging import is_right

RESULT = Path(__file__).with_name("facts.json")
SUMMARISES, DROPS = "summarise", "block"
FACTS = (1, 2, 2, 3, 4, 5)  # to choose from: how many are told
AT_ONCE = 48  # chats
SILENCE_S = 600.0
ANSWER_TOKENS = 80


@dataclass(slots=True)
class Chat:
    """One chat: what is said, and what is asked at the end."""

    language: Language
    facts: Sequence[Fact]
    turns: Sequence[Turn]
    asked: Sequence[Turn]
    history: list[Item] = field(default_factory=list[Item])
    notes: list[Note] = field(default_factory=list[Note])
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One question at the end of a chat, and what was answered."""

    chat: Chat
    fact: Fact
    asked: Turn
    reply: str
    dropped: str

    @property
    def is_listed(self) -> bool:
        """Whether the last summary holds the value."""
        return bool(self.chat.notes) and self.fact.value.casefold() in self.chat.notes[-1].text.casefold()


class Bench:
    """The house model, with summaries and without."""

    def __init__(self, backend: Backend) -> None:
        """Ask this backend."""
        self._backend = backend
        memory = {name: MemorySettings(policy=name) for name in (SUMMARISES, DROPS)}
        self._fitter = Fitter(Counter(), memory)
        self._compactor = Compactor(SILENCE_S)
        self._free = asyncio.Semaphore(AT_ONCE)

    async def run(self, chat: Chat) -> list[Answer]:
        """Say everything, then ask."""
        async with self._free:
            for turn in chat.turns:
                said = _message("user", turn.user)
                fitted = await self._fitted(chat, said)
                chat.cut = fitted.ledger.cut
                chat.history += (said, _message("assistant", turn.assistant))
                if fitted.summarise_to is not None:
                    await self._summarise(chat, fitted.summarise_to)
            return [await self._answer(chat, fact, asked) for fact, asked in zip(chat.facts, chat.asked, strict=True)]

    async def _summarise(self, chat: Chat, last_item_id: str) -> None:
        places = {item.id: place for place, item in enumerate(chat.history)}
        before = chat.notes[-1] if chat.notes else None
        start = places[before.last_item_id] + 1 if before else 0
        items = chat.history[start : places[last_item_id] + 1]
        text = await self._compactor.written(self._backend, items, before.text if before else None)
        chat.notes.append(Note(new_id("sum"), last_item_id, text))

    async def _answer(self, chat: Chat, fact: Fact, asked: Turn) -> Answer:
        said = _message("user", asked.user)
        shown = await self._fitted(chat, said)
        dropped = await self._fitter.fit(self._backend, _order(chat, said, DROPS, Remembered(chat.cut)))
        return Answer(chat, fact, asked, await self._reply(shown.request), await self._reply(dropped.request))

    async def _fitted(self, chat: Chat, said: Item) -> Fitted:
        remembered = Remembered(chat.cut, tuple(chat.notes))
        return await self._fitter.fit(self._backend, _order(chat, said, SUMMARISES, remembered))

    async def _reply(self, request: ChatRequest) -> str:
        request = replace(request, sampling=Sampling(temperature=0), max_tokens=ANSWER_TOKENS)
        async with aclosing(self._backend.stream(request)) as events:
            return "".join([event.text async for event in events if isinstance(event, TextDelta)])


def new_chat(language: Language, number: int, *, turns: int, seed: int) -> Chat:
    """A chat in which some facts are told first, then so many turns of other talk; the same numbers, the same chat."""
    rng = random.Random(f"facts {seed} {language} {number}")
    facts = draw_facts(rng, language, "held_out", rng.choice(FACTS))
    told = tell(rng, language, "held_out", facts)
    others: list[Turn] = []
    while len(others) < turns:
        # What recalls an earlier turn of its own example would tell of a person, too.
        others += [turn for turn in rng.choice(BETWEEN).turns(rng, language, "held_out") if not turn.recalls]
    asked = [
        Turn(question(rng, language, "held_out", fact.attribute), fact.reply, must_contain=(fact.value,))
        for fact in facts
    ]
    return Chat(language, facts, [*told, *others[:turns]], asked)


def report(answers: Sequence[Answer], *, turns: int, chats: int, seed: int, wall_s: float) -> dict[str, Any]:
    """The figures as JSON-able data; shares of all questions of a language."""
    return {
        "turns": turns,
        "chats_per_language": chats,
        "seed": seed,
        "wall_s": round(wall_s),
        "languages": {
            language: _figures([a for a in answers if a.chat.language == language]) for language in LANGUAGES
        },
    }


def _figures(answers: Sequence[Answer]) -> dict[str, float]:
    count = len(answers)
    chats = {id(answer.chat): answer.chat for answer in answers}.values()
    return {
        "questions": count,
        "right": round(sum(is_right(a.asked, a.reply) for a in answers) / count, 3),
        "right_where_the_oldest_are_dropped": round(sum(is_right(a.asked, a.dropped) for a in answers) / count, 3),
        "in_the_last_summary": round(sum(a.is_listed for a in answers) / count, 3),
        "summaries_per_chat": round(sum(len(chat.notes) for chat in chats) / len(chats), 1),
        "lines_of_the_last_summary": round(
            sum(len(chat.notes[-1].text.splitlines()) - 1 for chat in chats) / len(chats), 1
        ),
        "lines_that_were_told": round(sum(len(chat.facts) for chat in chats) / len(chats), 1),
    }


def _order(chat: Chat, said: Item, model: str, remembered: Remembered) -> FitOrder:
    async def what_was_left() -> Remembered:
        return remembered

    view = View(tuple(chat.history), (said,))
    return FitOrder(model, ChatRequest(()), None, view, may_cut=True, remembered=what_was_left)


def _message(role: str, text: str) -> Message:
    if role == "assistant":
        return Message(new_id("msg"), "assistant", "completed", (OutputText(text=text, annotations=()),))
    return Message(new_id("msg"), "user", "completed", (InputText(text=text),))


def _write_misses(answers: Sequence[Answer], path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        for answer in answers:
            if not is_right(answer.asked, answer.reply):
                line = {
                    "language": answer.chat.language,
                    "told": [turn.user for turn in answer.chat.turns[: len(answer.chat.facts)]],
                    "wanted": [answer.fact.attribute.label, answer.fact.value],
                    "asked": answer.asked.user,
                    "reply": answer.reply,
                    "first_summary": answer.chat.notes[0].text if answer.chat.notes else None,
                    "last_summary": answer.chat.notes[-1].text if answer.chat.notes else None,
                }
                out.write(json.dumps(line, ensure_ascii=False) + "\n")


async def _main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--chats", type=int, default=100, help="of each language")
    options.add_argument("--turns", type=int, default=400)
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--out", type=Path, default=RESULT)
    options.add_argument("--misses", type=Path)
    asked = options.parse_args()
    backend = await open_backend(TransformersSettings(max_batch=AT_ONCE, prefix_cache_mib=0))
    bench, started = Bench(backend), time.monotonic()
    chats = [new_chat(lang, n, turns=asked.turns, seed=asked.seed) for lang in LANGUAGES for n in range(asked.chats)]
    answers = [answer for answers in await asyncio.gather(*map(bench.run, chats)) for answer in answers]
    await backend.close()
    wall_s = time.monotonic() - started
    result = report(answers, turns=asked.turns, chats=asked.chats, seed=asked.seed, wall_s=wall_s)
    asked.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if asked.misses is not None:
        _write_misses(answers, asked.misses)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    asyncio.run(_main())
