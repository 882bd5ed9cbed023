"""What each program's export becomes: branches kept, what is hidden left out, calls never without their output."""

import time
from typing import Any

import pytest

from maru.moving.chatgpt import is_chatgpt, read_chatgpt
from maru.moving.claude import read_claude
from maru.moving.found import Found, UnreadableError, moved
from maru.moving.librechat import read_librechat
from maru.moving.open_webui import is_open_webui, read_open_webui
from maru.moving.ours import read_ours
from maru.protocol.items import FunctionCall, FunctionCallOutput, InputImage, InputText, Item, Message, Reasoning
from support.foreign_exports import CLAUDE, LIBRECHAT, OPEN_WEBUI, chatgpt, chatgpt_node, long_chatgpt

NOW = 1_790_000_000


def shown(item: Item) -> str:
    """An item in short."""
    match item:
        case Message():
            parts = (
                part.text if isinstance(part, InputText) else getattr(part, "text", "image") for part in item.content
            )
            return f"{item.role}: {' | '.join(parts)}"
        case FunctionCall():
            return f"call {item.name} {item.arguments}"
        case FunctionCallOutput():
            return f"output {item.output}"
        case Reasoning():
            return f"thought: {item.content[0].text if item.content else ''}"
        case _:
            return "sealed"


def branches(found: Found) -> list[list[str]]:
    """Each way from the root to a leaf, the one to the head first."""
    new = moved(found, now=NOW)
    stored = {one.item.id: one for one in new.items}
    parents = {one.parent_id for one in stored.values()}
    leaves = [id_ for id_ in stored if id_ not in parents]
    ways: list[list[str]] = []
    for leaf in sorted(leaves, key=lambda id_: id_ != new.conversation.head_id):
        way: list[str] = []
        at: str | None = leaf
        while at is not None:
            way.append(shown(stored[at].item))
            at = stored[at].parent_id
        ways.append(way[::-1])
    return ways


def read(*nodes: Any, current: str, **more: Any) -> Found:
    """A conversation of ChatGPT with these nodes."""
    return read_chatgpt(chatgpt("c1", nodes, current, **more))


def test_chatgpt_keeps_every_branch_and_which_is_shown() -> None:
    """An edited question and an answer that was asked for twice."""
    found = read(
        chatgpt_node("q1", "root", "user", "Tea?"),
        chatgpt_node("a1", "q1", "assistant", "Green.", metadata={"model_slug": "gpt-4"}),
        chatgpt_node("a2", "q1", "assistant", "Black.", metadata={"model_slug": "o3"}),
        chatgpt_node("q2", "root", "user", "차?"),
        chatgpt_node("a3", "q2", "assistant", "보리차."),
        current="a1",
    )
    assert branches(found) == [
        ["user: Tea?", "assistant: Green."],
        ["user: Tea?", "assistant: Black."],
        ["user: 차?", "assistant: 보리차."],
    ]
    assert (found.title, found.source_id, found.created_at, found.updated_at) == (
        "Tea",
        "c1",
        1_700_000_000,
        1_700_000_900,
    )
    assert {one.id: one.model for one in found.responses} == {"a1": "gpt-4", "a2": "o3", "a3": "gpt-4o"}


def test_chatgpt_nodes_that_are_hidden_are_passed_over() -> None:
    """What follows them stays, and a head on one of them moves up."""
    hidden = {"is_visually_hidden_from_conversation": True}
    context = {"content_type": "user_editable_context", "user_profile": "secret", "user_instructions": "secret"}
    found = read(
        chatgpt_node("s1", "root", "system", "secret", metadata=hidden),
        chatgpt_node("s2", "s1", "user", context),
        chatgpt_node("q1", "s2", "user", "Tea?"),
        chatgpt_node("s3", "q1", "system", ""),
        chatgpt_node("a1", "s3", "assistant", "Green."),
        chatgpt_node("end", "a1", "assistant", {"content_type": "reasoning_recap", "content": "Thought for 5s"}),
        current="end",
    )
    assert branches(found) == [["user: Tea?", "assistant: Green."]]


