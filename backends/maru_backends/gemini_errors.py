"""What Gemini's API says went wrong, as our tree of errors; pure."""

import json
import re
from collections.abc import Mapping
from http import HTTPStatus

from maru_backends.errors import BackendBusyError, BackendError, BackendSetupError
from maru_backends.foreign_json import object_of, objects_of, text_of
from maru_backends.openai_errors import MAX_RETRY_AFTER_S, error_from_response

_KEY_REFUSED = re.compile(r"API[ _]key (?:not valid|expired|invalid|not found)|API_KEY_INVALID", re.IGNORECASE)
_NOT_HERE = re.compile(r"location is not supported|enable billing|has not been used in project|FAILED_PRECONDITION")
_DELAY = re.compile(r"(\d{1,6}(?:\.\d{1,9})?)s")


def gemini_error(status: int, details: object, headers: Mapping[str, str], *, key_place: str | None) -> BackendError:
    """The error for what the SDK raised.

    Args:
        status: the HTTP status, or the code that was told inside a stream.
        details: the body, as JSON where it was that.
        headers: the answer's.
        key_place: where the key comes from, for the operator.
    """
    body = details if isinstance(details, str) else json.dumps(details)
    if status == HTTPStatus.BAD_REQUEST and _KEY_REFUSED.search(body):
        return error_from_response(HTTPStatus.UNAUTHORIZED, body, headers, api_key_env=key_place)
    if status == HTTPStatus.BAD_REQUEST and _NOT_HERE.search(body):
        return BackendSetupError("The provider does not serve this account here; its operator must look there.")
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        # Every limit is told in the words of an unpaid bill there; one that passes says when.
        wait_s = _told_wait_s(details)
        if wait_s is not None:
            return BackendBusyError("The engine is busy; try again shortly.", retry_after_s=wait_s)
    return error_from_response(status, body, headers, api_key_env=key_place)


def _told_wait_s(details: object) -> float | None:
    """The delay of `google.rpc.RetryInfo`, in seconds."""
    error = object_of(object_of(details).get("error"))
    for detail in objects_of(error.get("details")):
        found = _DELAY.fullmatch(text_of(detail.get("retryDelay")))
        if found:
            return min(float(found.group(1)), MAX_RETRY_AFTER_S)
    return None
