"""What an OpenAI-like engine says went wrong, as our tree of errors; pure.

Own sentences wherever the engine's text may hold addresses, paths or keys. Only a refusal passes the engine's words on,
washed, because they tell the user what to change.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import cast

from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)

MAX_MESSAGE_CHARS = 300
MAX_RETRY_AFTER_S = 3600.0

_SITE_OVERLOADED = 529  # Anthropic's and Cloudflare's own
_REFUSED = {400, 413, 415, 422}
_MAY_BE_TOO_LONG = {*_REFUSED, 500}  # llama.cpp and Ollama say 500
_MAY_BE_NOT_ABLE = {404, 500, 501}
_MAY_BE_UNPAID = {402, 403, 429}
_KEY_REFUSED = {401, 403, 407}
_BUSY = {429, _SITE_OVERLOADED}
_ERROR_STATUSES = range(400, 600)

_CONTEXT_TOO_LONG = re.compile(
    r"""
      context_length_exceeded | exceed_context_size | model_context_window_exceeded
    | (?:maximum | max | model'?s?) \s+ (?:context|model|sequence) \s+ (?:length|len|window|size)  # OpenAI, vLLM
    | context \s+ (?:length|window|size) .{0,60} (?:exceed|reach|limit|too\ (?:long|small)|overflow)
    | exceed .{0,60} context \s* (?:length|window|size)?                                  # llama.cpp, LM Studio
    | (?:prompt|input|inputs|messages|request) .{0,40} \b too \s+ (?:long|many\ tokens)   # Anthropic's wording
    | (?:prompt|input) .{0,60} longer \s+ than .{0,40} (?:context|maximum|model|length)
    | reduce \s+ the \s+ length \s+ of \s+ (?:the|your) \s+ (?:messages|prompt|input)
    | `inputs`\ (?:tokens|must\ have) .{0,80} (?:<=|less\ than) | inputs .{0,20} max_new_tokens  # TGI
    | input \s+ token \s+ count .{0,60} exceeds                                           # Gemini's bridge
    | greater \s+ than \s+ the \s+ context | larger \s+ than \s+ the \s+ context
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_NOT_ABLE = re.compile(
    r"""
      (?:tools|tool_choice) \s+ param \s+ requires                                         # llama.cpp without --jinja
    | (?:image|vision|audio) \s+ input \s+ is \s+ not \s+ supported                         # llama.cpp without mmproj
    | \b(?:not|doesn't|that) \s+ support \s+ (?:images?|vision|tools?|function|structured)\b  # OpenRouter, Ollama
    | \bnot \s+ supported \s+ (?:in|with) \s+ the \s+ v1/\w+ \s+ endpoint                # OpenAI, of another path
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TRY_AGAIN = re.compile(r"(?:try again|retry) (?:in|after) ([\d.]+) ?(ms|s|m)", re.IGNORECASE)
_OVERLOADED = re.compile(r"overload|queue|capacity|too many requests|busy", re.IGNORECASE)
_UNPAID = re.compile(r"insufficient_quota|billing|exceeded your current quota|payment", re.IGNORECASE)
_SECRET = re.compile(
    r"""
      [a-z][a-z0-9+.-]*://\S+                                # addresses, also with passwords in them
    | \b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b | \blocalhost(?::\d+)?\b
    | \b[\w-]+(?:\.[\w-]+)+:\d{2,5}\b                        # host:port
    | (?<![\w/])(?:~|/[\w.@-]+){1}(?:/[\w.@-]+)+/?           # paths
    | \b(?:sk|pk|hf|gsk|xai|key|Bearer)[-_ ][\w*.-]{8,}      # keys
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class _Complaint:
    """What could be read out of an error body; empty strings where it told nothing."""

    message: str = ""
    code: str = ""
    param: str | None = None
    status: int | None = None

    @property
    def all_words(self) -> str:
        return f"{self.code} {self.message}"


def error_from_response(
    status: int,
    body: str,
    headers: Mapping[str, str],
    *,
    api_key_env: str | None = None,
    path: str = "chat/completions",
) -> BackendError:
    """The error for an HTTP answer that is not 200.

    Args:
        status: the HTTP status.
        body: what came with it, cut to some kilobytes; JSON, text or a proxy's web page.
        headers: the answer's headers, names in any case.
        api_key_env: the variable that holds the key, to be named where the key was refused.
        path: what was called, to be named where it is not there.
    """
    return _error(status, _complaint(body), _retry_after_s(headers), api_key_env, path)


def error_in_stream(chunk: Mapping[str, object]) -> BackendError:
    """The error that an engine told inside a stream whose status had been 200."""
    complaint = _complaint_of(chunk)
    return _error(complaint.status or HTTPStatus.INTERNAL_SERVER_ERROR, complaint, None, None, "")


def said_in(body: str) -> str:
    """The words of an error body, washed; none where it told nothing that a person could use."""
    return washed(_complaint(body).message)


def washed(text: str) -> str:
    """Foreign words made fit for a person's eyes: one line, no addresses, paths, keys or control characters."""
    line = _CONTROL_CHARACTERS.sub(" ", _SECRET.sub("…", text))
    line = " ".join(line.split())
    return line if len(line) <= MAX_MESSAGE_CHARS else line[: MAX_MESSAGE_CHARS - 1] + "…"


def _error(
    status: int, complaint: _Complaint, retry_after_s: float | None, api_key_env: str | None, path: str
) -> BackendError:
    words = complaint.all_words
    if status in _MAY_BE_TOO_LONG and _CONTEXT_TOO_LONG.search(words):
        return ContextTooLongError(_said("The conversation does not fit the model's window", complaint), param="input")
    if status in _MAY_BE_UNPAID and (status == HTTPStatus.PAYMENT_REQUIRED or _UNPAID.search(words)):
        return BackendSetupError("The provider's account has no credit left; its operator must top it up.")
    if status in _BUSY or (status == HTTPStatus.SERVICE_UNAVAILABLE and _OVERLOADED.search(words)):
        seconds = _told_wait_s(complaint.message) if retry_after_s is None else retry_after_s
        return BackendBusyError("The engine is busy; try again shortly.", retry_after_s=seconds)
    if status in _REFUSED or (status in _MAY_BE_NOT_ABLE and _NOT_ABLE.search(complaint.message)):
        return RequestRefusedError(_said("The engine refused the request", complaint), param=complaint.param)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return _setup_error(status, complaint, api_key_env, path)
    return BackendUnavailableError(f"The engine failed (HTTP {status}).")


def _setup_error(status: int, complaint: _Complaint, api_key_env: str | None, path: str) -> BackendSetupError:
    if status in _KEY_REFUSED:
        remedy = f"check the key in {api_key_env}" if api_key_env else "set api_key_env"
        return BackendSetupError(f"The engine refused our key (HTTP {status}); {remedy}.")
    if status == HTTPStatus.NOT_FOUND and re.search(r"model", complaint.all_words, re.IGNORECASE):
        return BackendSetupError(_said("The engine does not know the model; check the setting model", complaint))
    there = path.replace("/", " ") or "answers"
    return BackendSetupError(f"The engine has no {there} there (HTTP {status}); check the setting base_url.")


def _said(sentence: str, complaint: _Complaint) -> str:
    words = washed(complaint.message)
    return f"{sentence}: {words}" if words else f"{sentence}."


def _complaint(body: str) -> _Complaint:
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        # A proxy's web page says nothing to a person who chats; plain text may.
        return _Complaint() if body.lstrip().startswith("<") else _Complaint(body)
    return _complaint_of(value)


def _complaint_of(value: object) -> _Complaint:
    """Reads `{"error": {...}}`, `{"error": "..."}`, `{"message": ...}`, FastAPI's `{"detail": ...}`, lists of them."""
    if isinstance(value, list) and value:
        value = cast("list[object]", value)[0]
    if isinstance(value, str):
        return _Complaint(value)
    if not isinstance(value, dict):
        return _Complaint()
    fields = cast("dict[str, object]", value)
    inner = fields.get("error")
    if isinstance(inner, dict):
        fields = cast("dict[str, object]", inner)
        inner = None
    message = next((text for text in (inner, *map(fields.get, ("message", "detail", "msg"))) if text), "")
    codes = [str(fields[name]) for name in ("code", "type", "error_type", "status") if fields.get(name) is not None]
    param = fields.get("param")
    return _Complaint(
        message=message if isinstance(message, str) else json.dumps(message, ensure_ascii=False),
        code=" ".join(codes),
        param=washed(param) if isinstance(param, str) and param else None,
        status=_status(fields.get("code")) or _status(fields.get("status")),
    )


def _status(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:4])
    return value if isinstance(value, int) and value in _ERROR_STATUSES else None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    lowered = {name.lower(): value for name, value in headers.items()}
    if milliseconds := _number(lowered.get("retry-after-ms", "")):
        return min(milliseconds / 1000, MAX_RETRY_AFTER_S)
    value = lowered.get("retry-after", "")
    seconds = _number(value)
    if seconds is None and value:
        seconds = _seconds_until(value, lowered.get("date", ""))
    return None if seconds is None else min(seconds, MAX_RETRY_AFTER_S)


def _seconds_until(moment: str, now: str) -> float | None:
    """From the server's own clock where it told it: ours may be wrong."""
    try:
        until = parsedate_to_datetime(moment)
        since = parsedate_to_datetime(now) if now else datetime.now(UTC)
        return max(0.0, (until - since).total_seconds())
    except (TypeError, ValueError):
        return None


def _told_wait_s(message: str) -> float | None:
    found = _TRY_AGAIN.search(message)
    number = _number(found.group(1)) if found else None
    if found is None or number is None:
        return None
    return min(number * {"ms": 0.001, "s": 1.0, "m": 60.0}[found.group(2).lower()], MAX_RETRY_AFTER_S)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text.strip()) else None
