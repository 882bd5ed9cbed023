"""Messages of another program as items of ours: what says nothing is passed over, what follows it moves up. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from maru.moving.found import FoundItem, in_order
from maru.protocol.exports import ExportedResponse
from maru.protocol.items import FunctionCall, InputImage, InputText, Item, Message, OutputText, Reasoning, ReasoningText

LONGEST_TITLE = 200


@dataclass(frozen=True, slots=True)
class Node:
    """A message of the other program.

    Attributes:
        items: what it says, in a row; none where there is nothing to show.
        is_answer: a model, or a tool of it, wrote it.
        model: where it is known.
    """

    key: str
    parent: str | None
    items: tuple[Item, ...]
    created_at: int
    is_answer: bool
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Grown:
    """The tree that nodes make; everything that a model wrote between two words of a person is one answer."""

    items: tuple[FoundItem, ...]
    responses: tuple[ExportedResponse, ...]
    head: str | None


def grown(nodes: Iterable[Node], head: str | None, *, model: str) -> Grown:
    """The tree; `model` is named where a node does not know its own, `head` is the node that is shown last."""
    ends: dict[str | None, str | None] = {}
    answers: dict[str | None, str | None] = {}
    items: list[FoundItem] = []
    models: dict[str, str | None] = {}
    times: dict[str, int] = {}
    for node in in_order(nodes):
        answer = answers.get(node.parent)
        if node.items:
            answer = (answer or node.key) if node.is_answer else None
        if answer is not None:
            models[answer] = models.get(answer) or node.model
            times.setdefault(answer, node.created_at)
        end = ends.get(node.parent)
        for number, item in enumerate(node.items):
            key = f"{node.key}/{number}"
            items.append(FoundItem(key, end, item, node.created_at, answer))
            end = key
        ends[node.key], answers[node.key] = end, answer
    used = {item.response for item in items}
    return Grown(
        tuple(items),
        tuple(_response(id_, name or model, times[id_]) for id_, name in models.items() if id_ in used),
        ends.get(head) or (items[-1].key if items else None),
    )


def said(text: str, *more: InputImage | InputText) -> tuple[Item, ...]:
    """What a person said; nothing where there are no words and no pictures."""
    parts = (*((InputText(text=text),) if text.strip() else ()), *more)
    return (Message(id="", role="user", status="completed", content=parts),) if parts else ()


def instructed(text: str) -> tuple[Item, ...]:
    """Instructions that were part of the conversation."""
    part = InputText(text=text)
    return (Message(id="", role="system", status="completed", content=(part,)),) if text.strip() else ()


def answered(text: str) -> tuple[Item, ...]:
    """What a model said."""
    part = OutputText(text=text, annotations=())
    return (Message(id="", role="assistant", status="completed", content=(part,)),) if text.strip() else ()


def thought(text: str) -> tuple[Item, ...]:
    """What a model thought, or did on the way; it is shown to people and to no model."""
    return (Reasoning(id="", summary=(), content=(ReasoningText(text=text),)),) if text.strip() else ()


def called(call_id: str, name: str, arguments: str) -> FunctionCall:
    """A model's use of a tool; `arguments` is a JSON object."""
    kept = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "_-") else "_" for letter in name)
    return FunctionCall(id="", call_id=call_id, name=kept[:64] or "tool", arguments=arguments, status="completed")


def title_of(raw: object) -> str | None:
    """A title of another program, as long as ours may be."""
    return " ".join(raw.split())[:LONGEST_TITLE] or None if isinstance(raw, str) else None


def _response(id_: str, model: str, created_at: int) -> ExportedResponse:
    return ExportedResponse(
        id=id_, status="completed", model=model[:200], created_at=created_at, input_leaf=None, output_leaf=None
    )
