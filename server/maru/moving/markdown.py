"""The branch that a conversation shows, as Markdown for people. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Literal

from maru.protocol.items import (
    ContentPart,
    FunctionCall,
    FunctionCallOutput,
    InputFile,
    InputImage,
    InputText,
    Item,
    Message,
    OutputText,
    Refusal,
)

Language = Literal["en", "ko"]
WORDS = {
    "en": {
        "user": "You",
        "assistant": "Answer",
        "system": "Instructions",
        "developer": "Instructions",
        "call": "Used {name}",
        "output": "Result",
        "image": "image",
        "picture": "image: {name}",
        "file": "file: {name}",
        "untitled": "Untitled chat",
    },
    "ko": {
        "user": "나",
        "assistant": "답변",
        "system": "지시",
        "developer": "지시",
        "call": "{name} 사용",
        "output": "결과",
        "image": "이미지",
        "picture": "이미지: {name}",
        "file": "파일: {name}",
        "untitled": "제목 없는 대화",
    },
}
_TICKS = re.compile(r"`{3,}")
_SPACE = re.compile(r"\s+")


def markdown_of(title: str | None, created_at: int, branch: Iterable[Item], language: Language) -> str:
    """A heading, the day, and what was said; thinking is left out, as when an answer is copied."""
    words = WORDS[language]
    name = _SPACE.sub(" ", title or "").strip() or words["untitled"]
    day = datetime.fromtimestamp(created_at, UTC).date().isoformat()
    return "\n\n".join([f"# {name}", f"*{day}*", *_pieces(branch, words)]) + "\n"


def _pieces(branch: Iterable[Item], words: dict[str, str]) -> Iterator[str]:
    speaker = ""
    for item in branch:
        match item:
            case Message():
                text = "\n\n".join(filter(None, (_text(part, words) for part in item.content)))
                heading = words[item.role]
            case FunctionCall():
                text = f"**{words['call'].format(name=item.name)}**\n\n{_fenced(item.arguments)}"
                heading = words["assistant"]
            case FunctionCallOutput():
                output = item.output
                told = output if isinstance(output, str) else "\n\n".join(_text(part, words) for part in output)
                text, heading = f"**{words['output']}**\n\n{_fenced(told)}", words["assistant"]
            case _:
                continue
        if heading != speaker:
            yield f"---\n\n**{heading}**"
            speaker = heading
        if text:
            yield text


def _text(part: ContentPart, words: dict[str, str]) -> str:
    match part:
        case InputText() | OutputText():
            return part.text
        case Refusal():
            return part.refusal
        case InputImage():
            return f"*[{words['image'] if part.filename is None else words['picture'].format(name=part.filename)}]*"
        case InputFile():
            return f"*[{words['file'].format(name=part.filename or '?')}]*"


def _fenced(text: str) -> str:
    """In a block of code, whose fence is longer than any in the text."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"
