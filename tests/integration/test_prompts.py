"""Prompts over real HTTP: their calls and bounds, whose they are, and their way out of one Maru and into another."""

import json
import re
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from maru.protocol.prompts import COMMAND_WORDS, MAX_PROMPT_CHARS
from support.socket_server import InProcess, in_process

LETTER = {"title": "A letter", "word": "letter", "text": "Write to {{name:Mina}}."}


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server in this process."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with maru.session.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def _add(maru: InProcess, **words: str) -> Any:
    status, made = await _ask(maru, "POST", "/v1/prompts", {**LETTER, **words})
    assert status == 200, made
    return made


async def _export(maru: InProcess) -> bytes:
    async with maru.session.get("/v1/export") as answer:
        return await answer.read()


async def _import(maru: InProcess, lines: bytes) -> list[Any]:
    async with maru.session.post("/v1/import?name=e.jsonl", data=lines) as answer:
        return [json.loads(line) for line in (await answer.read()).splitlines()]


async def test_a_prompt_is_made_changed_and_removed(maru: InProcess) -> None:
    """A word is folded; what is absent in a change stays; each save is a version."""
    made = await _add(maru, word=" Letter ")
    assert made.pop("created_at") == made.pop("updated_at") > 1_700_000_000
    assert made.pop("id").startswith("prompt_")
    assert made == {"object": "maru.prompt", **LETTER, "version": 1}
    (kept,) = (await _ask(maru, "GET", "/v1/prompts"))[1]["data"]
    status, changed = await _ask(maru, "POST", f"/v1/prompts/{kept['id']}", {"text": "Shorter."})
    assert (status, changed["version"], changed["text"], changed["title"]) == (200, 2, "Shorter.", "A letter")
    _, versions = await _ask(maru, "GET", f"/v1/prompts/{kept['id']}/versions")
    assert [(one["version"], one["text"]) for one in versions["data"]] == [(2, "Shorter."), (1, LETTER["text"])]
    gone = {"id": kept["id"], "object": "maru.prompt.deleted", "deleted": True}
    assert await _ask(maru, "DELETE", f"/v1/prompts/{kept['id']}") == (200, gone)
    assert (await _ask(maru, "GET", "/v1/prompts"))[1]["data"] == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", " "),
        ("title", "two\nlines"),
        ("title", "x" * 81),
        ("word", "two words"),
        ("word", "/letter"),
        ("word", "x" * 33),
        ("text", " \n"),
        ("text", "a\0b"),
        ("text", "x" * (MAX_PROMPT_CHARS + 1)),
    ],
)
async def test_what_cannot_be_kept_is_refused_by_name(maru: InProcess, field: str, value: str) -> None:
    """Nothing is kept then."""
    status, refused = await _ask(maru, "POST", "/v1/prompts", {**LETTER, field: value})
    assert (status, refused["error"]["param"]) == (400, field)
    assert (await _ask(maru, "GET", "/v1/prompts"))[1]["data"] == []


async def test_a_taken_word_and_a_strangers_prompt(maru: InProcess) -> None:
    """The first is told with the prompt that has it; the second looks missing."""
    made = await _add(maru)
    status, refused = await _ask(maru, "POST", "/v1/prompts", LETTER)
    assert (status, refused["error"]["code"], refused["error"]["param"]) == (400, "duplicate_prompt", "word")
    assert made["id"] in refused["error"]["message"]
    stranger = await maru.key_of_a_stranger()
    assert (await _ask(maru, "GET", "/v1/prompts", key=stranger))[1]["data"] == []
    for method, path in (("POST", ""), ("DELETE", ""), ("GET", "/versions")):
        body = {"text": "mine"} if method == "POST" else None
        status, _ = await _ask(maru, method, f"/v1/prompts/{made['id']}{path}", body, key=stranger)
        assert status == 404


