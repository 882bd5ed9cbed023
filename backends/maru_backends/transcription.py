"""Speech into words, by any server of OpenAI's audio API: vLLM, Speaches, LocalAI, whisper.cpp, OpenAI itself.

Knows the wire to the recogniser; what may be asked, and by whom, is decided before.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import IO, cast

import aiohttp

from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.openai_errors import said_in

CONNECT_TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 4 * 2**20
JSON_FORMATS = frozenset({"json", "verbose_json"})

_REFUSED = {400, 413, 415, 422}
_KEY_REFUSED = {401, 403, 407}
_BUSY = {429, 503, 529}


@dataclass(frozen=True, slots=True)
class Speech:
    """A recording as a client sent it.

    Attributes:
        file: its bytes, from the start; read in pieces.
        name: ends in what the recording is, such as `speech.webm`; some recognisers go by it.
        wishes: further fields of the form, such as `language`.
    """

    file: IO[bytes]
    name: str
    media_type: str
    response_format: str = "json"
    wishes: Mapping[str, str] = field(default_factory=dict[str, str])


class Recogniser:
    """One recogniser; make it anywhere, use it in one event loop, close it once. Many may ask at once."""

    def __init__(self, base_url: str, model: str, *, key_env: str | None, timeout_s: float) -> None:
        """Open no connection yet.

        Args:
            base_url: ends in the version, as in `http://host:8000/v1`; never shown to people.
            model: what the recogniser calls its model.
            key_env: the environment variable that holds its key.
            timeout_s: from the first byte sent to the last one received.
        """
        self._url = f"{base_url.rstrip('/')}/audio/transcriptions"
        self._model = model
        self._key_env = key_env
        self._timeout_s = timeout_s
        self._session: aiohttp.ClientSession | None = None

    async def transcribe(self, speech: Speech) -> str:
        """What the recogniser answers: JSON with a `text` for the formats of `JSON_FORMATS`, plain text for others.

        Raises:
            BackendError: it is not there, refuses, takes too long, or answers what is no transcript.
        """
        headers = self._headers()
        try:
            async with (
                asyncio.timeout(self._timeout_s),
                self._open().post(
                    self._url, data=self._form(speech), headers=headers, allow_redirects=False
                ) as response,
            ):
                answer = await _limited(response)
        except TimeoutError as error:
            raise BackendUnavailableError(f"The recogniser did not answer within {self._timeout_s:g} s.") from error
        except (aiohttp.ClientError, OSError) as error:
            raise BackendUnavailableError("The recogniser cannot be reached.") from error
        if response.status != HTTPStatus.OK:
            raise _refusal(response.status, answer, self._key_env)
        if speech.response_format in JSON_FORMATS and text_of(answer) is None:
            raise BackendSetupError("The recogniser answered what is no transcript; check transcription_url.")
        return answer

    async def close(self) -> None:
        """Cut every connection."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_S),
            )
        return self._session

    def _headers(self) -> dict[str, str]:
        if self._key_env is None:
            return {}
        key = os.environ.get(self._key_env, "").strip()
        if not key:
            raise BackendSetupError(
                f"The environment variable {self._key_env} is not set; transcription_key_env names it."
            )
        return {"Authorization": f"Bearer {key}"}

    def _form(self, speech: Speech) -> aiohttp.FormData:
        form = aiohttp.FormData({"model": self._model, "response_format": speech.response_format, **speech.wishes})
        form.add_field("file", speech.file, filename=speech.name, content_type=speech.media_type)
        return form


def text_of(answer: str) -> str | None:
    """The words of an answer in JSON; None where it is of another shape."""
    try:
        value: object = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    text = cast("dict[str, object]", value).get("text") if isinstance(value, dict) else None
    return text if isinstance(text, str) else None


async def _limited(response: aiohttp.ClientResponse) -> str:
    body = bytearray()
    while chunk := await response.content.readany():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise BackendUnavailableError("The recogniser's answer has no end.")
    return body.decode(errors="replace")


def _refusal(status: int, body: str, key_env: str | None) -> BackendError:
    words = said_in(body)
    if status in _REFUSED:
        return RequestRefusedError(_said("The recogniser refused the recording", words), param="file")
    if status in _KEY_REFUSED:
        remedy = f"check the key in {key_env}" if key_env else "set transcription_key_env"
        return BackendSetupError(f"The recogniser refused our key (HTTP {status}); {remedy}.")
    if status in _BUSY:
        return BackendBusyError("The recogniser is busy; try again shortly.")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        where = "check transcription_url and transcription_model"
        return BackendSetupError(_said(f"The recogniser takes no recordings there (HTTP {status}); {where}", words))
    return BackendUnavailableError(f"The recogniser failed (HTTP {status}).")


def _said(sentence: str, words: str) -> str:
    return f"{sentence}: {words}" if words else f"{sentence}."
