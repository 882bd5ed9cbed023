"""The Gemini backend, through Google's SDK, against a peer that fails, stalls and lies."""

import asyncio
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maru_backends.base import ChatRequest, Finished, TextDelta, Tool
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)
from maru_backends.gemini import GeminiBackend, GeminiSettings, open_backend
from support.gemini_peer import HELLO, TOLD, events_of, failed, failure_of, gemini_on, piece, said, sse, wait
from support.openai_peer import Json, Script
from support.scripted_peer import ScriptedPeer, scripted_peer, whole

ENDING = ":streamGenerateContent"
WHOLE = sse(piece(said("Hi"), reason="STOP"))
OVERLOADED = failed(503, "UNAVAILABLE", "The model is overloaded. Please try again later.")


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A provider that tells of its model and answers as scripted."""
    async with scripted_peer() as running:
        running.tell("/models/gemini-peer", TOLD)
        yield running


@pytest.fixture
async def backend(peer: ScriptedPeer) -> AsyncIterator[GeminiBackend]:
    """A backend of little patience on that provider."""
    opened = await gemini_on(peer)
    yield opened
    await opened.close()


async def test_overload_before_words_is_tried_again(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Inside a stream of status 200, and outside of one."""
    peer.play(ENDING, whole(OVERLOADED, status=503), Script((sse(OVERLOADED),)), Script((WHOLE,)))
    assert (await events_of(backend))[0] == TextDelta("Hi")
    assert len(peer.sent(ENDING)) == 3


