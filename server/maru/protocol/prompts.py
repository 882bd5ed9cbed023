"""What `/v1/prompts` takes and gives. Parsed like every request: see `requests.py`."""

import unicodedata
from typing import Annotated, Literal

import msgspec
from pydantic import AfterValidator, StringConstraints
from pydantic_core import PydanticCustomError

from maru.protocol.incoming import Incoming

MAX_PROMPTS = 200
MAX_VERSIONS = 100
MAX_TITLE_CHARS = 80
MAX_WORD_CHARS = 32
MAX_PROMPT_CHARS = 10_000
COMMAND_WORDS = frozenset(
    ("new", "temporary", "model", "compare", "again", "search", "memory", "instructions", "prompts", "keys")
)
"""What the page runs itself after a slash, as `ui/src/core/command-words.ts` has it."""

_UNSEEN = frozenset({"Cf", "Zs"})
_OF_WORDS = frozenset({"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"})


def _one_line(title: str) -> str:
    kinds = {unicodedata.category(character) for character in title}
    if kinds & {"Cc", "Zl", "Zp", "Cs"} or kinds <= _UNSEEN:
        raise PydanticCustomError("value_error", "A title is one line that shows something")
    return title


def _word(word: str) -> str:
    folded = unicodedata.normalize("NFC", word).lower()
    if any(unicodedata.category(one) not in _OF_WORDS and one not in "-_" for one in folded):
        raise PydanticCustomError("value_error", "A word is made of letters, digits, '-' and '_'")
    return folded


def _says_something(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("value_error", "A prompt has to say something")
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in text):
        raise PydanticCustomError("value_error", "A text holds no lone surrogates and no NUL")
    return text


PromptTitle = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TITLE_CHARS),
    AfterValidator(_one_line),
]
PromptWord = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WORD_CHARS), AfterValidator(_word)
]
PromptText = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_PROMPT_CHARS), AfterValidator(_says_something)
]


class PromptCreate(Incoming):
    """`POST /v1/prompts`."""

    title: PromptTitle
    word: PromptWord
    text: PromptText


class PromptUpdate(Incoming):
    """`POST /v1/prompts/{prompt_id}`; what is absent stays."""

    title: PromptTitle | None = None
    word: PromptWord | None = None
    text: PromptText | None = None


class PromptBody(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt as it was saved last, and how often it was."""

    id: str
    object: Literal["maru.prompt"] = "maru.prompt"
    title: str
    word: str
    text: str
    version: int
    created_at: int
    updated_at: int


class PromptList(msgspec.Struct, frozen=True, kw_only=True):
    """All prompts, in the order of making."""

    object: Literal["list"] = "list"
    data: tuple[PromptBody, ...]


class PromptVersionBody(msgspec.Struct, frozen=True, kw_only=True):
    """A prompt as it was saved once."""

    object: Literal["maru.prompt.version"] = "maru.prompt.version"
    version: int
    title: str
    word: str
    text: str
    created_at: int


class PromptVersionList(msgspec.Struct, frozen=True, kw_only=True):
    """All versions that are kept, newest first."""

    object: Literal["list"] = "list"
    data: tuple[PromptVersionBody, ...]
