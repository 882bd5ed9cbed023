"""How many answers run at once: runs, and what is answered without one; pure but for its count."""

from collections.abc import Callable, Generator
from contextlib import contextmanager

from maru.protocol.errors import ApiError


class Places:
    """The `max_running` places of a process; runs are counted by the hub, everything else takes one here."""

    def __init__(self, most: int, runs: Callable[[], int]) -> None:
        """`runs` tells how many runs there are, those included that begin."""
        self._most = most
        self._runs = runs
        self._taken = 0
        self.is_closed = False

    @property
    def held(self) -> int:
        """How many places are held now."""
        return self._runs() + self._taken

    def close(self) -> None:
        """Give none away from now on; what is held stays held."""
        self.is_closed = True

    def check(self) -> None:
        """Nothing, while there is a place.

        Raises:
            ApiError: there is none, or the server ends.
        """
        if self.is_closed:
            raise ApiError(503, "The server is restarting; try again in a moment.", type_="server_error")
        running = self.held
        if running >= self._most:
            message = f"The server answers {running} requests at once already; try again soon."
            raise ApiError(429, message, code="rate_limit_exceeded", type_="rate_limit_error", retry_after_s=2)

    @contextmanager
    def one(self) -> Generator[None]:
        """Hold a place for an answer that is no run.

        Raises:
            ApiError: as `check` says.
        """
        self.check()
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1
