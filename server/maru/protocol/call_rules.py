"""Which tool calls a response may hold: `tools`, `tool_choice`, `parallel_tool_calls` and `max_tool_calls`. Pure.

Engines are asked for the same, but not all of them keep to it.
"""

from dataclasses import dataclass
from typing import Any, Self

from maru.protocol.response import Response


@dataclass(frozen=True, slots=True)
class CallRules:
    """The rules of one response.

    Attributes:
        names: tools that may be called.
        most: most calls; None: as many as the model likes.
    """

    names: frozenset[str]
    most: int | None

    @classmethod
    def of(cls, response: Response) -> Self:
        """As the response says them."""
        names = frozenset(str(tool["name"]) for tool in response.tools)
        most = response.max_tool_calls
        if not response.parallel_tool_calls:
            most = 1
        return cls(_allowed(response.tool_choice, names), most)


def _allowed(choice: str | dict[str, Any], names: frozenset[str]) -> frozenset[str]:
    if isinstance(choice, str):
        return frozenset() if choice == "none" else names
    match choice:
        case {"type": "allowed_tools", "mode": "none"}:
            return frozenset()
        case {"type": "function", "name": name}:
            return names & {name}
        case {"type": "allowed_tools", "tools": tools}:
            return names & {tool["name"] for tool in tools}
        case _:
            return names
