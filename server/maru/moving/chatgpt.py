"""Conversations of ChatGPT's export: each is a `mapping` of nodes by id, of which many are not for people. Pure.

The layout is the same in one `conversations.json` and in the numbered files of newer exports.
"""

import re
from typing import Any

import msgspec

from maru.moving.found import Found, UnreadableError
from maru.moving.nodes import Node, answered, called, grown, instructed, said, thought, title_of
from maru.moving.values import maybe_text, record, rows, seconds, text, values
from maru.protocol.items import FunctionCallOutput, Item

SOURCE = "chatgpt"
HIDDEN_KINDS = frozenset({"user_editable_context", "model_editable_context", "reasoning_recap"})
# Where the page shows a chip, the text holds its name between characters that no font has.
_MARKS = re.compile("\ue200[^\ue200\ue201]{0,2000}\ue201")
_TICKS = re.compile(r"`{3,}")


def is_chatgpt(found: dict[str, Any]) -> bool:
    """Whether this is a conversation of ChatGPT."""
    return isinstance(found.get("mapping"), dict)


def read_chatgpt(found: dict[str, Any]) -> Found:
    """The conversation with all its branches.

    Raises:
        UnreadableError: it has no name.
    """
    source_id = maybe_text(found.get("conversation_id")) or maybe_text(found.get("id"))
    if source_id is None:
        raise UnreadableError("it has no id")
    mapping = {key: record(node) for key, node in record(found["mapping"]).items()}
    pictures: list[str] = []
    nodes = [_node(key, mapping, pictures) for key in _walk(mapping)]
    default_model = maybe_text(found.get("default_model_slug")) or "chatgpt"
    tree = grown(nodes, maybe_text(found.get("current_node")), model=default_model)
    created_at = seconds(found.get("create_time"))
    return Found(
        source=SOURCE,
        source_id=source_id,
        title=title_of(found.get("title")),
        created_at=created_at,
        updated_at=seconds(found.get("update_time")) or created_at,
        head=tree.head,
        items=tree.items,
        responses=tree.responses,
        notes=(f"{len(pictures)} pictures or sounds are named only: the export's JSON does not hold them",)
        if pictures
        else (),
    )


def _walk(mapping: dict[str, dict[str, Any]]) -> list[str]:
    """Keys from the roots down, siblings in their order; each once, also those that no root leads to."""
    waiting = [key for key, node in reversed(mapping.items()) if node.get("parent") not in mapping]
    seen: dict[str, None] = {}
    for start in (None, *mapping):
        if start is not None and start not in seen:
            waiting.append(start)
        while waiting:
            key = waiting.pop()
            if key in seen or key not in mapping:
                continue
            seen[key] = None
            children = [child for child in values(mapping[key].get("children")) if isinstance(child, str)]
            waiting += reversed(children)
    return list(seen)


def _node(key: str, mapping: dict[str, dict[str, Any]], pictures: list[str]) -> Node:
    node = mapping[key]
    parent = maybe_text(node.get("parent"))
    message = record(node.get("message"))
    metadata = record(message.get("metadata"))
    role = text(record(message.get("author")).get("role"))
    items = () if _is_hidden(message, metadata) else _items(key, mapping, role, pictures)
    return Node(
        key=key,
        parent=parent,
        items=items,
        created_at=seconds(message.get("create_time")),
        is_answer=role in {"assistant", "tool"},
        model=maybe_text(metadata.get("model_slug")) if role == "assistant" else None,
    )


def _is_hidden(message: dict[str, Any], metadata: dict[str, Any]) -> bool:
    kind = record(message.get("content")).get("content_type")
    return metadata.get("is_visually_hidden_from_conversation") is True or kind in HIDDEN_KINDS


def _items(key: str, mapping: dict[str, dict[str, Any]], role: str, pictures: list[str]) -> tuple[Item, ...]:
    message = record(mapping[key].get("message"))
    content = record(message.get("content"))
    words = _MARKS.sub("", _words(content, pictures))
    match role:
        case "user":
            return said("\n\n".join(filter(None, (words, *_attached(message)))))
        case "system":
            return instructed(words)
        case "tool":
            parent = text(mapping[key].get("parent"))
            output = FunctionCallOutput(id="", call_id=parent, output=words, status="completed")
            return (output,) if _is_call(parent, mapping) else thought(words)
        case "assistant":
            return _answer(key, words, message, is_call=_is_call(key, mapping))
        case _:
            return ()


def _answer(key: str, words: str, message: dict[str, Any], *, is_call: bool) -> tuple[Item, ...]:
    content = record(message.get("content"))
    kind = content.get("content_type")
    if kind == "thoughts":
        return thought(words)
    if is_call:
        return (called(key, text(message.get("recipient")), _arguments(words)),)
    if kind == "code" or _recipient(message) is not None:
        return answered(_fenced(words, text(content.get("language"))))
    return answered(words)


def _is_call(key: str, mapping: dict[str, dict[str, Any]]) -> bool:
    """Whether a node asks for a tool and all that follows is its output; a call without one would confuse models."""
    node = mapping.get(key, {})
    message = record(node.get("message"))
    children = [mapping.get(child, {}) for child in values(node.get("children")) if isinstance(child, str)]
    answers = [record(record(child.get("message")).get("author")).get("role") == "tool" for child in children]
    is_asked = record(message.get("author")).get("role") == "assistant" and _recipient(message) is not None
    return is_asked and bool(answers) and all(answers)


def _recipient(message: dict[str, Any]) -> str | None:
    name = text(message.get("recipient"))
    return None if name in {"", "all"} else name


def _words(content: dict[str, Any], pictures: list[str]) -> str:
    match content.get("content_type"):
        case "text" | "multimodal_text":
            return "\n\n".join(filter(None, (_part(part, pictures) for part in values(content.get("parts")))))
        case "thoughts":
            thoughts = rows(content.get("thoughts"))
            return "\n\n".join(text(one.get("content")) or text(one.get("summary")) for one in thoughts)
        case "tether_quote":
            named = (text(content.get(name)) for name in ("title", "url", "text"))
            return "\n\n".join(filter(None, named))
        case _:
            for name in ("text", "result", "summary", "content"):
                if words := text(content.get(name)):
                    return words
            return "\n\n".join(filter(None, (_part(part, pictures) for part in values(content.get("parts")))))


def _part(part: object, pictures: list[str]) -> str:
    if isinstance(part, str):
        return part
    found = record(part)
    kind, pointer = text(found.get("content_type")), text(found.get("asset_pointer"))
    if pointer or kind.endswith("asset_pointer"):
        pictures.append(pointer)
        sort = "sound" if "audio" in kind else "image"
        return f"[{sort}: {pointer.rsplit('/', 1)[-1] or 'unnamed'}]"
    return text(found.get("text"))


def _attached(message: dict[str, Any]) -> list[str]:
    files = rows(record(message.get("metadata")).get("attachments"))
    return [f"[file: {name}]" for one in files if (name := text(one.get("name")))]


def _arguments(words: str) -> str:
    try:
        given = msgspec.json.decode(words)
    except msgspec.DecodeError:
        given = None
    return words if isinstance(given, dict) else msgspec.json.encode({"input": words}).decode()


def _fenced(words: str, language: str) -> str:
    if not words.strip():
        return ""
    fence = "`" * max((len(ticks) + 1 for ticks in _TICKS.findall(words)), default=3)
    name = language if language.isalnum() and language != "unknown" else ""
    return f"{fence}{name}\n{words}\n{fence}"