async def test_all_of_it_goes_out_and_comes_back(maru: InProcess) -> None:
    """Every version with its time, and custom instructions; the same file again makes nothing twice."""
    made = await _add(maru)
    await _ask(maru, "POST", f"/v1/prompts/{made['id']}", {"text": "Second {{b}}."})
    await _add(maru, title="편지", word="편지", text="{{이름}}에게")
    await _ask(maru, "POST", "/v1/instructions", {"about": "I teach physics.", "style": "", "enabled": False})
    exported = await _export(maru)
    async with in_process() as other:
        *records, report = await _import(other, exported)
        assert [(one["outcome"], one["title"], one["source"]) for one in records] == [
            ("imported", None, "maru"),
            ("imported", "A letter", "maru"),
            ("imported", "편지", "maru"),
        ]
        assert report["imported"] == 3
        lines, again = exported.splitlines()[1:], (await _export(other)).splitlines()[1:]
        assert again == lines
        *records, report = await _import(other, exported)
        assert {one["why"] for one in records} == {"here_already"}
        assert await _export(other) != b""
        assert (await _export(other)).splitlines()[1:] == lines


async def test_what_is_here_already_stays(maru: InProcess) -> None:
    """A prompt whose word is taken gets another one; a damaged one harms no other."""
    await _add(maru)
    await _ask(maru, "POST", "/v1/instructions", {"about": "theirs"})
    exported = await _export(maru)
    damaged = b'{"object":"maru.prompt","created_at":1,"versions":[]}\n'
    async with in_process() as other:
        await _ask(other, "POST", "/v1/prompts", {**LETTER, "text": "Mine."})
        await _ask(other, "POST", "/v1/instructions", {"about": "mine"})
        *records, _ = await _import(other, exported + damaged)
        assert [one["outcome"] for one in records] == ["skipped", "imported", "failed"]
        words = [one["word"] for one in (await _ask(other, "GET", "/v1/prompts"))[1]["data"]]
        assert words == ["letter", "letter-2"]
        assert (await _ask(other, "GET", "/v1/instructions"))[1]["about"] == "mine"


@pytest.mark.parametrize("word", ["new", " Model "])
async def test_a_command_of_the_page_is_no_word_of_a_prompt(maru: InProcess, word: str) -> None:
    """Whichever program asks: the page would run the command, and the prompt could not be told from it."""
    status, refused = await _ask(maru, "POST", "/v1/prompts", {**LETTER, "word": word})
    assert (status, refused["error"]["code"], refused["error"]["param"]) == (400, "reserved_word", "word")
    made = await _add(maru)
    status, refused = await _ask(maru, "POST", f"/v1/prompts/{made['id']}", {"word": word})
    assert (status, refused["error"]["code"]) == (400, "reserved_word")
    assert (await _ask(maru, "GET", "/v1/prompts"))[1]["data"] == [made]


def test_the_page_and_the_server_know_the_same_commands() -> None:
    """Each has a list of its own: the page runs them, the server refuses them as words of prompts."""
    page = (Path(__file__).parents[2] / "ui" / "src" / "core" / "command-words.ts").read_text(encoding="utf-8")
    words = re.search(r"COMMAND_WORDS = \[(.*?)\]", page, re.DOTALL)
    assert words is not None
    assert set(re.findall(r'"(\w+)"', words[1])) == COMMAND_WORDS


async def test_what_comes_in_is_kept_as_if_it_was_written_here(maru: InProcess) -> None:
    """Folded and stripped, and under another word than a command of the page."""
    version = {"object": "maru.prompt.version", "version": 1, "created_at": 1}
    lines = [
        {
            "object": "maru.prompt",
            "created_at": 1,
            "versions": [{**version, "title": f" {word} ", "word": word, "text": word}],
        }
        for word in (" Ke\u0301ys ", "Keys")
    ]
    custom = {"object": "maru.instructions", "enabled": True, "about": " physics ", "style": "\n"}
    sent = b"".join(json.dumps(one).encode() + b"\n" for one in (*lines, custom))
    exported = await _export(maru)
    records = await _import(maru, exported + sent)
    assert [one["outcome"] for one in records[:3]] == ["imported"] * 3, records
    made = (await _ask(maru, "GET", "/v1/prompts"))[1]["data"]
    assert [(one["title"], one["word"]) for one in made] == [("Ke\u0301ys", "kéys"), ("Keys", "keys-2")]
    about = (await _ask(maru, "GET", "/v1/instructions"))[1]
    assert (about["about"], about["style"]) == ("physics", "")
