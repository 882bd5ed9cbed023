"""What Claude's API says went wrong, as our tree of errors; pure."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus

from maru_backends.errors import BackendError, BackendSetupError, RequestRefusedError
from maru_backends.foreign_json import object_of, text_of
from maru_backends.openai_errors import error_from_response

_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
# The provider says so with 400, which elsewhere is the user's to mend.
_UNPAID = re.compile(r"credit balance|usage limits|spend(?:ing)? limit|purchase credits", re.IGNORECASE)
_THINKING = re.compile(r"`?(?:redacted_)?thinking`?.{0,80}block|signature", re.IGNORECASE | re.DOTALL)


def claude_error(status: int, body: str, headers: Mapping[str, str], *, key_place: str | None) -> BackendError:
    """The error for an HTTP answer that is not 200; `key_place` names where the key comes from."""
    if status < HTTPStatus.INTERNAL_SERVER_ERROR and _UNPAID.search(body):
        return BackendSetupError("The provider's account has no credit left; its operator must top it up.")
    if status == HTTPStatus.NOT_FOUND and "not_found_error" not in body:
        return BackendSetupError("There is no Messages API at that address (HTTP 404); check the setting base_url.")
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT}:
        status = HTTPStatus.BAD_GATEWAY  # passing trouble: the same call may work
    return error_from_response(status, body, headers, api_key_env=key_place)


def error_in_stream(event: Mapping[str, object]) -> BackendError:
    """The error that was told inside a stream whose status had been 200."""
    error = object_of(event.get("error"))
    status = _STATUSES.get(text_of(error.get("type")), int(HTTPStatus.INTERNAL_SERVER_ERROR))
    return claude_error(status, f'{{"error": {json.dumps(error)}}}', {}, key_place=None)


def is_about_thinking(error: BackendError) -> bool:
    """Whether the provider refused blocks of thinking that were sent back: then it must go without them."""
    return isinstance(error, RequestRefusedError) and _THINKING.search(str(error)) is not None
