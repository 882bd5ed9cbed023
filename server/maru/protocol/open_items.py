"""An output item while it is written: what it holds so far, and how it looks when it begins. Pure."""

from dataclasses import dataclass, field
from typing import Literal

import msgspec

from maru.protocol.items import (
    FunctionCall,
    Item,
    ItemStatus,
    Message,
    OutputText,
    Reasoning,
    ReasoningText,
    Refusal,
)
from maru_backends.base import TokenLogprob


@dataclass(slots=True)
class OpenItem:
    """The item that is being written; `pieces` are joined only when somebody needs the whole."""

    kind: Literal["message", "refusal", "reasoning", "function_call"]
    id: str
    index: int
    pieces: list[str] = field(default_factory=list[str])
    logprobs: list[TokenLogprob] = field(default_factory=list[TokenLogprob])
    name: str = ""
    call_id: str = ""
    call_index: int = 0

    def item(self, status: ItemStatus) -> Item:
        """All of it, as it is now."""
        text = "".join(self.pieces)
        match self.kind:
            case "message":
                parts = (OutputText(text=text, annotations=(), logprobs=tuple(self.logprobs) or None),)
                return Message(id=self.id, role="assistant", status=status, content=parts)
            case "refusal":
                return Message(id=self.id, role="assistant", status=status, content=(Refusal(refusal=text),))
            case "reasoning":
                return Reasoning(id=self.id, summary=(), content=(ReasoningText(text=text),))
            case "function_call":
                return FunctionCall(id=self.id, call_id=self.call_id, name=self.name, arguments=text, status=status)

    def empty(self) -> Item:
        """The item as it begins."""
        match self.kind:
            case "message" | "refusal":
                return Message(id=self.id, role="assistant", status="in_progress", content=())
            case "reasoning":
                return Reasoning(id=self.id, summary=())
            case "function_call":
                return FunctionCall(
                    id=self.id, call_id=self.call_id, name=self.name, arguments="", status="in_progress"
                )

    def empty_part(self) -> OutputText | ReasoningText | Refusal | None:
        """Its only part as it begins; a call has none."""
        match self.kind:
            case "message":
                return OutputText(text="", annotations=())
            case "refusal":
                return Refusal(refusal="")
            case "reasoning":
                return ReasoningText(text="")
            case "function_call":
                return None

    def may_go_on(self) -> bool:
        """Whether it is a call whose arguments are no whole JSON object yet: an engine may come back to it."""
        if self.kind != "function_call":
            return False
        try:
            return not isinstance(msgspec.json.decode("".join(self.pieces)), dict)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return True
