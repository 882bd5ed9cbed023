"""The part of the store's seam that keeps the prompts that a person uses again, with every version of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PromptWords:
    """What a person writes.

    Attributes:
        word: what is typed after a slash to use it, in small letters.
        text: with places for variables, which only the page fills.
    """

    title: str
    word: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptVersion:
    """The words as they were saved once: the `number`-th time, from 1, at `created_at` in Unix seconds."""

    number: int
    words: PromptWords
    created_at: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt as it was saved last; `created_at` in Unix seconds."""

    id: str
    created_at: int
    newest: PromptVersion


class PromptStore(Protocol):
    """Prompts of people; each method is one transaction."""

    async def prompts_of(self, owner: str) -> tuple[Prompt, ...]:
        """All prompts in the order of making."""
        ...

    async def prompt_for(self, owner: str, prompt_id: str) -> Prompt:
        """One of them."""
        ...

    async def prompt_versions_of(self, owner: str, prompt_id: str) -> tuple[PromptVersion, ...]:
        """All versions that are kept, newest first: `MAX_VERSIONS` at most."""
        ...

    async def add_prompt(self, owner: str, words: PromptWords, *, now: int) -> Prompt:
        """Keep one more.

        Raises:
            DuplicatePromptError: there is one of the same word.
            TooManyPromptsError: there are `MAX_PROMPTS`.
        """
        ...

    async def change_prompt(self, owner: str, prompt_id: str, words: PromptWords, *, now: int) -> Prompt:
        """Save it again: a new version, unless nothing is new. Of too many versions the oldest goes.

        Raises:
            DuplicatePromptError: another one has this word.
        """
        ...

    async def remove_prompt(self, owner: str, prompt_id: str) -> None:
        """The prompt and all its versions are gone."""
        ...


def of_same_word(prompts: Iterable[Prompt], word: str) -> Prompt | None:
    """The prompt that is used by this word, if any."""
    return next((prompt for prompt in prompts if prompt.newest.words.word == word), None)
