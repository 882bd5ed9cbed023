"""What a person keeps for all conversations, on its way in: prompts and custom instructions of an export of ours.

What is here already stays as it is: a prompt of the same words is not made twice, one whose word is taken gets another
word, and custom instructions come only where there are none.
"""

from itertools import count
from typing import Any

import msgspec
from msgspec.structs import replace

from maru.moving.found import UnreadableError
from maru.protocol.custom import CustomUpdate
from maru.protocol.errors import ApiError
from maru.protocol.exports import CUSTOM, PROMPT, ExportedCustom, ExportedPrompt
from maru.protocol.imports import Outcome, Why
from maru.protocol.prompts import COMMAND_WORDS, MAX_WORD_CHARS, PromptCreate, PromptVersionBody
from maru.protocol.requests import parse
from maru.store.base import Store, TooManyPromptsError
from maru.store.custom import CustomInstructions
from maru.store.prompts import PromptWords, of_same_word

Keepsake = ExportedPrompt | ExportedCustom


def keepsake_in(record: dict[str, Any]) -> Keepsake | None:
    """A prompt or custom instructions, if the record is one.

    Raises:
        UnreadableError: it is damaged, or of a later version of Maru.
    """
    try:
        if record.get("object") == PROMPT:
            prompt = msgspec.convert(record, ExportedPrompt)
            return replace(prompt, versions=tuple(map(_checked, prompt.versions)))
        if record.get("object") == CUSTOM:
            custom = msgspec.convert(record, ExportedCustom)
            told = parse(CustomUpdate, {"about": custom.about, "style": custom.style})
            return replace(custom, about=told.about or "", style=told.style or "")
    except msgspec.ValidationError as error:
        raise UnreadableError(str(error)) from error
    except ApiError as error:
        raise UnreadableError(error.message) from error
    return None


def title_of(keepsake: Keepsake) -> str | None:
    """What it is called."""
    return keepsake.versions[-1].title if isinstance(keepsake, ExportedPrompt) else None


async def keep(store: Store, owner: str, keepsake: Keepsake, *, now: int) -> tuple[Outcome, Why | None, str | None]:
    """Take it in: what became of it, why it did not come in, and more about that."""
    if isinstance(keepsake, ExportedPrompt):
        return await _keep_prompt(store, owner, keepsake, now)
    wanted = CustomInstructions(keepsake.enabled, keepsake.about, keepsake.style)
    before = await store.custom_instructions_of(owner)
    if before.about or before.style:
        differs = None if before == wanted else "custom instructions that are here already stay"
        return "skipped", "here_already", differs
    await store.keep_custom_instructions(owner, wanted)
    return "imported", None, None


async def _keep_prompt(
    store: Store, owner: str, prompt: ExportedPrompt, now: int
) -> tuple[Outcome, Why | None, str | None]:
    there = await store.prompts_of(owner)
    newest = prompt.versions[-1]
    if any((one.newest.words.title, one.newest.words.text) == (newest.title, newest.text) for one in there):
        return "skipped", "here_already", None
    word = newest.word
    for number in count(2):
        if of_same_word(there, word) is None and word not in COMMAND_WORDS:
            break
        word = f"{newest.word[: MAX_WORD_CHARS - 4]}-{number}"
    try:
        first, *later = prompt.versions
        kept = await store.add_prompt(owner, _words(first, word), now=min(first.created_at, now))
    except TooManyPromptsError as error:
        return "failed", "not_kept", str(error)
    for version in later:
        await store.change_prompt(owner, kept.id, _words(version, word), now=min(version.created_at, now))
    return "imported", None, None if word == newest.word else f"it is used by /{word}, as /{newest.word} is taken"


def _checked(version: PromptVersionBody) -> PromptVersionBody:
    """The version with its words as they would be kept if they were written here."""
    words = parse(PromptCreate, {"title": version.title, "word": version.word, "text": version.text})
    return replace(version, title=words.title, word=words.word, text=words.text)


def _words(version: PromptVersionBody, word: str) -> PromptWords:
    return PromptWords(version.title, word, version.text)
