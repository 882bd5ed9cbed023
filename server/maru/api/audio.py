"""`/v1/audio/transcriptions`: speech into words, by the recogniser that the operator named. `/v1/voice` (ours)."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from fastapi.responses import Response as HttpResponse
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from maru.api.caller import Owner
from maru.api.http import json_response
from maru.api.rooms import rooms_of
from maru.protocol.errors import ApiError, invalid
from maru.protocol.requests import parse
from maru.protocol.voice import TranscriptionBody, TranscriptionForm, VoiceBody
from maru_backends.transcription import Speech, text_of

MOST_SECONDS = 600
MOST_AT_ONCE = 2  # of one owner
MOST_FIELDS = 16
FIELD_BYTES = 64 * 1024  # of all that is not the recording
UPLOADED_WITHIN_S = 120.0
WISHES = ("language", "prompt", "temperature")

router = APIRouter()


@router.get("/v1/voice")
async def voice(request: Request, owner: Owner) -> HttpResponse:  # noqa: ARG001 (asking is what needs the right)
    """What the page may do with a microphone."""
    settings = rooms_of(request).settings
    body = VoiceBody(
        recogniser=settings.transcription_url is not None,
        browser=settings.browser_speech,
        max_bytes=settings.max_audio_bytes,
        max_seconds=MOST_SECONDS,
    )
    return json_response(body)


@router.post("/v1/audio/transcriptions")
async def transcribe(request: Request, owner: Owner) -> HttpResponse:
    """Have a recording written down; nothing of it is kept."""
    rooms = rooms_of(request)
    if rooms.recogniser is None:
        message = "This server has no recogniser. Its operator can name one by the setting transcription_url."
        raise ApiError(404, message, code="no_recogniser")
    with _turn_of(owner, rooms.transcribing):
        async with _received(request, rooms.settings.max_audio_bytes) as form:
            speech = _speech(form)
            answer = await rooms.recogniser.transcribe(speech)
    match speech.response_format:
        case "json":
            return json_response(TranscriptionBody(text=text_of(answer) or ""))
        case "verbose_json":
            return json_response(answer.encode())
        case _:
            return PlainTextResponse(answer)


@contextmanager
def _turn_of(owner: str, running: Counter[str]) -> Generator[None]:
    if running[owner] >= MOST_AT_ONCE:
        message = "Recordings of yours are being written down. Wait for them, then send the next one."
        raise ApiError(429, message, code="transcription_running", type_="rate_limit_error", retry_after_s=2)
    running[owner] += 1
    try:
        yield
    finally:
        running[owner] -= 1
        if running[owner] == 0:
            del running[owner]


class _TooLargeError(MultiPartException):
    """Raised within the parser, which then gives back what it holds."""


@asynccontextmanager
async def _received(request: Request, max_bytes: int) -> AsyncGenerator[FormData]:
    """The form with its recording, which beyond a megabyte lies on the disk, under no name."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise ApiError(400, "Send the recording as 'file' of multipart/form-data.", code="invalid_type")
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes + FIELD_BYTES:
        raise _too_large(max_bytes)
    stream = _bounded(request, max_bytes + FIELD_BYTES)
    parser = _Form(request.headers, stream, max_files=1, max_fields=MOST_FIELDS, max_part_size=FIELD_BYTES)
    try:
        async with asyncio.timeout(UPLOADED_WITHIN_S):
            form = await parser.parse()
    except TimeoutError as error:
        message = f"The recording did not come within {UPLOADED_WITHIN_S:.0f} s."
        raise ApiError(400, message, code="upload_timeout") from error
    except _TooLargeError as error:
        raise _too_large(max_bytes) from error
    except MultiPartException as error:
        raise ApiError(400, "The form cannot be read; send multipart/form-data.", code="invalid_form") from error
    try:
        yield form
    finally:
        parser.close()


class _Form(MultiPartParser):
    """Starlette's reader of forms, which leaves a file open of which the rest never came."""

    def close(self) -> None:
        """Give back what it holds."""
        for file in self._files_to_close_on_error:
            file.close()


async def _bounded(request: Request, max_bytes: int) -> AsyncGenerator[bytes]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > max_bytes:
            raise _TooLargeError("too large")
        yield chunk


def _speech(form: FormData) -> Speech:
    """What a form asks for.

    Raises:
        ApiError: a field is missing or wrong.
    """
    fields = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    wanted = parse(TranscriptionForm, fields)
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise ApiError(400, "Missing required parameter: 'file'.", code="missing_required_parameter", param="file")
    if not file.size:
        raise invalid("The recording is empty.", "file")
    media_type = (file.content_type or "").split(";")[0].strip().lower()
    return Speech(
        file=file.file,
        name=f"speech{_ending(file.filename)}",
        media_type=media_type if re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,60}", media_type) else "application/octet-stream",
        response_format=wanted.response_format,
        wishes={name: str(value) for name in WISHES if (value := getattr(wanted, name)) is not None},
    )


def _ending(name: str | None) -> str:
    """Of a file's name, and nothing else of it: the rest is no business of the recogniser's."""
    found = re.search(r"\.[A-Za-z0-9]{1,8}$", name or "")
    return found.group().lower() if found else ""


def _too_large(max_bytes: int) -> ApiError:
    message = f"The recording is larger than {max_bytes} bytes. Send a shorter one."
    return ApiError(413, message, code="body_too_large", param="file")
