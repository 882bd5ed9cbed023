"""The seam `store/prompts.py` on a database."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select

from maru.ids import new_id
from maru.protocol.prompts import MAX_PROMPTS, MAX_VERSIONS
from maru.store.base import DuplicatePromptError, NotFoundError, TooManyPromptsError
from maru.store.prompts import Prompt, PromptVersion, PromptWords, of_same_word
from maru.store.sql.database import SqlPart
from maru.store.sql.more_tables import prompt_versions, prompts
from maru.store.sql.schema import users

_VERSION = (
    prompt_versions.c.number,
    prompt_versions.c.title,
    prompt_versions.c.word,
    prompt_versions.c.text,
    prompt_versions.c.created_at,
)


class SqlPrompts(SqlPart):
    """A `PromptStore`."""

    async def prompts_of(self, owner: str) -> tuple[Prompt, ...]:
        """See `PromptStore.prompts_of`."""
        return await self._database.read(partial(_all_of, owner=owner))

    async def prompt_for(self, owner: str, prompt_id: str) -> Prompt:
        """See `PromptStore.prompt_for`."""
        return await self._database.read(partial(_one, owner=owner, prompt_id=prompt_id))

    async def prompt_versions_of(self, owner: str, prompt_id: str) -> tuple[PromptVersion, ...]:
        """See `PromptStore.prompt_versions_of`."""

        def read(connection: Connection) -> tuple[PromptVersion, ...]:
            _one(connection, owner, prompt_id)
            its = prompt_versions.c.prompt_id == prompt_id
            query = select(*_VERSION).where(its).order_by(prompt_versions.c.number.desc())
            return tuple(_version(*row) for row in connection.execute(query))

        return await self._database.read(read)

    async def add_prompt(self, owner: str, words: PromptWords, *, now: int) -> Prompt:
        """See `PromptStore.add_prompt`."""
        new = Prompt(new_id("prompt"), now, PromptVersion(1, words, now))

        def add(connection: Connection) -> Prompt:
            there = _all_alone(connection, owner)
            if (same := of_same_word(there, words.word)) is not None:
                raise DuplicatePromptError(same.id, words.word)
            if len(there) >= MAX_PROMPTS:
                raise TooManyPromptsError(f"there are {MAX_PROMPTS} prompts already")
            connection.execute(insert(prompts).values(id=new.id, owner_id=owner, created_at=now))
            _put_version(connection, new.id, new.newest)
            return new

        return await self._database.write(add)

    async def change_prompt(self, owner: str, prompt_id: str, words: PromptWords, *, now: int) -> Prompt:
        """See `PromptStore.change_prompt`."""

        def change(connection: Connection) -> Prompt:
            there = {prompt.id: prompt for prompt in _all_alone(connection, owner)}
            if (before := there.pop(prompt_id, None)) is None:
                raise NotFoundError("prompt", prompt_id)
            if (same := of_same_word(there.values(), words.word)) is not None:
                raise DuplicatePromptError(same.id, words.word)
            if before.newest.words == words:
                return before
            newest = PromptVersion(before.newest.number + 1, words, now)
            _put_version(connection, prompt_id, newest)
            is_old = prompt_versions.c.number <= newest.number - MAX_VERSIONS
            connection.execute(delete(prompt_versions).where(prompt_versions.c.prompt_id == prompt_id, is_old))
            return Prompt(prompt_id, before.created_at, newest)

        return await self._database.write(change)

    async def remove_prompt(self, owner: str, prompt_id: str) -> None:
        """See `PromptStore.remove_prompt`."""

        def remove(connection: Connection) -> None:
            is_it = (prompts.c.owner_id == owner) & (prompts.c.id == prompt_id)
            if connection.execute(delete(prompts).where(is_it)).rowcount == 0:
                raise NotFoundError("prompt", prompt_id)

        await self._database.write(remove)


def _newest_of(owner: str) -> Select[*tuple[Any, ...]]:
    newest = (
        select(prompt_versions.c.prompt_id, func.max(prompt_versions.c.number).label("number"))
        .join(prompts, prompts.c.id == prompt_versions.c.prompt_id)
        .where(prompts.c.owner_id == owner)
        .group_by(prompt_versions.c.prompt_id)
        .subquery()
    )
    is_newest = (prompt_versions.c.prompt_id == newest.c.prompt_id) & (prompt_versions.c.number == newest.c.number)
    return (
        select(prompts.c.id, prompts.c.created_at, *_VERSION)
        .join(newest, newest.c.prompt_id == prompts.c.id)
        .join(prompt_versions, is_newest)
        .where(prompts.c.owner_id == owner)
        .order_by(prompts.c.id)
    )


def _all_of(connection: Connection, owner: str) -> tuple[Prompt, ...]:
    return tuple(map(_prompt, connection.execute(_newest_of(owner))))


def _all_alone(connection: Connection, owner: str) -> tuple[Prompt, ...]:
    """All prompts of the owner, which nobody else changes until the end of the transaction."""
    # The row stays locked to the end: of two that add at once, the second sees what the first has added.
    if connection.execute(select(users.c.id).where(users.c.id == owner).with_for_update()).one_or_none() is None:
        raise NotFoundError("user", owner)
    return _all_of(connection, owner)


def _one(connection: Connection, owner: str, prompt_id: str) -> Prompt:
    row = connection.execute(_newest_of(owner).where(prompts.c.id == prompt_id)).one_or_none()
    if row is None:
        raise NotFoundError("prompt", prompt_id)
    return _prompt(row)


def _prompt(row: Sequence[Any]) -> Prompt:
    return Prompt(row[0], row[1], _version(*row[2:]))


def _version(number: int, title: str, word: str, text: str, created_at: int) -> PromptVersion:
    return PromptVersion(number, PromptWords(title, word, text), created_at)


def _put_version(connection: Connection, prompt_id: str, version: PromptVersion) -> None:
    row = insert(prompt_versions).values(
        prompt_id=prompt_id,
        number=version.number,
        title=version.words.title,
        word=version.words.word,
        text=version.words.text,
        created_at=version.created_at,
    )
    connection.execute(row)
