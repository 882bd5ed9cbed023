"""One checker of what Maru promises, over recorded histories: plain data in, a list of broken promises out. No I/O.

Each sentence begins with the name of its rule, which is the name of the function that found it.
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

from faults.history import Afterwards, Exchange, History, Json, Leg
from faults.stories import (
    DELTA,
    Story,
    answer_to,
    events_of,
    first_seen,
    made_conversations,
    refusal_of,
    response_id_of,
    stories_of,
    text_of,
)
from support.paced_engine import EngineCall

FINAL = frozenset({"completed", "incomplete", "failed", "cancelled"})
STOP_WITHIN_S = 1.0
KEPT_AFTER_S = 3.0  # words are written once a second; a second more for the writing, one for a busy machine
MAX_CALLS = 2  # of an engine for one prompt
_ID = re.compile(r"\b(?:resp|msg|conv|fc|rs|cmp)_[0-9A-Za-z-]{16,}")


def violations(history: History, after: Afterwards) -> list[str]:
    """Every promise that was broken; empty when all held."""
    stories = stories_of(history)
    return [f"{rule.__name__.strip('_')}: {broken}" for rule in _RULES for broken in rule(history, after, stories)]


# ------------------------------------------------------------------------------------------- events of one response


def _numbers(history: History, _: Afterwards, stories: list[Story]) -> Iterator[str]:
    """Each connection brings the numbers after the one it was asked from, without gap or repeat.

    When a server was killed, the numbers of the words that were lost with it are not given again: one jump to the
    closing events is right then.
    """
    for leg in history.legs:
        if leg.is_create and leg.frames and refusal_of(leg) is None and response_id_of(leg) is None:
            yield f"{leg.client} got something else before the creation"
    for story in stories:
        for leg in story.legs:
            expected = leg.asked.get("starting_after", -1) + 1
            may_jump = any(story.created_at is not None and story.created_at < crash for crash in history.crashes)
            for frame in events_of(leg):
                number = frame.body()["sequence_number"]
                is_jump = may_jump and number > expected and frame.body()["type"] != DELTA
                if number != expected and not is_jump:
                    yield f"{leg.client} got {number} instead of {expected} of {story.id}"
                may_jump = may_jump and number == expected
                expected = number + 1


def _same_bytes(_: History, __: Afterwards, stories: list[Story]) -> Iterator[str]:
    """A number means the same bytes to everybody, at any time, from wherever they follow."""
    for story in stories:
        seen: dict[int, tuple[str, str]] = {}
        for leg in story.legs:
            for frame in events_of(leg):
                number = frame.body()["sequence_number"]
                client, data = seen.setdefault(number, (leg.client, frame.data))
                if data != frame.data:
                    yield f"{client} and {leg.client} saw different events {number} of {story.id}"


def _one_end(_: History, __: Afterwards, stories: list[Story]) -> Iterator[str]:
    """Exactly one terminal event, as the last one, which whoever asks for it gets."""
    for story in stories:
        if len(story.ends) != 1:
            yield f"{story.id} ended {len(story.ends)} times"
        if story.ends and max(story.events) > story.ends[0]:
            yield f"{story.id} went on after its end"
        for leg in story.legs:
            kinds = [frame.body()["type"] for frame in leg.frames]
            if "error" in kinds[1:]:
                yield f"{leg.client} got an error in the middle of {story.id}"


def _words(_: History, after: Afterwards, stories: list[Story]) -> Iterator[str]:
    """Joined deltas, the final text and the stored text are one, and are what the engine said."""
    for story in stories:
        whole, stored = answer_to(story.prompt), after.responses.get(story.id)
        kept = text_of(stored) if stored is not None else ""
        if whole is not None and not whole.startswith(story.said):
            yield f"the words that clients saw of {story.id} are not the engine's"
        if whole is not None and not whole.startswith(kept):
            yield f"the words that are stored of {story.id} are not the engine's"
        texts = {text_of(story.events[end]["response"]) for end in story.ends}
        texts |= {event["text"] for event in story.events.values() if event["type"] == "response.output_text.done"}
        texts |= {story.said} if story.is_whole else set()
        if texts - {kept}:
            yield f"deltas, final text and stored text of {story.id} differ"
        if stored is not None and stored["status"] == "completed" and whole not in {kept, None}:
            yield f"{story.id} is called complete and is not"


# ------------------------------------------------------------------------------------------------------- what is kept


def _acknowledged(history: History, after: Afterwards, stories: list[Story]) -> Iterator[str]:
    """What a client was told of is there, once; the end that it saw is the end that is stored."""
    for story in stories:
        stored = after.responses.get(story.id)
        if story.created_at is None:
            continue
        if stored is None:
            yield f"{story.id} is gone"
            continue
        if story.ends and story.events[story.ends[0]]["response"] != stored:
            yield f"{story.id} is stored with another end than clients saw"
        if [text_of({"output": [item]}) for item in after.inputs.get(story.id, [])].count(story.prompt) != 1:
            yield f"the message of {story.id} is not stored once"
        for crash in history.crashes:
            early = "".join(words for at, words in first_seen(story) if at < crash - KEPT_AFTER_S)
            if not text_of(stored).startswith(early):
                yield f"{story.id} lost words that were seen long before the crash"
    for conversation_id in made_conversations(history):
        if after.trees.get(conversation_id) is None:
            yield f"{conversation_id} is gone"


def _trees(_: History, after: Afterwards, stories: list[Story]) -> Iterator[str]:
    """In its conversation each message and each answer is once, and nothing branched that nobody branched."""
    for conversation_id, tree in after.trees.items():
        items: list[Json] = tree["items"] if tree is not None else []
        for parent, children in Counter(item["maru:parent"] for item in items).items():
            if children > 1:
                yield f"{children} items hang below {parent} of {conversation_id}"
        ids = Counter(item["id"] for item in items)
        said = Counter(text_of({"output": [item]}) for item in items if item.get("role") == "user")
        for story in stories:
            response = after.responses.get(story.id)
            if response is None or response["conversation"] != {"id": conversation_id}:
                continue
            if said[story.prompt] != 1:
                yield f"the message of {story.id} is {said[story.prompt]} times in {conversation_id}"
            for item in response["output"]:
                if ids[item["id"]] != 1 and text_of({"output": [item]}):
                    yield f"the answer of {story.id} is {ids[item['id']]} times in {conversation_id}"


def _nothing_open(_: History, after: Afterwards, __: list[Story]) -> Iterator[str]:
    """When all is over nothing is in progress."""
    for response_id, response in after.responses.items():
        if response is not None and response["status"] not in FINAL:
            yield f"{response_id} is {response['status']} for ever"
    for conversation_id, tree in after.trees.items():
        if tree is not None and tree["running"]:
            yield f"{conversation_id} is busy for ever"


# ------------------------------------------------------------------------------------------------------- the engine


def _stops(history: History, _: Afterwards, stories: list[Story]) -> Iterator[str]:
    """A stop reaches the engine within a second."""
    for story in stories:
        for stop in (exchange for exchange in history.exchanges if _stopped(exchange) == story.id):
            if stop.owner != story.owner:
                continue
            for call in _calls_for(history, story.prompt):
                if call.ended_at is not None and call.ended_at > stop.asked_at + STOP_WITHIN_S:
                    late_s = call.ended_at - stop.asked_at
                    yield f"the engine worked on {story.id} for {late_s:.1f} s after {stop.client} stopped it"


def _one_writer(history: History, _: Afterwards, __: list[Story]) -> Iterator[str]:
    """In one conversation the engine answers one thing at a time, and works for nobody when all is over."""
    sessions: dict[str, list[EngineCall]] = defaultdict(list)
    for call in history.engine:
        if call.ended_at == float("inf"):
            yield f"the engine still answers {call.prompt!r}"
        if call.session:
            sessions[call.session].append(call)
    for session, calls in sessions.items():
        for one, next_ in pairwise(sorted(calls, key=lambda call: call.began_at)):
            if one.ended_at is not None and next_.began_at < one.ended_at:
                yield f"two answers at once in {session}: {one.prompt!r} and {next_.prompt!r}"


def _retries(history: History, _: Afterwards, stories: list[Story]) -> Iterator[str]:
    """The engine is asked once more at most, and never after words were shown."""
    for story in stories:
        calls = _calls_for(history, story.prompt)
        if len(calls) > MAX_CALLS:
            yield f"the engine was asked {len(calls)} times for {story.id}"
        for again in calls[1:]:
            if any(at < again.began_at for at, _ in story.words_at):
                yield f"the engine was asked again for {story.id} after words were shown"


# ------------------------------------------------------------------------------------------------- two people at once


def _winners(history: History, after: Afterwards, _: list[Story]) -> Iterator[str]:
    """Of creates that raced (their `metadata.race`) one wins and the others hear so; all stops hear of one end."""
    races: dict[str, list[Leg]] = defaultdict(list)
    for leg in history.legs:
        race = leg.asked.get("metadata", {}).get("race") if leg.is_create else None
        if race is not None:
            races[race].append(leg)
    for race, legs in races.items():
        won = [leg for leg in legs if response_id_of(leg) is not None]
        if len(won) != 1:
            yield f"{len(won)} of {len(legs)} creates won {race}"
        for leg in legs:
            code = refusal_of(leg)
            if leg not in won and code != "conversation_locked":
                yield f"{leg.client} lost {race} and heard {code!r}"
    for exchange in history.exchanges:
        stopped = _stopped(exchange)
        if stopped is None or exchange.status is None or stopped not in after.responses:
            continue
        stored = after.responses[stopped]
        if exchange.status == 200 and json.loads(exchange.body) != stored:
            yield f"{exchange.client} stopped {stopped} and heard of another end"


def _strangers(history: History, _: Afterwards, __: list[Story]) -> Iterator[str]:
    """What belongs to one owner never shows to another, who cannot even know that it is there."""
    owners = dict(_first_owners(history))
    for exchange in history.exchanges:
        for id_ in _ID.findall(exchange.path):
            if owners.get(id_, exchange.owner) != exchange.owner and exchange.status not in {404, None}:
                yield f"{exchange.owner} asked for {id_} and heard {exchange.status}"
        yield from _leaks(owners, exchange.owner, exchange.path, exchange.body)
    for leg in history.legs:
        foreign = [id_ for id_ in _ids(leg.asked) if owners.get(id_, leg.owner) != leg.owner]
        if foreign and refusal_of(leg) is None and leg.frames:
            yield f"{leg.owner} followed {foreign[0]}"
        for frame in leg.frames:
            yield from _leaks(owners, leg.owner, json.dumps(leg.asked), frame.data)


def _mistakes(history: History, _: Afterwards, __: list[Story]) -> Iterator[str]:
    """No fault from outside is a mistake of ours."""
    for exchange in history.exchanges:
        if exchange.status == 500:
            yield f"{exchange.method} {exchange.path}: {exchange.body}"
    for leg in history.legs:
        for frame in leg.frames:
            if "The server made a mistake" in frame.data:
                yield f"{leg.client}: {frame.data}"


Rule = Callable[[History, Afterwards, list[Story]], Iterator[str]]
_RULES: tuple[Rule, ...] = (
    _numbers,
    _same_bytes,
    _one_end,
    _words,
    _acknowledged,
    _trees,
    _nothing_open,
    _stops,
    _one_writer,
    _retries,
    _winners,
    _strangers,
    _mistakes,
)


# --------------------------------------------------------------------------------------------------- looking things up


def _calls_for(history: History, prompt: str) -> list[EngineCall]:
    return sorted((call for call in history.engine if call.prompt == prompt), key=lambda call: call.began_at)


def _stopped(exchange: Exchange) -> str | None:
    """The response that a request was to stop."""
    match = re.fullmatch(r"/v1/responses/([^/]+)/cancel", exchange.path)
    return match[1] if match else None


def _first_owners(history: History) -> Iterator[tuple[str, str]]:
    """Every id with the owner who made it: what came back from a create is the creator's."""
    for leg in history.legs:
        if leg.is_create and response_id_of(leg) is not None:
            own = {id_ for frame in leg.frames for id_ in _ID.findall(frame.data)}
            yield from ((id_, leg.owner) for id_ in own)
    yield from made_conversations(history).items()


def _ids(asked: Json) -> list[str]:
    return _ID.findall(json.dumps(asked))


def _leaks(owners: dict[str, str], owner: str, asked: str, told: str) -> Iterator[str]:
    # A refusal repeats the id that was asked for; that tells nothing.
    for id_ in set(_ID.findall(told)) - set(_ID.findall(asked)):
        if owners.get(id_, owner) != owner:
            yield f"{owner} was shown {id_}"
