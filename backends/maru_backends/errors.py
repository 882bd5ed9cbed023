"""Errors of backends, told apart by who must act.

BackendError
├── BackendBusyError            retry: the engine is full or rate-limits us (`retry_after_s`)
├── BackendUnavailableError     retry: the engine is down, starting, or died on this request
├── BackendStreamBrokenError    retry: this answer is of no use: no finish reason came, or what came is no answer
│   └── EngineLostError         retry: the connection broke in the middle of it, or nothing came for too long
├── RequestRefusedError         user: the engine refused the request (`param` names the field)
│   └── ContextTooLongError     user: prompt and answer do not fit the window
└── BackendSetupError           operator: bad weights, bad key, bad address, missing library
"""


class BackendError(Exception):
    """A backend could not answer; the message is one plain sentence without secrets, paths or internal addresses."""

    @property
    def for_operator(self) -> str:
        """The message for whoever may see the inside of the server: its log, and what its operator asks."""
        return str(self)


class BackendBusyError(BackendError):
    """The engine is full; the same request may work later."""

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        """Keep how long the engine asked us to wait, in seconds."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class BackendUnavailableError(BackendError):
    """The engine is not there, or went away."""


class BackendStreamBrokenError(BackendError):
    """The answer broke off or is none; the engine itself may be well."""


class EngineLostError(BackendStreamBrokenError):
    """The connection broke in the middle of an answer, or no token came for too long."""


class RequestRefusedError(BackendError):
    """The engine will never answer this request."""

    def __init__(self, message: str, *, param: str | None = None) -> None:
        """Keep which field of the request was wrong, if the engine said so."""
        super().__init__(message)
        self.param = param


class ContextTooLongError(RequestRefusedError):
    """The prompt, or prompt and answer together, do not fit into the window."""


class BackendSetupError(BackendError):
    """Only the operator can mend this: settings, weights, keys, libraries."""

    def __init__(self, message: str, *, private: str = "") -> None:
        """Keep apart what only the operator may read, such as a path or a library's own words."""
        super().__init__(message)
        self._private = private

    @property
    def for_operator(self) -> str:
        """With what is private."""
        return f"{self} ({self._private})" if self._private else str(self)
