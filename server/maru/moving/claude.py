"""Conversations of Claude's export: `chat_messages` in a row, or with parents in newer ones. Pure."""

from typing import Any

import msgspec

from maru.moving.found import Found, UnreadableError
from maru.moving.nodes import Node, answered, called, grown, said, thought, title_of
from maru.moving.values import maybe_text, record, rows, seconds, text
from maru.protocol.items import FunctionCallOutput, Item

SOURCE = "claude"


def is_claude(found: dict[str, Any]) -> bool:
    """Whether this is a conversation of Claude."""
    return isinstance(found.get("chat_messages"), list)


def read_claude(found: dict[str, Any]) -> Found:
    """The conversation.

    Raises:
        UnreadableError: it has no name.
    """
    source_id = maybe_text(found.get("uuid"))
    if source_id is None:
        raise UnreadableError("it has no id")
    nodes: list[Node] = []
    for number, message in enumerate(rows(found["chat_messages"])):
        before = nodes[-1].key if nodes else None
        is_answer = message.get("sender") == "assistant"
        key = maybe_text(message.get("uuid")) or f"message {number}"
        parent = maybe_text(message.get("parent_message_uuid")) or before
        items = _answer(message) if is_answer else said("\n\n".join(filter(None, (_text(message), *_files(message)))))
        nodes.append(Node(key, parent, items, seconds(message.get("created_at")), is_answer))
    model = maybe_text(found.get("model")) or "claude"
    tree = grown(nodes, maybe_text(found.get("current_leaf_message_uuid")), model=model)
    created_at = seconds(found.get("created_at"))
    return Found(
        source=SOURCE,
        source_id=source_id,
        title=title_of(found.get("name")),
        created_at=created_at,
        updated_at=seconds(found.get("updated_at")) or created_at,
        head=tree.head,
        items=tree.items,
        responses=tree.responses,
    )


def _text(message: dict[str, Any]) -> str:
    blocks = [text(block.get("text")) for block in rows(message.get("content")) if block.get("type") == "text"]
    return "\n\n".join(filter(None, blocks)) or text(message.get("text"))


def _answer(message: dict[str, Any]) -> tuple[Item, ...]:
    blocks = rows(message.get("content"))
    outputs = {id_: block for block in blocks if (id_ := maybe_text(block.get("tool_use_id")))}
    items: list[Item] = []
    for block in blocks:
        match block.get("type"):
            case "text":
                items += answered(text(block.get("text")))
            case "thinking":
                items += thought(text(block.get("thinking")))
            case "tool_use" if (id_ := text(block.get("id"))) in outputs:
                arguments = msgspec.json.encode(record(block.get("input"))).decode()
                items.append(called(id_, text(block.get("name")), arguments))
                output = _output(outputs.pop(id_))
                items.append(FunctionCallOutput(id="", call_id=id_, output=output, status="completed"))
            case "tool_use":
                # Without its output it would confuse models.
                items += thought(f"{text(block.get('name'))} {msgspec.json.encode(block.get('input')).decode()}")
            case _:
                pass
    return tuple(items) or answered(text(message.get("text")))


def _output(block: dict[str, Any]) -> str:
    content = block.get("content")
    parts = (text(part.get("text")) for part in rows(content))
    return text(content) or "\n\n".join(filter(None, parts))


def _files(message: dict[str, Any]) -> list[str]:
    """Files as they were shown: the text of attachments, and the names of others."""
    attached = rows(message.get("attachments"))
    shown = [_shown(one) for one in attached]
    names = {text(one.get("file_name")) for one in attached}
    others = (text(one.get("file_name")) for key in ("files", "files_v2") for one in rows(message.get(key)))
    return [*shown, *(f"[file: {name}]" for name in dict.fromkeys(others) if name and name not in names)]


def _shown(attachment: dict[str, Any]) -> str:
    return f"[file: {text(attachment.get('file_name'))}]\n\n{text(attachment.get('extracted_content'))}".strip()
