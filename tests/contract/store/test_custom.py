"""What every store promises about custom instructions."""

import pytest

from maru.store.base import NotFoundError, Store
from maru.store.custom import CustomInstructions


async def test_nothing_is_told_until_somebody_writes_something(store: Store, owner: str) -> None:
    """They are on, so that what is written counts at once."""
    assert await store.custom_instructions_of(owner) == CustomInstructions(is_on=True, about="", style="")


async def test_the_last_words_are_kept(store: Store, owner: str) -> None:
    """Letter for letter, in any script."""
    first = CustomInstructions(is_on=True, about="이름: 지훈 👋\n\n", style="<b>짧게</b> 'y' \"z\" %s :its_owner")
    for custom in (first, CustomInstructions(is_on=False, about="a", style=""), first):
        await store.keep_custom_instructions(owner, custom)
        assert await store.custom_instructions_of(owner) == custom


async def test_they_are_one_persons(store: Store, owner: str) -> None:
    """A stranger has none, and cannot leave any."""
    await store.keep_custom_instructions(owner, CustomInstructions(about="mine"))
    assert await store.custom_instructions_of("user_stranger") == CustomInstructions()
    with pytest.raises(NotFoundError):
        await store.keep_custom_instructions("user_stranger", CustomInstructions(about="theirs"))
