"""What a client is told when something is wrong, in Open Responses' shapes (digest section 6).

ApiError is raised anywhere a request is judged and turned into a body or a frame at the edge only.
"""

from reprlib import Repr
from typing import Literal

LONGEST_SHOWN = 80

ErrorType = Literal["invalid_request_error", "server_error", "rate_limit_error"]


class ApiError(Exception):
    """A request that is refused; the message names the wrong value and says what to do.

    Attributes:
        is_final: the same request would fail again, although its status says that it may be tried again.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        type_: ErrorType = "invalid_request_error",
        retry_after_s: float | None = None,
    ) -> None:
        """Keep the parts of the error body; `retry_after_s` becomes the header of that name."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.type: ErrorType = type_
        self.retry_after_s = retry_after_s
        self.is_final = False

    def body(self) -> dict[str, object]:
        """The HTTP body: `{"error": {message, type, param, code}}`, always all four keys."""
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}

    def frame(self, stream_id: str | None = None) -> dict[str, object]:
        """The WebSocket envelope; its `code` is a required string there."""
        error = {"type": self.type, "code": self.code or self.type, "message": self.message, "param": self.param}
        frame: dict[str, object] = {"type": "error", "status": self.status, "error": error}
        return frame if stream_id is None else {**frame, "stream_id": stream_id}


def invalid(message: str, param: str | None, code: str | None = "invalid_value") -> ApiError:
    """A field that the client must change."""
    return ApiError(400, message, code=code, param=param)


def not_found(kind: str, id_: str) -> ApiError:
    """A missing id in the path; a stranger's id looks the same."""
    return ApiError(404, f"{kind} {id_!r} was not found. Check the id, or list what there is.")


def shown(value: object) -> str:
    """A wrong value for a message: recognisable, and short however large and deep it is."""
    text = _short.repr(value)
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."


_short = Repr()
_short.maxstring = _short.maxother = LONGEST_SHOWN
