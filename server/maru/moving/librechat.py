"""Conversations of LibreChat's export: one a file, its messages in a list or in each other. Pure."""

from typing import Any

import msgspec

from maru.moving.found import Found, UnreadableError
from maru.moving.nodes import Node, answered, called, grown, said, thought, title_of
from maru.moving.values import maybe_text, record, rows, seconds, text
from maru.protocol.items import FunctionCallOutput, Item

SOURCE = "librechat"


def is_librechat(found: dict[str, Any]) -> bool:
    """Whether this is a conversation of LibreChat."""
    has_messages = any(isinstance(found.get(name), list) for name in ("messages", "messagesTree"))
    return isinstance(found.get("conversationId"), str) and has_messages


def read_librechat(found: dict[str, Any]) -> Found:
    """The conversation with all its branches.

    Raises:
        UnreadableError: it has no name.
    """
    source_id = maybe_text(found.get("conversationId"))
    if source_id is None:
        raise UnreadableError("it has no id")
    options = record(found.get("options"))
    nodes = [_node(message, parent) for message, parent in _flat(found)]
    model = maybe_text(options.get("model")) or maybe_text(found.get("endpoint")) or "librechat"
    tree = grown(nodes, None, model=model)
    times = [item.created_at for item in tree.items if item.created_at]
    created_at = seconds(found.get("createdAt")) or min(times, default=seconds(found.get("exportAt")))
    return Found(
        source=SOURCE,
        source_id=source_id,
        title=title_of(found.get("title")),
        created_at=created_at,
        updated_at=seconds(found.get("updatedAt")) or max(times, default=created_at),
        head=tree.head,
        items=tree.items,
        responses=tree.responses,
    )


def _flat(found: dict[str, Any]) -> list[tuple[dict[str, Any], str | None]]:
    """Every message and its parent, whether the messages stand in a row or in each other."""
    tops = rows(found.get("messages")) or rows(found.get("messagesTree"))
    waiting = [(message, maybe_text(message.get("parentMessageId"))) for message in reversed(tops)]
    flat: list[tuple[dict[str, Any], str | None]] = []
    while waiting:
        message, parent = waiting.pop()
        flat.append((message, parent))
        key = maybe_text(message.get("messageId"))
        waiting += [(child, key) for child in reversed(rows(message.get("children")))]
    return flat


def _node(message: dict[str, Any], parent: str | None) -> Node:
    is_answer = message.get("isCreatedByUser") is not True
    return Node(
        key=maybe_text(message.get("messageId")) or f"{parent} below",
        parent=parent,
        items=_answer(message) if is_answer else said(_with_files(message)),
        created_at=seconds(message.get("createdAt")),
        is_answer=is_answer,
        model=maybe_text(message.get("model")),
    )


def _with_files(message: dict[str, Any]) -> str:
    names = (text(one.get("filename")) for one in rows(message.get("files")))
    return "\n\n".join([_text(message), *(f"[file: {name}]" for name in names if name)]).strip()


def _text(message: dict[str, Any]) -> str:
    parts = (_value(part.get("text")) for part in rows(message.get("content")) if part.get("type") == "text")
    return text(message.get("text")) or "\n\n".join(filter(None, parts))


def _value(raw: object) -> str:
    """A text, which stands in an object of its own in some versions."""
    return text(raw) or text(record(raw).get("value"))


def _answer(message: dict[str, Any]) -> tuple[Item, ...]:
    items: list[Item] = []
    for number, part in enumerate(rows(message.get("content"))):
        match part.get("type"):
            case "text":
                items += answered(_value(part.get("text")))
            case "think":
                items += thought(_value(part.get("think")))
            case "tool_call":
                items += _call(record(part.get("tool_call")), f"{text(message.get('messageId'))} {number}")
            case _:
                pass
    return tuple(items) or answered(text(message.get("text")))


def _call(call: dict[str, Any], key: str) -> tuple[Item, ...]:
    given = call.get("args")
    arguments = text(given) or msgspec.json.encode(record(given)).decode()
    try:
        is_object = isinstance(msgspec.json.decode(arguments), dict)
    except msgspec.DecodeError:
        is_object = False
    if not is_object:
        arguments = msgspec.json.encode({"input": arguments}).decode()
    id_ = maybe_text(call.get("id")) or key
    output = FunctionCallOutput(id="", call_id=id_, output=text(call.get("output")), status="completed")
    return (called(id_, text(call.get("name")), arguments), output)
