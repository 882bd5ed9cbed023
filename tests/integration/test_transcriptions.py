"""Speech into words: the official SDK is a client, the operator's recogniser does it, and nothing else gets through."""

import asyncio
import io
import json
import math
import wave
from array import array
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import openai
import pytest

from support.recogniser_peer import RecogniserPeer, recogniser_peer
from support.socket_server import InProcess, in_process

KEY_ENV = "MARU_TEST_RECOGNISER_KEY"
SECRET = "sk-recogniser-SECRET-0123456789"
PATH = "/v1/audio/transcriptions"
MAX_BYTES = 200_000


@pytest.fixture
async def peer() -> AsyncGenerator[RecogniserPeer]:
    """A recogniser of this test alone."""
    async with recogniser_peer() as peer:
        yield peer


@pytest.fixture
async def maru(peer: RecogniserPeer, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[InProcess]:
    """A server whose operator named that recogniser."""
    monkeypatch.setenv(KEY_ENV, SECRET)
    async with in_process(
        transcription_url=peer.base_url,
        transcription_model="whisper-large",
        transcription_key_env=KEY_ENV,
        transcription_timeout_s=2.0,
        max_audio_bytes=MAX_BYTES,
    ) as server:
        yield server


def _tone(seconds: float = 1.0) -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        waves = (int(12_000 * math.sin(number / 6)) for number in range(int(16_000 * seconds)))
        file.writeframes(array("h", waves).tobytes())
    return sound.getvalue()


async def _post(maru: InProcess, form: aiohttp.FormData | dict[str, Any], key: str | None = None) -> tuple[int, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with maru.session.post(PATH, data=form, headers=headers) as answer:
        text = await answer.text()
        return answer.status, json.loads(text) if answer.content_type == "application/json" else text


def _form(data: bytes, name: str = "speech.wav", **fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData(fields)
    form.add_field("file", data, filename=name, content_type="audio/wav; codecs=1")
    return form


def _sdk(maru: InProcess) -> openai.AsyncOpenAI:
    url = f"http://127.0.0.1:{maru.port}/v1"
    return openai.AsyncOpenAI(base_url=url, api_key="not-needed-here", max_retries=0)


async def test_the_sdk_gets_the_words(maru: InProcess, peer: RecogniserPeer) -> None:
    """What is sent on is the recording byte for byte, with the operator's model and key."""
    async with _sdk(maru) as client:
        transcript = await client.audio.transcriptions.create(
            model="whatever", file=("내 목소리 ../../x.WAV", _tone()), language="ko", prompt="마루", temperature=0.2
        )
    assert transcript.text == "hello from the recogniser"
    [heard] = peer.heard
    assert (heard.data, heard.name) == (_tone(), "speech.wav")
    assert heard.fields == {
        "model": "whisper-large",
        "response_format": "json",
        "language": "ko",
        "prompt": "마루",
        "temperature": "0.2",
    }
    assert heard.headers["Authorization"] == f"Bearer {SECRET}"
    assert "not-needed-here" not in str(heard.headers)


@pytest.mark.parametrize("answer_format", ["text", "srt", "vtt", "verbose_json"])
async def test_other_formats_are_passed_on(maru: InProcess, peer: RecogniserPeer, answer_format: Any) -> None:
    """Subtitles are for programs; the page asks for JSON."""
    peer.answer = '{"text": "hi", "segments": []}' if answer_format == "verbose_json" else "WEBVTT hi"
    async with _sdk(maru) as client:
        found: Any = await client.audio.transcriptions.create(
            model="x", file=("a.wav", _tone()), response_format=answer_format
        )
    assert (found.text if answer_format == "verbose_json" else found) == (
        "hi" if "verb" in answer_format else "WEBVTT hi"
    )
    assert peer.heard[0].fields["response_format"] == answer_format


async def test_a_large_recording_goes_through_the_disk(maru: InProcess, peer: RecogniserPeer) -> None:
    """Up to the limit, and with the fields behind the file."""
    form = aiohttp.FormData()
    data = _tone(6)[:MAX_BYTES]
    form.add_field("file", data, filename="a.webm", content_type="audio/webm;codecs=opus")
    form.add_field("language", "en")
    assert (await _post(maru, form))[0] == 200
    assert peer.heard[0].data == data
    assert (peer.heard[0].name, peer.heard[0].media_type) == ("speech.webm", "audio/webm")


async def test_too_large_is_refused_before_the_recogniser_hears_of_it(maru: InProcess, peer: RecogniserPeer) -> None:
    """With an announced length and without one."""
    big = b"x" * (MAX_BYTES + 70_000)
    status, body = await _post(maru, _form(big))
    assert (status, body["error"]["code"], body["error"]["param"]) == (413, "body_too_large", "file")

    async def pieces() -> AsyncGenerator[bytes]:
        yield b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        for start in range(0, len(big), 10_000):
            yield big[start : start + 10_000]
        yield b"\r\n--b--\r\n"

    headers = {"content-type": "multipart/form-data; boundary=b"}
    async with maru.session.post(PATH, data=pieces(), headers=headers) as answer:
        assert answer.status == 413
    assert peer.heard == []


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": "exe"}, "response_format"),
        ({"language": "../etc"}, "language"),
        ({"temperature": "2"}, "temperature"),
        ({"temperature": "nan"}, "temperature"),
        ({"stream": "true"}, "stream"),
        ({"prompt": "x" * 4001}, "prompt"),
    ],
)
async def test_wrong_fields_are_named(
    maru: InProcess, peer: RecogniserPeer, fields: dict[str, str], param: str
) -> None:
    """Nothing that nobody checked reaches the recogniser."""
    status, body = await _post(maru, _form(_tone(), **fields))
    assert (status, body["error"]["param"]) == (400, param)
    assert peer.heard == []


async def test_bodies_that_are_no_recording(maru: InProcess, peer: RecogniserPeer) -> None:
    """Each is told what is missing."""
    for body, code in (
        (_form(b""), "invalid_value"),
        (aiohttp.FormData({"file": "text"}, default_to_multipart=True), "missing_required_parameter"),
        ({"file": "urlencoded"}, "invalid_type"),
    ):
        status, answer = await _post(maru, body)
        assert (status, answer["error"]["code"]) == (400, code)
    whole = {"content-type": "multipart/form-data; boundary=b"}
    cut = b'--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\nthe rest never comes'
    for raw, headers in ((b"--x", {"content-type": "multipart/form-data"}), (b"nonsense", whole), (cut, whole)):
        async with maru.session.post(PATH, data=raw, headers=headers) as answer:
            assert answer.status == 400
    assert peer.heard == []


@pytest.mark.parametrize(
    ("status", "body", "told", "words"),
    [
        (400, '{"error": {"message": "Invalid audio file."}}', 400, "The recogniser refused the recording: Invalid"),
        (
            401,
            '{"error": {"message": "bad key SECRET"}}',
            503,
            f"refused our key (HTTP 401); check the key in {KEY_ENV}",
        ),
        (404, "no such model", 503, "check transcription_url and transcription_model: no such model"),
        (429, "", 429, "The recogniser is busy"),
        (500, "Traceback: /srv/secret", 503, "The recogniser failed (HTTP 500)."),
        (302, "", 503, "takes no recordings there (HTTP 302)"),
        (200, "<html>", 503, "what is no transcript"),
        (200, '{"text": 3}', 503, "what is no transcript"),
    ],
)
async def test_what_went_wrong_is_told_plainly(
    maru: InProcess, peer: RecogniserPeer, status: int, body: str, told: int, words: str
) -> None:
    """And neither address nor key of the recogniser is."""
    peer.status, peer.answer = status, body
    if status == 302:
        peer.headers = {"location": f"http://127.0.0.1:{maru.port}/healthz"}
    got, answer = await _post(maru, _form(_tone()))
    assert (got, words in answer["error"]["message"]) == (told, True), answer
    assert peer.base_url not in str(answer)
    assert SECRET not in str(answer)
    assert len(peer.heard) == 1


async def test_a_recogniser_that_is_gone_or_slow(maru: InProcess, peer: RecogniserPeer) -> None:
    """Nobody waits for ever."""
    peer.gate.clear()
    status, body = await _post(maru, _form(_tone()))
    assert (status, body["error"]["message"]) == (503, "The recogniser did not answer within 2 s.")
    async with in_process(transcription_url="http://127.0.0.1:9/v1") as lonely:
        status, body = await _post(lonely, _form(_tone()))
    assert (status, body["error"]["message"]) == (503, "The recogniser cannot be reached.")


async def test_a_person_may_send_two_at_once(maru: InProcess, peer: RecogniserPeer) -> None:
    """The third waits; another person does not."""
    peer.gate.clear()
    first = [asyncio.create_task(_post(maru, _form(_tone()))) for _ in range(2)]
    while len(peer.heard) < 2:  # noqa: ASYNC110 (the peer tells it in no other way)
        await asyncio.sleep(0.01)
    status, body = await _post(maru, _form(_tone()))
    assert (status, body["error"]["code"]) == (429, "transcription_running")
    stranger = asyncio.create_task(_post(maru, _form(_tone()), await maru.key_of_a_stranger()))
    while len(peer.heard) < 3:  # noqa: ASYNC110 (as above)
        await asyncio.sleep(0.01)
    peer.gate.set()
    assert [status for status, _ in await asyncio.gather(*first, stranger)] == [200, 200, 200]
    assert (await _post(maru, _form(_tone())))[0] == 200


async def test_only_who_may_ask_is_heard(maru: InProcess, peer: RecogniserPeer) -> None:
    """A key that is none, and a page of another site, get nowhere."""
    status, _ = await _post(maru, _form(_tone()), "maru_sk_wrong")
    assert status == 401
    for path, method in ((PATH, "POST"), ("/v1/voice", "GET")):
        async with maru.session.request(method, path, headers={"origin": "https://evil.example"}) as answer:
            assert answer.status == 403
    assert peer.heard == []


async def test_the_page_is_told_what_there_is(maru: InProcess) -> None:
    """And a server without a recogniser says so at both addresses."""
    async with maru.session.get("/v1/voice") as answer:
        voice = {
            "object": "maru.voice",
            "recogniser": True,
            "browser": True,
            "max_bytes": MAX_BYTES,
            "max_seconds": 600,
        }
        assert await answer.json() == voice
    async with in_process(browser_speech=False) as bare:
        async with bare.session.get("/v1/voice") as answer:
            found = await answer.json()
            assert (found["recogniser"], found["browser"]) == (False, False)
        status, body = await _post(bare, _form(_tone()))
        assert (status, body["error"]["code"]) == (404, "no_recogniser")


async def test_a_key_that_is_not_set_is_the_operators_business(peer: RecogniserPeer) -> None:
    """The variable is named, and the recogniser is not asked without it."""
    async with in_process(transcription_url=peer.base_url, transcription_key_env="MARU_TEST_NOT_SET") as server:
        status, body = await _post(server, _form(_tone()))
    assert (status, "MARU_TEST_NOT_SET is not set" in body["error"]["message"]) == (503, True)
    assert peer.heard == []


async def test_nothing_of_a_recording_is_kept(maru: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not under any name on the disk, however it ends."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert (await _post(maru, _form(_tone(6))))[0] == 200
    assert not any(tmp_path.iterdir())  # noqa: ASYNC240 (an empty folder of this test)
