"""The seam `store/prompts.py` without a disk."""

from maru.ids import new_id
from maru.protocol.prompts import MAX_PROMPTS, MAX_VERSIONS
from maru.store.base import DuplicatePromptError, NotFoundError, TooManyPromptsError
from maru.store.in_memory_tree import Belongings, InMemoryPart
from maru.store.prompts import Prompt, PromptVersion, PromptWords, of_same_word


class InMemoryPrompts(InMemoryPart):
    """A `PromptStore` in dicts."""

    async def prompts_of(self, owner: str) -> tuple[Prompt, ...]:
        """See `PromptStore.prompts_of`."""
        return _all_of(self._peek(owner))

    async def prompt_for(self, owner: str, prompt_id: str) -> Prompt:
        """See `PromptStore.prompt_for`."""
        return _one(self._peek(owner), prompt_id)

    async def prompt_versions_of(self, owner: str, prompt_id: str) -> tuple[PromptVersion, ...]:
        """See `PromptStore.prompt_versions_of`."""
        mine = self._peek(owner)
        _one(mine, prompt_id)
        return tuple(reversed(mine.prompts[prompt_id][1]))

    async def add_prompt(self, owner: str, words: PromptWords, *, now: int) -> Prompt:
        """See `PromptStore.add_prompt`."""
        mine = self._of(owner)
        if (same := of_same_word(_all_of(mine), words.word)) is not None:
            raise DuplicatePromptError(same.id, words.word)
        if len(mine.prompts) >= MAX_PROMPTS:
            raise TooManyPromptsError(f"there are {MAX_PROMPTS} prompts already")
        id_ = new_id("prompt")
        mine.prompts[id_] = (now, [PromptVersion(1, words, now)])
        return _one(mine, id_)

    async def change_prompt(self, owner: str, prompt_id: str, words: PromptWords, *, now: int) -> Prompt:
        """See `PromptStore.change_prompt`."""
        mine = self._peek(owner)
        before = _one(mine, prompt_id)
        others = (prompt for prompt in _all_of(mine) if prompt.id != prompt_id)
        if (same := of_same_word(others, words.word)) is not None:
            raise DuplicatePromptError(same.id, words.word)
        if before.newest.words != words:
            created_at, versions = mine.prompts[prompt_id]
            kept = [*versions, PromptVersion(before.newest.number + 1, words, now)][-MAX_VERSIONS:]
            mine.prompts[prompt_id] = (created_at, kept)
        return _one(mine, prompt_id)

    async def remove_prompt(self, owner: str, prompt_id: str) -> None:
        """See `PromptStore.remove_prompt`."""
        mine = self._peek(owner)
        _one(mine, prompt_id)
        del mine.prompts[prompt_id]


def _all_of(mine: Belongings) -> tuple[Prompt, ...]:
    return tuple(_one(mine, id_) for id_ in mine.prompts)


def _one(mine: Belongings, prompt_id: str) -> Prompt:
    if prompt_id not in mine.prompts:
        raise NotFoundError("prompt", prompt_id)
    created_at, versions = mine.prompts[prompt_id]
    return Prompt(prompt_id, created_at, versions[-1])
