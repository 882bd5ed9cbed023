"""What every store promises about prompts and their versions."""

import asyncio

import pytest

from maru.protocol.prompts import MAX_PROMPTS, MAX_VERSIONS
from maru.store.base import DuplicatePromptError, NotFoundError, Store, TooManyPromptsError
from maru.store.prompts import Prompt, PromptVersion, PromptWords

LETTER = PromptWords("A letter", "letter", "Write to {{name:Mina}}.")


async def test_a_prompt_comes_back_as_it_was_made(store: Store, owner: str) -> None:
    """Text in any script, and what looks like code."""
    words = PromptWords("편지 👋", "편지", "{{이름}}에게\n\n<b>'x'</b> %s ? :its_owner ")
    made = await store.add_prompt(owner, words, now=10)
    assert made == Prompt(made.id, 10, PromptVersion(1, words, 10))
    assert await store.prompts_of(owner) == (made,)
    assert await store.prompt_for(owner, made.id) == made


async def test_every_save_is_a_version(store: Store, owner: str) -> None:
    """Newest first; what is brought back is the newest once more, and saving the same is no version."""
    made = await store.add_prompt(owner, LETTER, now=10)
    other = PromptWords("A letter", "brief", "Write to {{name}}.")
    changed = await store.change_prompt(owner, made.id, other, now=20)
    assert changed == Prompt(made.id, 10, PromptVersion(2, other, 20))
    assert await store.change_prompt(owner, made.id, other, now=30) == changed
    back = await store.change_prompt(owner, made.id, LETTER, now=40)
    assert await store.prompts_of(owner) == (back,)
    assert await store.prompt_versions_of(owner, made.id) == (
        PromptVersion(3, LETTER, 40),
        PromptVersion(2, other, 20),
        PromptVersion(1, LETTER, 10),
    )


async def test_of_too_many_versions_the_oldest_goes(store: Store, owner: str) -> None:
    """Their numbers go on."""
    made = await store.add_prompt(owner, LETTER, now=0)
    for number in range(1, MAX_VERSIONS + 2):
        await store.change_prompt(owner, made.id, PromptWords("A letter", "letter", str(number)), now=number)
    versions = await store.prompt_versions_of(owner, made.id)
    assert [one.number for one in versions] == list(range(MAX_VERSIONS + 2, 2, -1))


async def test_a_word_is_of_one_prompt(store: Store, owner: str) -> None:
    """Also when two come at once; a prompt keeps its own word."""
    results = await asyncio.gather(*(store.add_prompt(owner, LETTER, now=1) for _ in range(3)), return_exceptions=True)
    (made,) = [result for result in results if isinstance(result, Prompt)]
    assert {type(result) for result in results} == {Prompt, DuplicatePromptError}
    second = await store.add_prompt(owner, PromptWords("Another", "other", "x"), now=2)
    with pytest.raises(DuplicatePromptError) as refused:
        await store.change_prompt(owner, second.id, PromptWords("Another", "letter", "y"), now=3)
    assert refused.value.prompt_id == made.id
    assert (await store.change_prompt(owner, made.id, PromptWords("Mine", "letter", "z"), now=4)).newest.number == 2


async def test_there_are_only_so_many(store: Store, owner: str) -> None:
    """One that is gone makes room."""
    many = [await store.add_prompt(owner, PromptWords("t", f"w{number}", "x"), now=1) for number in range(MAX_PROMPTS)]
    with pytest.raises(TooManyPromptsError):
        await store.add_prompt(owner, LETTER, now=2)
    await store.remove_prompt(owner, many[-1].id)
    assert (await store.add_prompt(owner, LETTER, now=3)).newest.words == LETTER


async def test_a_prompt_that_is_gone_is_missing(store: Store, owner: str) -> None:
    """With all its versions."""
    made = await store.add_prompt(owner, LETTER, now=1)
    await store.remove_prompt(owner, made.id)
    assert await store.prompts_of(owner) == ()
    with pytest.raises(NotFoundError):
        await store.prompt_versions_of(owner, made.id)
    with pytest.raises(NotFoundError):
        await store.remove_prompt(owner, made.id)