async def test_error_in_the_middle_is_told_and_not_retried(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Words that were shown are never said twice."""
    peer.play(ENDING, Script((sse(piece(said("Hi")), OVERLOADED),)))
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendBusyError)
    assert len(peer.sent(ENDING)) == 1


async def test_long_wait_is_the_clients(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """A limit that passes is told with its time, though its words are those of an unpaid bill."""
    words = "You exceeded your current quota, please check your plan and billing details."
    peer.tell(ENDING, failed(429, "RESOURCE_EXHAUSTED", words, wait("37.5s")), status=429)
    _, error = await failure_of(backend)
    assert isinstance(error, BackendBusyError)
    assert error.retry_after_s == 37.5
    assert len(peer.sent(ENDING)) == 1


@pytest.mark.parametrize(
    ("status", "kind", "message", "expected"),
    [
        (400, "INVALID_ARGUMENT", "Invalid value at 'contents'", RequestRefusedError),
        (
            400,
            "INVALID_ARGUMENT",
            "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
            ContextTooLongError,
        ),
        (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", BackendSetupError),
        (400, "FAILED_PRECONDITION", "User location is not supported for the API use.", BackendSetupError),
        (403, "PERMISSION_DENIED", "Permission denied", BackendSetupError),
        (404, "NOT_FOUND", "models/gemini-peer is not found for API version v1beta", BackendSetupError),
        (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan", BackendSetupError),
        (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted", BackendBusyError),
        (500, "INTERNAL", "An internal error has occurred", BackendUnavailableError),
        (504, "DEADLINE_EXCEEDED", "Deadline exceeded", BackendUnavailableError),
    ],
)
async def test_statuses_find_who_must_act(
    peer: ScriptedPeer, status: int, kind: str, message: str, expected: type[BackendError]
) -> None:
    """The tree of errors decides what a person reads."""
    backend = await gemini_on(peer, retries=0)
    peer.tell(ENDING, failed(status, kind, message), status=status)
    assert type((await failure_of(backend))[1]) is expected
    await backend.close()


@pytest.mark.parametrize("then", ["end", "cut"])
async def test_end_without_a_reason_is_a_failure(peer: ScriptedPeer, backend: GeminiBackend, then: str) -> None:
    """Half an answer looks like a whole one to whoever reads it."""
    peer.play(ENDING, Script((sse(piece(said("Hi"))),), then=then))  # type: ignore[arg-type] # of the table
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendStreamBrokenError)
    assert len(peer.sent(ENDING)) == 1


@pytest.mark.parametrize("then", ["hang", "cut"])
async def test_what_comes_after_the_reason_is_not_waited_for(
    peer: ScriptedPeer, backend: GeminiBackend, then: str
) -> None:
    """All was said."""
    peer.play(ENDING, Script((WHOLE,), then=then))  # type: ignore[arg-type] # of the table
    assert (await events_of(backend))[-1] == Finished("stop")


async def test_silence_between_words_ends(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """And the provider is told to stop."""
    peer.play(ENDING, Script((sse(piece(said("Hi"))),), then="hang"))
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendStreamBrokenError)
    await asyncio.wait_for(peer.idle.wait(), 5)


async def test_closing_the_stream_hangs_up(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """Stop reaches the provider: what nobody reads is paid for nevertheless."""
    peer.play(ENDING, Script((sse(piece(said("Hi"))),), then="hang"))
    events = backend.stream(HELLO)
    await anext(events)
    await events.aclose()
    await asyncio.wait_for(peer.idle.wait(), 5)


async def test_cancelled_task_hangs_up(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """A run that is cancelled while it waits for its first word stops the provider too."""
    peer.play(ENDING, Script((b":\n\n",), then="hang"))
    reading = asyncio.create_task(events_of(backend))
    await asyncio.wait_for(peer.busy.wait(), 5)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    await asyncio.wait_for(peer.idle.wait(), 5)


async def test_closed_backend_ends_its_streams(peer: ScriptedPeer) -> None:
    """A stream that just stops would look like an answer; and nothing is asked any more."""
    backend = await gemini_on(peer, stall_timeout_s=30)
    peer.play(ENDING, Script((sse(piece(said("Hi"))),), then="hang"))
    events = backend.stream(HELLO)
    await anext(events)
    await backend.close()
    with pytest.raises(BackendUnavailableError, match="closed"):
        await asyncio.wait_for(anext(events), 5)
    with pytest.raises(BackendUnavailableError, match="closed"):
        await backend.count_tokens(HELLO)
    assert not (await backend.health()).is_ready
    await backend.close()


STRANGE: list[Json | str] = [
    "{not json}",
    "7",
    "[" * 100_000,
    {"candidates": "many"},
    {"candidates": [{"content": {"parts": [{"text": 7}]}}]},
    {"candidates": [{"content": {"parts": [{"functionCall": {"args": {}}}]}}]},
    {"usageMetadata": {"promptTokenCount": "four"}},
]


@pytest.mark.parametrize("strange", STRANGE, ids=range(len(STRANGE)))
async def test_nonsense_is_a_failure(peer: ScriptedPeer, backend: GeminiBackend, strange: Json | str) -> None:
    """The SDK trips over it in many ways; each of them ends the answer as broken, in words of ours."""
    peer.play(ENDING, Script((sse(piece(said("Hi")), strange),)))
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendStreamBrokenError)
    assert "validation" not in str(error)


async def test_unknown_fields_do_no_harm(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """What later years add is passed over; half characters become whole ones."""
    later = {**piece({"hologram": {"a": 1}}, said("<b>\ud83d")), "later": [1]}
    peer.play(ENDING, Script((sse(later, {}, piece(said("\udc4b"), reason="STOP")),)))
    words = "".join(event.text for event in await events_of(backend) if isinstance(event, TextDelta))
    assert words == "<b>\N{WAVING HAND SIGN}"


async def test_endless_event_is_refused(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """A hostile server must not fill the memory."""
    peer.play(ENDING, Script((b"data: ", *[b"x" * 1_000_000] * 6), then="hang"))
    error = (await failure_of(backend))[1]
    assert isinstance(error, BackendStreamBrokenError)
    assert "without end" in str(error)


async def test_endless_braces_come_to_an_end(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """The SDK takes them for an error whose JSON goes on; by size or by time, it does not."""
    peer.play(ENDING, Script(tuple([b"{\n" * 100_000] * 30), then="hang"))
    assert isinstance((await failure_of(backend))[1], BackendStreamBrokenError)


async def test_key_is_sent_and_never_told(peer: ScriptedPeer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a log, not in an error, not even when the provider repeats it."""
    secret = "AIzaSy-a-secret-nobody-reads"
    (tmp_path / "key").write_text(f"{secret}\n")
    caplog.set_level(logging.DEBUG)
    backend = await gemini_on(peer, api_key_file=str(tmp_path / "key"), retries=0)
    peer.tell(ENDING, failed(400, "INVALID_ARGUMENT", f"API key not valid: {secret}"), status=400)
    _, error = await failure_of(backend)
    assert {asked.headers["x-goog-api-key"] for asked in peer.asked} == {secret}
    assert "api_key_file" in str(error)
    assert secret not in str(error) + repr(backend) + caplog.text
    await backend.close()


async def test_usual_key_goes_to_no_other_address(peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of the two variables that the SDK looks into by itself."""
    monkeypatch.setenv("GEMINI_API_KEY", "a-secret")
    monkeypatch.setenv("GOOGLE_API_KEY", "a-secret")
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    backend = await gemini_on(peer)
    await backend.limits()
    assert "a-secret" not in str(peer.asked)
    await backend.close()


async def test_missing_key_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator learns the variable's name at once, not from the first user."""
    monkeypatch.delenv("GEMINI_API_KEY", raising=False)
    with pytest.raises(BackendSetupError, match="GEMINI_API_KEY is not set"):
        await open_backend(GeminiSettings(model="gemini-peer"))


async def test_key_follows_no_redirection(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """The address where it leads may be anybody's."""
    peer.tell("/elsewhere", {})
    peer.play(ENDING, whole(failed(302, "MOVED", ""), status=307, headers={"location": f"{peer.base_url}/elsewhere"}))
    assert isinstance((await failure_of(backend))[1], BackendSetupError)
    assert not [asked for asked in peer.asked if asked.path == "/elsewhere"]


async def test_dead_address_is_unavailable_and_not_told(peer: ScriptedPeer) -> None:
    """A person who chats must not learn internal addresses."""
    backend = await gemini_on(peer, base_url="http://127.0.0.1:9/v1beta", retries=0)
    _, error = await failure_of(backend)
    assert isinstance(error, BackendUnavailableError)
    assert "127.0.0.1" not in str(error)
    assert not (await backend.health()).is_ready
    await backend.close()


async def test_request_that_json_cannot_carry_is_refused(backend: GeminiBackend) -> None:
    """Before the provider is asked."""
    tool = Tool("t", parameters={"minimum": float("nan")})
    _, error = await failure_of(backend, ChatRequest(HELLO.messages, tools=(tool,)))
    assert isinstance(error, RequestRefusedError)


async def test_a_provider_that_is_asked_too_often_is_alive(peer: ScriptedPeer, backend: GeminiBackend) -> None:
    """A look may come when its limit is reached; people may be answered all the same."""
    peer.tell("/models/gemini-peer", failed(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted"), status=429)
    assert (await backend.health()).is_ready
