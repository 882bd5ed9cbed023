"""The part of the store's seam that knows people and their API keys."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class User:
    """A person; `is_local_owner` marks the one who reaches the server from loopback without a key."""

    id: str
    name: str
    created_at: int
    is_local_owner: bool


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it may be shown: never the secret, of which only a hash is kept."""

    id: str
    user_id: str
    name: str
    prefix: str
    created_at: int
    last_used_at: int | None
    revoked_at: int | None


class PeopleStore(Protocol):
    """Who may ask; each method is one transaction."""

    async def local_owner(self) -> User:
        """The user who reaches the server from loopback; made on first call."""
        ...

    async def create_key(self, owner: str, *, name: str, secret_hash: str, prefix: str, now: int) -> ApiKey:
        """Keep a key by the hash of its secret."""
        ...

    async def keys_of(self, owner: str) -> tuple[ApiKey, ...]:
        """All keys of the owner, newest first, revoked ones too."""
        ...

    async def revoke_key(self, owner: str, key_id: str, *, now: int) -> ApiKey:
        """The key opens nothing from now on."""
        ...

    async def user_by_key_hash(self, secret_hash: str, *, now: int) -> User | None:
        """Whose unrevoked key this is; notes the use at most once a minute."""
        ...
