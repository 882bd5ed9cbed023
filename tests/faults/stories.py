"""What was seen of one response, put together from every connection that carried some of it. Pure."""

import json
import math
from dataclasses import dataclass, field

from faults.history import Frame, History, Json, Leg
from maru_backends.echo import counted_word
from support.paced_engine import play_of

TERMINAL = frozenset({"response.completed", "response.incomplete", "response.failed"})
DELTA = "response.output_text.delta"


@dataclass(slots=True)
class Story:
    """All that was seen of one response, by whomever."""

    id: str
    owner: str
    prompt: str = ""
    created_at: float | None = None
    legs: list[Leg] = field(default_factory=list[Leg])
    events: dict[int, Json] = field(default_factory=dict[int, Json])
    words_at: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])

    @property
    def said(self) -> str:
        """The deltas in the order of their numbers."""
        return "".join(self.events[number]["delta"] for number in sorted(self.events) if self._is_delta(number))

    @property
    def ends(self) -> list[int]:
        """Numbers of events that end it."""
        return [number for number in sorted(self.events) if self.events[number]["type"] in TERMINAL]

    @property
    def status(self) -> str | None:
        """How it ended, as clients saw it."""
        return self.events[self.ends[0]]["response"]["status"] if self.ends else None

    @property
    def ended_at(self) -> float:
        """When the first client saw the end; infinite when none did."""
        lasts = [leg.frames[-1] for leg in self.legs if leg.frames]
        return min((last.at for last in lasts if last.body()["type"] in TERMINAL), default=math.inf)

    @property
    def is_whole(self) -> bool:
        """Whether every event from the first to the last was seen."""
        return bool(self.ends) and sorted(self.events) == list(range(self.ends[-1] + 1))

    def _is_delta(self, number: int) -> bool:
        return bool(self.events[number]["type"] == DELTA)


def stories_of(history: History) -> list[Story]:
    """The responses that clients saw, in the order in which they were first seen."""
    stories: dict[str, Story] = {}
    for leg in history.legs:
        response_id = response_id_of(leg)
        if response_id is None:
            continue
        story = stories.setdefault(response_id, Story(response_id, leg.owner))
        story.legs.append(leg)
        for frame in leg.frames:
            _add(story, frame)
    return list(stories.values())


def response_id_of(leg: Leg) -> str | None:
    """Whose events it carried; None for a create that was never acknowledged."""
    if not leg.is_create:
        return str(leg.asked["response_id"])
    return str(leg.first["response"]["id"]) if leg.first.get("type") == "response.created" else None


def made_conversations(history: History) -> dict[str, str]:
    """The ids of all conversations that were made, each with its owner."""
    return {
        json.loads(exchange.body)["id"]: exchange.owner
        for exchange in history.exchanges
        if (exchange.method, exchange.path, exchange.status) == ("POST", "/v1/conversations", 200)
    }


def text_of(response: Json) -> str:
    """All words of a response's output."""
    return "".join(part.get("text", "") for item in response["output"] for part in item.get("content", ()))


def answer_to(prompt: str) -> str | None:
    """What the paced engine says to a prompt when nothing goes wrong; None for a prompt that is not made for it."""
    if "words=" not in prompt:
        return None
    return "".join(counted_word(prompt, index) for index in range(play_of(prompt).words))


def events_of(leg: Leg) -> list[Frame]:
    """What it carried of its response, without errors."""
    return [frame for frame in leg.frames if frame.body()["type"] != "error"]


def refusal_of(leg: Leg) -> str | None:
    """The code of the error that a connection brought instead of events."""
    return str(leg.first["error"]["code"]) if leg.first.get("type") == "error" else None


def first_seen(story: Story) -> list[tuple[float, str]]:
    """Each delta with the time at which the first client had it, in the order of the numbers."""
    first: dict[int, tuple[float, str]] = {}
    for leg in story.legs:
        for frame in events_of(leg):
            body = frame.body()
            if body["type"] == DELTA:
                seen = (frame.at, body["delta"])
                first[body["sequence_number"]] = min(first.get(body["sequence_number"], seen), seen)
    return [first[number] for number in sorted(first)]


def _add(story: Story, frame: Frame) -> None:
    body = frame.body()
    if body["type"] == "error":
        return
    story.events.setdefault(body["sequence_number"], body)
    if body["type"] == "response.created" and story.created_at is None:
        story.prompt = body["response"]["metadata"].get("prompt", "")
        story.created_at = frame.at
    if body["type"] == DELTA:
        story.words_at.append((frame.at, body["delta"]))
