"""Facts the person tells about themselves, and questions that need them later.

Decides which facts are told, corrected and asked, and what is right. The words come from
`memory_attributes.py` and `memory_wording.py`, the values from `values.py`. Does not decide what is said in between.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from maru_training.house.families.base import Language, Split, Turn
from maru_training.house.families.memory_attributes import free, own
from maru_training.house.families.memory_wording import Attribute, Phrasings, frame_of
from maru_training.house.families.phrasing import ask, fill, wording
from maru_training.house.families.values import value

WELCOME: Final[dict[Language, str]] = {"en": "Nice to meet you, {v}!", "ko": "반가워요, {v} 님!"}
VOWEL_SOUNDS: Final = tuple("aeiou")
SIBLING_SHARE: Final = 0.35  # of facts that are of a kind with one already told: my aunt's job beside my sister's job

# Words for one thing, so that a question for one is answered by the other, if the owner is the same.
SAME_THING: Final = (
    {"colour", "color"},
    {"food", "dish"},
    {"city", "hometown", "village"},
    {"name", "nickname", "surname"},
    {"색", "색깔"},
    {"음식", "요리"},
    {"운동", "스포츠"},
    {"번호", "비밀번호", "학번", "번지"},
    {"곳", "고향", "동네", "마을"},
    {"이름", "별명", "성", "닉네임"},
)
# "I like bowling" tells a hobby, and may be meant by a question for the favourite sport.
OVERLAPPING: Final = ({"hobby", "sport", "game"}, {"pet", "animal"}, {"취미", "특기"}, {"반려동물", "동물"})


@dataclass(frozen=True, slots=True)
class Fact:
    """An attribute with the value told for it."""

    attribute: Attribute
    value: str

    @property
    def reply(self) -> str:
        """The sentence that gives it back."""
        return fill(self.attribute.reply, {"v": self.value, "a": with_article(self.value)})


@dataclass(frozen=True, slots=True)
class Memory:
    """Remembering, correcting, and saying that something was not told."""

    name: str = "memory"

    def turns(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """One example of any kind, with one to three questions."""
        draw = rng.random()
        if draw < 0.18:
            return self.untold(rng, language, split)
        if draw < 0.31:
            return self.corrected(rng, language, split)
        if draw < 0.47:
            return self.everything(rng, language, split)
        if draw < 0.56:
            return self.two(rng, language, split)
        return self.recalled(rng, language, split, questions=rng.choice((1, 1, 2, 2, 3)))

    def recalled(
        self, rng: random.Random, language: Language, split: Split, *, questions: int = 1, told: int | None = None
    ) -> list[Turn]:
        """One to five facts told, then some asked; now and then one that was not told is asked too."""
        facts = draw_facts(rng, language, split, told or rng.choice((1, 1, 2, 2, 3, 4, 5)))
        turns = tell(rng, language, split, facts)
        asked = rng.sample(facts, k=min(questions, len(facts)))
        turns += [_recall(rng, language, split, fact, facts) for fact in asked]
        if questions > 1 and rng.random() < 0.3:
            turns.append(_untold(rng, language, split, facts))
        return turns

    def corrected(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """A fact is told, then told otherwise; the newest counts."""
        facts = draw_facts(rng, language, split, rng.choice((1, 1, 2, 3)))
        turns = tell(rng, language, split, facts)
        at_once = rng.random() < 0.4
        old = facts[-1] if at_once and len(turns) == len(facts) else rng.choice(facts)
        new = _changed(rng, language, split, old)
        turns.append(_correct(rng, language, split, old, new, at_once=at_once and old is facts[-1]))
        now = [new if fact is old else fact for fact in facts]
        turns.append(_recall(rng, language, split, new, now, instead_of=old))
        if len(now) > 1 and rng.random() < 0.4:
            other = rng.choice([fact for fact in now if fact is not new])
            turns.append(_recall(rng, language, split, other, now))
        return turns

    def untold(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """A fact is asked that was never told; others may have been."""
        facts = draw_facts(rng, language, split, rng.choice((0, 1, 1, 2, 2, 3, 4)))
        turns = tell(rng, language, split, facts)
        if not facts and rng.random() < 0.15:
            frame = frame_of(language)
            question = _phrase(rng, language, split, frame.asking_all)
            return [Turn(question, frame.nothing_told, recalls=True)]
        turns.append(_untold(rng, language, split, facts))
        if facts and rng.random() < 0.4:
            turns.append(_recall(rng, language, split, rng.choice(facts), facts))
        return turns

    def two(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """Two facts asked in one question; one of them may not have been told."""
        facts = draw_facts(rng, language, split, rng.choice((2, 2, 3, 4)))
        told = facts if rng.random() < 0.75 else facts[:-1]
        turns = tell(rng, language, split, told)
        first, second = rng.sample(facts, k=2)
        replies = [fact.reply if fact in told else untold_reply(language, fact.attribute) for fact in (first, second)]
        template = rng.choice(frame_of(language).asking_two.of(split))
        q, r = (wording(rng, rng.choice(fact.attribute.asks.train)) for fact in (first, second))
        values = {"n": first.attribute.noun, "m": second.attribute.noun}
        question = ask(rng, language, template.replace("{q}", q).replace("{r}", r), values, exact=True)
        wanted = tuple(fact.value if fact in told else _untold_mark(language) for fact in (first, second))
        return [*turns, Turn(question, " ".join(replies), must_contain=wanted, recalls=True)]

    def everything(self, rng: random.Random, language: Language, split: Split) -> list[Turn]:
        """All that is known of the person, in the order it was told."""
        facts = draw_facts(rng, language, split, rng.choice((1, 2, 2, 3, 4)))
        question = _phrase(rng, language, split, frame_of(language).asking_all)
        return [
            *tell(rng, language, split, facts),
            Turn(
                question,
                " ".join(fact.reply for fact in facts),
                must_contain=tuple(fact.value for fact in facts),
                recalls=True,
            ),
        ]


def draw_facts(rng: random.Random, language: Language, split: Split, count: int) -> list[Fact]:
    """Different facts of one person; the name is the likeliest."""
    facts: list[Fact] = []
    while len(facts) < count:
        attribute = _another(rng, language, [fact.attribute for fact in facts])
        if all(not _alike(attribute, fact.attribute) for fact in facts):
            facts.append(Fact(attribute, value(rng, attribute.kind, language, split)))
    return facts


def tell(rng: random.Random, language: Language, split: Split, facts: Sequence[Fact]) -> list[Turn]:
    """Turns in which the person tells the facts, one or two at a time."""
    turns: list[Turn] = []
    rest = list(facts)
    while rest:
        if len(rest) > 1 and rng.random() < 0.3:
            turns.append(_tell_two(rng, language, split, rest.pop(0), rest.pop(0)))
        else:
            turns.append(_tell_one(rng, language, split, rest.pop(0)))
    return turns


def untold_reply(language: Language, attribute: Attribute) -> str:
    """What to say when the fact was never told."""
    return fill(frame_of(language).untold, {"n": attribute.noun})


def with_article(noun: str) -> str:
    """The noun with "a" or "an"."""
    return f"{'an' if noun[:1].lower() in VOWEL_SOUNDS else 'a'} {noun}"


def _another(rng: random.Random, language: Language, told: Sequence[Attribute]) -> Attribute:
    """Any attribute, often one that is of a kind with those told, so that the owner has to be heeded."""
    if told and rng.random() < SIBLING_SHARE:
        siblings = _siblings(language, _parted(rng.choice(told).noun)[1])
        if siblings:
            return rng.choice(siblings)
    return _attribute(rng, language)


@cache
def _siblings(language: Language, head: str) -> Sequence[Attribute]:
    return tuple(a for a in (*own(language), *free(language)) if _parted(a.noun)[1] == head)


def _attribute(rng: random.Random, language: Language) -> Attribute:
    draw = rng.random()
    if draw < 0.15:
        return own(language)[0]
    return rng.choice(own(language)) if draw < 0.68 else rng.choice(free(language))


def _alike(one: Attribute, other: Attribute) -> bool:
    """Whether a question for one could mean the other: the same, or two words for one thing of one owner."""
    (owner, head), (other_owner, other_head) = _parted(one.noun), _parted(other.noun)
    heads = {head, other_head}
    same = len(heads) == 1 or any(heads <= words for words in SAME_THING)
    return (same and owner == other_owner) or any(heads <= words for words in OVERLAPPING)


def _parted(noun: str) -> tuple[str, str]:
    """Whose it is or what kind, and what it is: "aunt's", "name"."""
    owner, _, head = noun.rpartition(" ")
    return owner, head


def _phrase(rng: random.Random, language: Language, split: Split, phrasings: Phrasings) -> str:
    return ask(rng, language, rng.choice(phrasings.of(split)))


def _pair(rng: random.Random, outer: Phrasings, inner: Phrasings, split: Split) -> tuple[str, str]:
    """A frame and what goes inside; for `held_out` at least one of them was never trained on."""
    if split == "train":
        return rng.choice(outer.train), wording(rng, rng.choice(inner.train))
    sides: tuple[tuple[Split, Split], ...]
    sides = (("train", "held_out"), ("held_out", "train"), ("held_out", "held_out"))
    outside, inside = rng.choice(sides)
    return rng.choice(outer.of(outside)), wording(rng, rng.choice(inner.of(inside)))


def _values(fact: Fact) -> dict[str, str]:
    return {"v": fact.value, "a": with_article(fact.value), "n": fact.attribute.noun}


def _tell_one(rng: random.Random, language: Language, split: Split, fact: Fact) -> Turn:
    frame = frame_of(language)
    outer, clause = _pair(rng, frame.telling, fact.attribute.tells, split)
    said = ask(rng, language, outer.replace("{c}", clause), _values(fact), exact=True)
    if fact.attribute is own(language)[0] and rng.random() < 0.6:
        reply = fill(WELCOME[language], {"v": fact.value})
    else:
        reply = fill(frame.heard[0] if rng.random() < 0.8 else frame.heard[1], {"r": fact.reply})
    return Turn(said, reply, must_contain=(fact.value,))


def _tell_two(rng: random.Random, language: Language, split: Split, one: Fact, two: Fact) -> Turn:
    frame = frame_of(language)
    outer, first = _pair(rng, frame.joining, one.attribute.tells, split)
    second = wording(rng, rng.choice(two.attribute.tells.train))
    second = second.replace("{v", "{w").replace("{a}", "{b}")
    values = _values(one) | {"w": two.value, "b": with_article(two.value)}
    said = ask(rng, language, outer.replace("{c}", first).replace("{d}", second), values, exact=True)
    reply = fill(frame.heard[0], {"r": f"{one.reply} {two.reply}"})
    return Turn(said, reply, must_contain=(one.value, two.value))


def _changed(rng: random.Random, language: Language, split: Split, old: Fact) -> Fact:
    while True:
        new = Fact(old.attribute, value(rng, old.attribute.kind, language, split))
        if new.value.casefold() != old.value.casefold():
            return new


def _correct(rng: random.Random, language: Language, split: Split, old: Fact, new: Fact, *, at_once: bool) -> Turn:
    frame = frame_of(language)
    if at_once:
        template = rng.choice(frame.correcting_at_once.of(split))
    else:
        outer, clause = _pair(rng, frame.correcting, new.attribute.tells, split)
        template = outer.replace("{c}", clause)
    said = ask(rng, language, template, _values(new) | {"o": old.value}, exact=True)
    return Turn(said, fill(frame.corrected, {"r": new.reply}), must_contain=(new.value,))


def question(rng: random.Random, language: Language, split: Split, attribute: Attribute) -> str:
    """Ask for a fact: directly, indirectly or by its noun."""
    frame = frame_of(language)
    draw = rng.random()
    if draw < 0.55:
        outer, inner = _pair(rng, frame.asking, attribute.asks, split)
        return ask(rng, language, outer.replace("{q}", inner))
    if draw < 0.8:
        outer, inner = _pair(rng, frame.asking_embedded, attribute.embedded, split)
        return ask(rng, language, outer.replace("{e}", inner))
    return ask(rng, language, rng.choice(frame.asking_noun.of(split)), {"n": attribute.noun})


def _recall(
    rng: random.Random,
    language: Language,
    split: Split,
    fact: Fact,
    told: Sequence[Fact],
    instead_of: Fact | None = None,
) -> Turn:
    others = [other for other in (*told, instead_of) if other and other is not fact]
    wrong = tuple(other.value for other in others if other.value.casefold() not in fact.reply.casefold())
    return Turn(
        question(rng, language, split, fact.attribute),
        fact.reply,
        must_contain=(fact.value,),
        must_not_contain=wrong,
        recalls=True,
    )


def _untold(rng: random.Random, language: Language, split: Split, told: Sequence[Fact]) -> Turn:
    while True:
        attribute = _another(rng, language, [fact.attribute for fact in told])
        if all(not _alike(attribute, fact.attribute) for fact in told):
            break
    return Turn(
        question(rng, language, split, attribute),
        untold_reply(language, attribute),
        must_contain=(_untold_mark(language),),
        recalls=True,
    )


def _untold_mark(language: Language) -> str:
    return "have not told me" if language == "en" else "말해 주지 않았"
