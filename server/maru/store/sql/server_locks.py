"""Tells which server processes of this computer are gone, at once and for certain.

Each running server holds the lock of a file beside the database; the system lets it go when the process ends, however
it ends. A lease would say the same only some seconds later, and a chat would be locked for so long after a crash.
"""

import contextlib
import fcntl
import logging
import os
from pathlib import Path

logger = logging.getLogger(__name__)


class ServerLocks:
    """Lock files in one folder, named after their server; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        """Use this folder, which is made when the first lock is."""
        self._folder = folder
        self._held: dict[str, int] = {}

    def hold(self, server_id: str) -> None:
        """Say that this server lives, for as long as this process does."""
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            file = os.open(self._folder / server_id, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError:
                os.close(file)
                raise
        except OSError as error:
            logger.warning("no lock could be held in %s (%s): a crash shows some seconds later", self._folder, error)
        else:
            self._held[server_id] = file

    def is_let_go(self, server_id: str) -> bool:
        """Whether the server's process is gone; False also where that cannot be told."""
        if server_id in self._held:
            return False
        try:
            file = os.open(self._folder / server_id, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        else:
            return True
        finally:
            os.close(file)

    def remove(self, server_id: str) -> None:
        """The server is known to be gone: its file is not needed any more."""
        with contextlib.suppress(OSError):
            (self._folder / server_id).unlink()
        if (file := self._held.pop(server_id, None)) is not None:
            os.close(file)

    def close(self) -> None:
        """Let go of all that is held here, as the end of the process would."""
        for file in self._held.values():
            os.close(file)
        self._held.clear()
