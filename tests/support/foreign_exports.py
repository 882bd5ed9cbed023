"""Exports of other programs, made up in their layouts."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from support.files import DOT

JsonObject = dict[str, Any]


def chatgpt_node(key: str, parent: str | None, role: str, content: object, **message: Any) -> JsonObject:
    """A node of a mapping; `content` is text, or a content object."""
    told = {"content_type": "text", "parts": [content]} if isinstance(content, str) else content
    body = {"id": key, "author": {"role": role}, "create_time": 1_700_000_000.5, "content": told, **message}
    return {"id": key, "parent": parent, "children": [], "message": body}


def chatgpt(id_: str, nodes: Iterable[JsonObject], current: str, **more: Any) -> JsonObject:
    """A conversation of ChatGPT; children are those that name a node as parent, in order."""
    root: JsonObject = {"id": "root", "parent": None, "children": [], "message": None}
    mapping = {"root": root, **{node["id"]: node for node in nodes}}
    for node in mapping.values():
        if node["parent"] in mapping:
            mapping[node["parent"]]["children"].append(node["id"])
    body = {"id": id_, "conversation_id": id_, "title": "Tea", "current_node": current, "mapping": mapping}
    return {
        **body,
        "create_time": 1_700_000_000.1,
        "update_time": 1_700_000_900.9,
        "default_model_slug": "gpt-4o",
        **more,
    }


def long_chatgpt(number: int, messages: int, words: str) -> JsonObject:
    """A conversation with an answer that was asked for twice at every fourth question, and a hidden node."""
    nodes = [chatgpt_node("hidden", "root", "system", "", metadata={"is_visually_hidden_from_conversation": True})]
    before = "hidden"
    for turn in range(messages // 2):
        question, answer = f"q{turn}", f"a{turn}"
        nodes.append(chatgpt_node(question, before, "user", f"{number} {turn} {words}"))
        if turn % 4 == 0:
            model = {"model_slug": "gpt-3.5"}
            nodes.append(chatgpt_node(f"b{turn}", question, "assistant", f"other {words}", metadata=model))
        nodes.append(
            chatgpt_node(answer, question, "assistant", f"{turn} {words} 그래요.", metadata={"model_slug": "gpt-4o"})
        )
        before = answer
    return chatgpt(f"00000000-{number:08}", nodes, before, title=f"Chat {number}")


def array_of(records: Iterable[JsonObject]) -> Iterator[bytes]:
    """A JSON array, a record at a time."""
    yield b"["
    for number, record in enumerate(records):
        yield (b"," if number else b"") + json.dumps(record).encode()
    yield b"]"


CLAUDE: JsonObject = {
    "uuid": "c1",
    "name": "Claude's tea",
    "created_at": "2025-01-02T03:04:05.123456Z",
    "updated_at": "2025-01-02T04:00:00Z",
    "chat_messages": [
        {
            "uuid": "m1",
            "sender": "human",
            "text": "Which tea?",
            "content": [{"type": "text", "text": "Which tea?"}],
            "created_at": "2025-01-02T03:04:05Z",
            "attachments": [{"file_name": "list.txt", "extracted_content": "barley\nrice"}],
            "files": [{"file_name": "photo.png"}],
        },
        {
            "uuid": "m2",
            "sender": "assistant",
            "text": "Barley.",
            "content": [
                {"type": "thinking", "thinking": "The list has barley."},
                {"type": "tool_use", "id": "t1", "name": "search", "input": {"q": "barley"}},
                {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "found"}]},
                {"type": "tool_use", "id": "t2", "name": "never answered", "input": {}},
                {"type": "text", "text": "Barley."},
            ],
        },
    ],
}
SUMMARY = "\n<summary>Thought</summary>"
PIXEL = DOT
FILES = [{"type": "image", "url": PIXEL}, {"type": "file", "name": "x.pdf"}]
OPEN_WEBUI: JsonObject = {
    "id": "o1",
    "user_id": "u",
    "title": "보리차",
    "updated_at": 1_700_000_100,
    "created_at": 1_700_000_000,
    "chat": {
        "models": ["llama3"],
        "history": {
            "currentId": "b",
            "messages": {
                "q": {
                    "id": "q",
                    "parentId": None,
                    "childrenIds": ["a", "b"],
                    "role": "user",
                    "content": "차?",
                    "timestamp": 1_700_000_000,
                    "files": FILES,
                },
                "a": {
                    "id": "a",
                    "parentId": "q",
                    "childrenIds": [],
                    "role": "assistant",
                    "content": "하나",
                    "model": "m1",
                },
                "b": {
                    "id": "b",
                    "parentId": "q",
                    "childrenIds": [],
                    "role": "assistant",
                    "content": f'<details type="reasoning" done="true">{SUMMARY}\n> hm\n</details>\n둘',
                    "model": "m2",
                },
            },
        },
    },
}
LOOKED_UP = {"id": "k", "name": "look up", "args": "tea", "output": "hot"}
LIBRECHAT: JsonObject = {
    "conversationId": "l1",
    "endpoint": "openAI",
    "title": "Libre tea",
    "exportAt": "10:00:00 GMT+0000",
    "recursive": True,
    "options": {"model": "gpt-4"},
    "messages": [
        {
            "messageId": "q",
            "parentMessageId": "00000000-0000-0000-0000-000000000000",
            "isCreatedByUser": True,
            "sender": "User",
            "text": "Tea?",
            "createdAt": "2024-05-01T10:00:00.000Z",
            "children": [
                {
                    "messageId": "a",
                    "isCreatedByUser": False,
                    "text": "",
                    "model": "gpt-4o",
                    "content": [
                        {"type": "think", "think": "hm"},
                        {
                            "type": "tool_call",
                            "tool_call": LOOKED_UP,
                        },
                        {"type": "text", "text": {"value": "Green."}},
                    ],
                    "createdAt": "2024-05-01T10:00:09.000Z",
                    "children": [],
                },
                {"messageId": "b", "isCreatedByUser": False, "text": "Black.", "createdAt": "2024-05-01T10:01:00.000Z"},
            ],
        }
    ],
}
