"""Seals what a compaction item stands for, so that its client can keep it but neither read nor change it.

A sealed text is base64url of: version (1 byte), key id (8), nonce (12), AES-256-GCM of the JSON with its tag. The owner
is bound to it as associated data, so that nobody's item opens for somebody else. Nothing but the key is kept here: an
item opens on any connection, stored or not, and after a restart.

The key file has one key a line, `<id> <key>`, both base64url. The first line seals; every line opens.
"""

import base64
import binascii
import contextlib
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import msgspec

from maru.protocol.compaction import Compacted, decode_compacted, encode_compacted
from maru.protocol.errors import ApiError
from maru.protocol.incoming import MAX_INPUT_CHARS
from maru.protocol.items import as_kept, without_images

KEY_FILE = "compaction.keys"
KEY_BYTES = 32

_VERSION = b"\x01"
_ID_BYTES = 8
_NONCE_BYTES = 12
_HEAD_BYTES = len(_VERSION) + _ID_BYTES + _NONCE_BYTES
_PURPOSE = b"maru compaction 1\0"


class SealError(Exception):
    """A sealed text does not open; the message is the end of a sentence that says why."""


class KeyFileError(Exception):
    """The key file cannot be used; the message tells the operator what to do."""


@dataclass(frozen=True, slots=True)
class SealKey:
    """One key and its name; `repr` leaves the secret out."""

    id: bytes
    secret: bytes = field(repr=False)


class Sealer:
    """Seals and opens; one per process."""

    def __init__(self, keys: Callable[[], tuple[SealKey, ...]]) -> None:
        """`keys` is asked once, at first use; its first key seals."""
        self._load = keys

    def seal(self, owner: str, compacted: Compacted) -> str:
        """The `encrypted_content` for this owner. Images are left out where it would be too long for a client to send.

        Raises:
            ApiError: it is too long even so.
            KeyFileError: there is no usable key.
        """
        compacted = msgspec.structs.replace(compacted, kept=tuple(map(as_kept, compacted.kept)))
        sealed = self._sealed(owner, encode_compacted(compacted))
        if len(sealed) > MAX_INPUT_CHARS:
            kept = tuple(without_images(item) for item in compacted.kept)
            sealed = self._sealed(owner, encode_compacted(msgspec.structs.replace(compacted, kept=kept)))
        if len(sealed) > MAX_INPUT_CHARS:
            message = "The newest messages alone are too long to be compacted. Send less at once."
            raise ApiError(400, message, code="context_length_exceeded", param="input")
        return sealed

    def open(self, owner: str, sealed: str) -> Compacted:
        """What was sealed for this owner.

        Raises:
            SealError: it was not made by this server for this owner, or was changed since.
            KeyFileError: there is no usable key.
        """
        try:
            raw = base64.b64decode(sealed.encode("ascii"), altchars=b"-_", validate=True)
        except (UnicodeEncodeError, binascii.Error) as error:
            raise SealError("it is damaged") from error
        if len(raw) <= _HEAD_BYTES or raw[:1] != _VERSION:
            raise SealError("it is damaged, or of another server's making")
        key_id, nonce = raw[1 : 1 + _ID_BYTES], raw[1 + _ID_BYTES : _HEAD_BYTES]
        key = next((key for key in self._keys if key.id == key_id), None)
        if key is None:
            raise SealError("it was sealed with a key that this server does not have")
        payload = _decrypted(key, nonce, raw[_HEAD_BYTES:], _bound_to(owner))
        try:
            return decode_compacted(payload)
        except msgspec.DecodeError as error:
            raise SealError("it was made by another version of this server") from error

    @cached_property
    def _keys(self) -> tuple[SealKey, ...]:
        return self._load()

    def _sealed(self, owner: str, payload: bytes) -> str:
        key, nonce = self._keys[0], secrets.token_bytes(_NONCE_BYTES)
        encrypted = _encrypted(key, nonce, payload, _bound_to(owner))
        return base64.urlsafe_b64encode(b"".join((_VERSION, key.id, nonce, encrypted))).decode()


def new_key() -> SealKey:
    """A key of random bytes."""
    return SealKey(secrets.token_bytes(_ID_BYTES), secrets.token_bytes(KEY_BYTES))


def keys_in(file: Path) -> tuple[SealKey, ...]:
    """The keys of a file, which is made (mode 0600) if it is not there.

    Raises:
        KeyFileError: the file cannot be read, written or understood.
    """
    try:
        if not file.exists():
            _make(file)
        lines = file.read_text(encoding="ascii").split("\n")
        keys = tuple(_key(line) for line in lines if line.strip())
    except (OSError, ValueError) as error:
        raise KeyFileError(f"{file} cannot be used as a key file ({error}); restore it from a backup.") from error
    if not keys:
        raise KeyFileError(f"{file} holds no key; restore it from a backup, or remove it to begin with a new key.")
    return keys


def _encrypted(key: SealKey, nonce: bytes, payload: bytes, bound_to: bytes) -> bytes:
    # The library takes 10 MB, which a server that never compacts does not need.
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    return AESGCM(key.secret).encrypt(nonce, payload, bound_to)


def _decrypted(key: SealKey, nonce: bytes, encrypted: bytes, bound_to: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 (as above)
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

    try:
        return AESGCM(key.secret).decrypt(nonce, encrypted, bound_to)
    except InvalidTag as error:
        raise SealError("it was changed, or made for another user") from error


def _make(file: Path) -> None:
    """Put a whole file in place or none: several servers may start on one folder at once."""
    file.parent.mkdir(parents=True, exist_ok=True)
    key = new_key()
    draft = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as made:
        made.write(base64.urlsafe_b64encode(key.id) + b" " + base64.urlsafe_b64encode(key.secret) + b"\n")
        made.flush()
        os.fsync(made.fileno())
    try:
        with contextlib.suppress(FileExistsError):  # another server was quicker: its key counts
            os.link(draft, file)
    finally:
        draft.unlink()


def _key(line: str) -> SealKey:
    id_, secret = (base64.b64decode(word, altchars=b"-_", validate=True) for word in line.split())
    if len(id_) != _ID_BYTES or len(secret) != KEY_BYTES:
        raise ValueError("a key has the wrong length")
    return SealKey(id_, secret)


def _bound_to(owner: str) -> bytes:
    return _PURPOSE + owner.encode()
