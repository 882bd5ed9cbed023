"""Chats of Open WebUI's export: a `history` of messages by id, each with its parent. Pure."""

import re
from typing import Any

from maru.moving.found import Found, UnreadableError
from maru.moving.nodes import Node, answered, grown, instructed, said, thought, title_of
from maru.moving.values import maybe_text, record, rows, seconds, text, values
from maru.protocol.image_urls import is_inline
from maru.protocol.items import InputImage, Item

SOURCE = "open_webui"
_THINKING = ('<details type="reasoning"', "</details>")
_SUMMARY = ("<summary>", "</summary>")
_QUOTED = re.compile(r"^> ?", re.MULTILINE)


def is_open_webui(found: dict[str, Any]) -> bool:
    """Whether this is a chat of Open WebUI."""
    chat = record(found.get("chat"))
    return isinstance(record(chat.get("history")).get("messages"), dict) or isinstance(chat.get("messages"), list)


def read_open_webui(found: dict[str, Any]) -> Found:
    """The conversation with all its branches.

    Raises:
        UnreadableError: it has no name.
    """
    source_id = maybe_text(found.get("id")) or maybe_text(record(found["chat"]).get("id"))
    if source_id is None:
        raise UnreadableError("it has no id")
    chat = record(found["chat"])
    history = record(chat.get("history"))
    messages = [(key, record(one)) for key, one in record(history.get("messages")).items()]
    if not messages:
        messages = _in_a_row(rows(chat.get("messages")))
    nodes = [_node(key, message) for key, message in messages]
    model = next((name for name in values(chat.get("models")) if isinstance(name, str) and name), "open-webui")
    tree = grown(nodes, maybe_text(history.get("currentId")), model=model)
    created_at = seconds(found.get("created_at")) or seconds(chat.get("timestamp"))
    return Found(
        source=SOURCE,
        source_id=source_id,
        title=title_of(found.get("title")) or title_of(chat.get("title")),
        created_at=created_at,
        updated_at=seconds(found.get("updated_at")) or created_at,
        head=tree.head,
        items=tree.items,
        responses=tree.responses,
    )


def _in_a_row(messages: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    keys = [maybe_text(one.get("id")) or f"message {number}" for number, one in enumerate(messages)]
    before = (None, *keys)
    return [(key, {**one, "parentId": parent}) for key, one, parent in zip(keys, messages, before, strict=False)]


def _node(key: str, message: dict[str, Any]) -> Node:
    role = text(message.get("role"))
    return Node(
        key=key,
        parent=maybe_text(message.get("parentId")),
        items=_items(message, role),
        created_at=seconds(message.get("timestamp")),
        is_answer=role == "assistant",
        model=maybe_text(message.get("model")),
    )


def _items(message: dict[str, Any], role: str) -> tuple[Item, ...]:
    content = message.get("content")
    parts = rows(content)
    words = text(content) or "\n\n".join(filter(None, (text(part.get("text")) for part in parts)))
    match role:
        case "user":
            files = rows(message.get("files"))
            urls = [text(one.get("url")) for one in files if one.get("type") == "image"]
            images = (InputImage(image_url=url, detail="auto") for url in urls if is_inline(url))
            names = (text(one.get("name")) for one in files if one.get("type") != "image")
            return said("\n\n".join([words, *(f"[file: {name}]" for name in names if name)]).strip(), *images)
        case "assistant":
            folded, rest = _cut(words, *_THINKING)
            thoughts = (_QUOTED.sub("", _cut(one, *_SUMMARY)[1]).strip() for one in folded)
            return (*(item for one in thoughts for item in thought(one)), *answered(rest))
        case "system":
            return instructed(words)
        case _:
            return ()


def _cut(words: str, opening: str, close: str) -> tuple[list[str], str]:
    """What stands in an element, each time, and the words without it; one that is never closed stays.

    A regular expression would look for a close up to the end from each opening, also where there is none.
    """
    inside: list[str] = []
    outside: list[str] = []
    place = 0
    while (begin := words.find(opening, place)) >= 0:
        start = words.find(">", begin + len(opening) - 1) + 1
        end = words.find(close, start) if start else -1
        if end < 0:
            break
        inside.append(words[start:end])
        outside.append(words[place:begin])
        place = end + len(close)
    outside.append(words[place:])
    first, *others = outside
    return inside, first + "".join(one.lstrip() for one in others)