def test_chatgpt_tools_are_calls_with_their_output() -> None:
    """A call that got none is shown as words; an output that nobody called for as a thought."""
    code = {"content_type": "code", "language": "python", "text": "print(2)"}
    found = read(
        chatgpt_node("q1", "root", "user", "2?"),
        chatgpt_node("c1", "q1", "assistant", code, recipient="python"),
        chatgpt_node("o1", "c1", "tool", {"content_type": "execution_output", "text": "2"}),
        chatgpt_node("o2", "o1", "tool", "more"),
        chatgpt_node("a1", "o2", "assistant", "It is 2."),
        chatgpt_node("c2", "a1", "assistant", code, recipient="browser.run"),
        current="c2",
    )
    assert branches(found) == [
        [
            "user: 2?",
            'call python {"input":"print(2)"}',
            "output 2",
            "thought: more",
            "assistant: It is 2.",
            "assistant: ```python\nprint(2)\n```",
        ]
    ]
    stored = moved(found, now=NOW)
    assert len({one.response_id for one in stored.items[1:]}) == 1
    (response,) = stored.responses
    assert (response.input_leaf_id, response.output_leaf_id) == (stored.items[0].item.id, stored.items[-1].item.id)
    call, output = stored.items[1].item, stored.items[2].item
    assert isinstance(call, FunctionCall)
    assert isinstance(output, FunctionCallOutput)
    assert call.call_id == output.call_id


def test_chatgpt_pictures_thoughts_files_and_marks() -> None:
    """What the JSON does not hold is named; chips of the page leave no rubbish."""
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-abc", "width": 1}
    thoughts = {
        "content_type": "thoughts",
        "thoughts": [{"summary": "S", "content": "Hm."}, {"summary": "Then", "content": ""}],
    }
    found = read(
        chatgpt_node(
            "q1",
            "root",
            "user",
            {"content_type": "multimodal_text", "parts": [pointer, "What is it?"]},
            metadata={"attachments": [{"name": "a.pdf"}]},
        ),
        chatgpt_node("t1", "q1", "assistant", thoughts),
        chatgpt_node("a1", "t1", "assistant", "A cup\ue200cite\ue202turn0search1\ue201."),
        current="a1",
    )
    assert branches(found) == [
        ["user: [image: file-abc]\n\nWhat is it?\n\n[file: a.pdf]", "thought: Hm.\n\nThen", "assistant: A cup."]
    ]
    assert found.notes == ("1 pictures or sounds are named only: the export's JSON does not hold them",)


def test_chatgpt_circles_and_lost_parents_are_mended() -> None:
    """Exports that were damaged still hold words."""
    record = chatgpt("c1", [chatgpt_node("a", "b", "user", "A"), chatgpt_node("b", "a", "user", "B")], "gone")
    record["mapping"]["lost"] = chatgpt_node("lost", "nowhere", "user", "Lost")
    words = [word for branch in branches(read_chatgpt(record)) for word in branch]
    assert sorted(set(words)) == ["user: A", "user: B", "user: Lost"]


@pytest.mark.parametrize(
    "mapping", [{"a": None}, {"a": {"message": {"author": None, "content": None}}}, {"a": {"message": 5}}]
)
def test_chatgpt_nonsense_says_nothing(mapping: object) -> None:
    """And breaks nothing."""
    record: dict[str, Any] = {"id": "x", "mapping": mapping, "title": 5, "create_time": "never", "current_node": []}
    assert is_chatgpt(record)
    assert read_chatgpt(record).items == ()


def test_chatgpt_without_an_id_is_refused() -> None:
    """Sent again, it could not be known again."""
    with pytest.raises(UnreadableError):
        read_chatgpt({"mapping": {}})


def test_a_long_chain_is_no_deep_one() -> None:
    """Nothing here recurses."""
    found = read_chatgpt(long_chatgpt(1, 20_000, "tea"))
    assert len(moved(found, now=NOW).items) == 22_500


def test_claude() -> None:
    """Thinking, a call with its output, one without, attachments as the model saw them."""
    found = read_claude(CLAUDE)
    assert branches(found) == [
        [
            "user: Which tea?\n\n[file: list.txt]\n\nbarley\nrice\n\n[file: photo.png]",
            "thought: The list has barley.",
            'call search {"q":"barley"}',
            "output found",
            "thought: never answered {}",
            "assistant: Barley.",
        ]
    ]
    assert (found.title, found.created_at) == ("Claude's tea", 1_735_787_045)


def test_open_webui() -> None:
    """Branches, pictures that are in the file, and thinking that stands in the words."""
    found = read_open_webui(OPEN_WEBUI)
    assert is_open_webui(OPEN_WEBUI)
    assert branches(found) == [
        ["user: 차?\n\n[file: x.pdf] | image", "thought: hm", "assistant: 둘"],
        ["user: 차?\n\n[file: x.pdf] | image", "assistant: 하나"],
    ]
    first = moved(found, now=NOW).items[0].item
    assert isinstance(first, Message)
    assert isinstance(first.content[1], InputImage)
    assert sorted(one.model for one in found.responses) == ["m1", "m2"]


