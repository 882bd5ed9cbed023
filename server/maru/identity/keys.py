"""API keys: how one is made, what of it is kept, how one is checked.

Of a key only its SHA-256 is kept. A slow, salted hash is for passwords, which people choose and others can guess; a key
is 256 random bits, so that nobody can try them out however quick the hash is, and no two are alike. A quick hash also
keeps a flood of wrong keys from costing the server anything.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

KEY_PREFIX = "maru_sk_"
_RANDOM_BYTES = 32
_SHOWN_CHARACTERS = 4


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: the secret is shown once and then forgotten; hash and prefix are kept.

    `repr` leaves the secret out, so that no log can hold it by accident.
    """

    secret: str
    secret_hash: str
    prefix: str

    def __repr__(self) -> str:
        return f"NewKey({self.prefix}...)"


def make_key() -> NewKey:
    """A new key."""
    secret = KEY_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)
    return NewKey(secret, hash_key(secret), secret[: len(KEY_PREFIX) + _SHOWN_CHARACTERS])


def hash_key(secret: str) -> str:
    """What is kept of a key, and what a presented one is looked up by."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def is_key(secret: str, secret_hash: str) -> bool:
    """Whether this secret has that hash; takes equally long however much of it is right."""
    return hmac.compare_digest(hash_key(secret), secret_hash)
