"""What clients saw, and the judge of it: the invariants that hold whatever happens between them and a server."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from support.followers import TERMINAL, delta, kind, number, response_in


@dataclass(slots=True)
class History:
    """All events of one response that any client saw while it ran, and its whole log as it was first judged."""

    events: dict[int, str] = field(default_factory=dict[int, str])
    whole: list[str] | None = None

    def saw(self, event: str) -> None:
        """A number means one thing for all clients, at all times."""
        known = self.events.setdefault(number(event), event)
        assert known == event, f"two events with one number:\n{known}\n{event}"

    @property
    def id(self) -> str:
        """The response's id, from its first event."""
        return str(response_in(self.events[0])["id"])


def judge(history: History, whole: list[str], response: Any) -> None:
    """Compare what clients saw with what the server gives afterwards.

    Args:
        history: of the response.
        whole: its events from the first on, as followed after everything.
        response: as retrieved after everything.
    """
    history.whole = history.whole or whole
    assert whole == history.whole, "a log that had ended has changed"
    seen, kept = history.events, {number(event): event for event in whole}
    assert all(kept[shared] == seen[shared] for shared in kept.keys() & seen.keys()), "two events with one number"
    numbers = list(kept)
    assert numbers == sorted(numbers)
    assert len(numbers) == len(whole)
    assert [kind(event) for event in whole if kind(event) in TERMINAL] == [kind(whole[-1])]
    assert response_in(whole[-1]) == response
    assert response["status"] in {"completed", "incomplete", "failed", "cancelled"}
    text = "".join(part["text"] for item in response["output"] for part in item.get("content", ()))
    assert "".join(map(delta, whole)) == text
    after_gaps = [right for left, right in pairwise(numbers) if right != left + 1]
    if response["status"] == "completed" or any(kind(event) in TERMINAL for event in seen.values()):
        assert after_gaps == []
        assert seen.keys() <= kept.keys(), "events of an answer that had ended are missing"
    else:
        assert len(after_gaps) == 1
        assert after_gaps[0] > max(seen), "a number may have been given twice"