def test_librechat() -> None:
    """Messages in each other, parts of an answer."""
    found = read_librechat(LIBRECHAT)
    assert branches(found)[1:] == [
        ["user: Tea?", "thought: hm", 'call look_up {"input":"tea"}', "output hot", "assistant: Green."]
    ]
    assert branches(found)[0] == ["user: Tea?", "assistant: Black."]
    assert (found.title, found.created_at, found.updated_at) == ("Libre tea", 1_714_557_600, 1_714_557_660)


def test_nothing_that_an_engine_would_fetch_comes_in() -> None:
    """An address in a file must not make the server look at its own network."""
    record = {
        **OPEN_WEBUI,
        "chat": {
            "history": {
                "messages": {
                    "q": {
                        "role": "user",
                        "content": "x",
                        "files": [{"type": "image", "url": "http://169.254.169.254/"}],
                    }
                }
            }
        },
    }
    assert branches(read_open_webui(record)) == [["user: x"]]
    item = {
        "type": "message",
        "id": "m",
        "role": "user",
        "status": "completed",
        "content": [{"type": "input_image", "image_url": "http://localhost/x", "detail": "auto"}],
        "maru:parent": None,
        "maru:response": None,
        "maru:pinned": False,
        "created_at": 1,
    }
    ours: dict[str, Any] = {
        "object": "maru.conversation",
        "id": "conv_1",
        "title": None,
        "created_at": 1,
        "updated_at": 1,
        "metadata": {},
        "head": "m",
        "items": [item],
        "responses": [],
        "summaries": [],
        "feedback": {"ratings": [], "rankings": [], "demonstrations": []},
    }
    assert branches(read_ours(ours)) == [["user: [image: http://localhost/x]"]]
    sealed = {**item, "type": "compaction", "encrypted_content": "x", "id": "s"}
    below = {**item, "id": "n", "maru:parent": "s"}
    found = read_ours({**ours, "items": [item, {**sealed, "maru:parent": "m"}, below], "head": "n"})
    assert [len(branch) for branch in branches(found)] == [2]
    assert "sealed" in found.notes[0]


@pytest.mark.parametrize(
    "change", [{"version": 2}, {"items": [{"type": "odd"}]}, {"metadata": {"a": "x" * 513}}, {"head": 5}]
)
def test_ours_of_a_later_version_is_refused(change: dict[str, Any]) -> None:
    """Half of it would be worse than none."""
    ours: dict[str, Any] = {
        "object": "maru.conversation",
        "id": "conv_1",
        "title": None,
        "created_at": 1,
        "updated_at": 1,
        "metadata": {},
        "head": None,
        "items": [],
        "responses": [],
        "summaries": [],
        "feedback": {"ratings": [], "rankings": [], "demonstrations": []},
    }
    assert read_ours(ours).items == ()
    with pytest.raises(UnreadableError):
        read_ours({**ours, **change})


def of_open_webui(words: str) -> Found:
    """A chat of one answer."""
    message = {"role": "assistant", "content": words, "parentId": None}
    return read_open_webui({"id": "c", "chat": {"history": {"messages": {"a": message}, "currentId": "a"}}})


def test_open_webui_thinks_more_than_once() -> None:
    """What is never closed stays in the answer."""
    block = '<details type="reasoning" done="true">\n<summary>Thought</summary>\n> {}\n</details>\n'
    found = of_open_webui(f'One. {block.format("a")}Two. {block.format("b")}<details type="reasoning">three')
    assert [shown(item) for item in (one.item for one in moved(found, now=NOW).items)] == [
        "thought: a",
        "thought: b",
        'assistant: One. Two. <details type="reasoning">three',
    ]


@pytest.mark.parametrize(
    "words",
    [
        '<details type="reasoning">' * 4_000,
        '<details type="reasoning"' * 10_000,
        f'<details type="reasoning">{"<summary>" * 10_000}</details>',
    ],
)
def test_openings_without_a_close_take_no_time(words: str) -> None:
    """A file that is made to keep the server busy takes it no longer than another."""
    begin = time.process_time()
    of_open_webui(words)
    assert time.process_time() - begin < 0.5


def test_marks_of_chatgpt_that_do_not_end_take_no_time() -> None:
    """As above; a mark that ends behind another one that does not is still taken out."""
    begin = time.process_time()
    found = read(chatgpt_node("q", "root", "user", "\ue200" * 400_000 + "cite\ue201"), current="q")
    assert time.process_time() - begin < 1
    assert branches(found) == [["user: " + "\ue200" * 399_999]]
