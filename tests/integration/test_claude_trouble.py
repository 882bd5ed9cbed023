"""The Claude backend, through Anthropic's SDK, against a peer that fails, stalls and lies."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maru_backends.base import (
    ChatRequest,
    Finished,
    TextDelta,
    Tool,
)
from maru_backends.claude import ClaudeBackend, ClaudeSettings, open_backend
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    RequestRefusedError,
)
from support.claude_peer import (
    HELLO,
    PING,
    claude_on,
    ended,
    events_of,
    failed,
    failure_of,
    more,
    opened,
    sse,
    start,
    text,
    told,
)
from support.openai_peer import Json, Script
from support.scripted_peer import ScriptedPeer, scripted_peer, whole

ENDING = "/v1/messages"
WHOLE = sse(start(), *text(0, "Hi"), *ended())
WEATHER = Tool("get_weather", "Tells the weather.", {"type": "object", "properties": {"city": {"type": "string"}}})


@pytest.fixture
async def peer() -> AsyncIterator[ScriptedPeer]:
    """A provider that tells of its model and answers as scripted."""
    async with scripted_peer() as running:
        running.tell("/v1/models/claude-peer", told())
        yield running


@pytest.fixture
async def backend(peer: ScriptedPeer) -> AsyncIterator[ClaudeBackend]:
    """A backend of little patience on that provider."""
    opened_backend = await claude_on(peer)
    yield opened_backend
    await opened_backend.close()


def say(peer: ScriptedPeer, *events: Json) -> None:
    """Answer with one stream."""
    peer.play(ENDING, Script((sse(*events),)))


async def test_error_in_the_middle_is_told_and_not_retried(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Words that were shown are never said twice."""
    broken = [start(), opened(0, type="text", text=""), more(0, type="text_delta", text="Hi")]
    say(peer, *broken, failed("overloaded_error", "Overloaded"))
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendBusyError)
    assert len(peer.sent(ENDING)) == 1


async def test_overload_before_words_is_tried_again(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Inside a stream of status 200, and outside of one."""
    busy = whole(failed("overloaded_error", "Overloaded"), status=529)
    peer.play(ENDING, busy, Script((sse(start(), failed("overloaded_error", "Overloaded")),)), Script((WHOLE,)))
    assert (await events_of(backend))[0] == TextDelta("Hi")
    assert len(peer.sent(ENDING)) == 3


async def test_retries_come_to_an_end(peer: ScriptedPeer) -> None:
    """An overloaded provider is not stormed."""
    backend = await claude_on(peer, retries=1)
    peer.play(ENDING, whole(failed("overloaded_error", "Overloaded"), status=529))
    _, error = await failure_of(backend)
    assert isinstance(error, BackendBusyError)
    assert len(peer.sent(ENDING)) == 2
    await backend.close()


async def test_long_wait_is_the_clients(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """A rate limit of a minute is told at once, with the minute."""
    limited = whole(failed("rate_limit_error", "Slow down"), status=429, headers={"retry-after": "60"})
    peer.play(ENDING, limited)
    _, error = await failure_of(backend)
    assert isinstance(error, BackendBusyError)
    assert error.retry_after_s == 60
    assert len(peer.sent(ENDING)) == 1


@pytest.mark.parametrize(
    ("status", "kind", "message", "expected"),
    [
        (400, "invalid_request_error", "max_tokens: must be at least 1", RequestRefusedError),
        (400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum", ContextTooLongError),
        (
            400,
            "invalid_request_error",
            "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000",
            ContextTooLongError,
        ),
        (
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API.",
            BackendSetupError,
        ),
        (401, "authentication_error", "invalid x-api-key", BackendSetupError),
        (402, "billing_error", "Payment needed", BackendSetupError),
        (403, "permission_error", "not for you", BackendSetupError),
        (404, "not_found_error", "model: claude-peer", BackendSetupError),
        (413, "request_too_large", "Request exceeds the maximum size", RequestRefusedError),
        (500, "api_error", "Internal server error", BackendUnavailableError),
    ],
)
async def test_statuses_find_who_must_act(
    peer: ScriptedPeer, status: int, kind: str, message: str, expected: type[BackendError]
) -> None:
    """The tree of errors decides what a person reads."""
    backend = await claude_on(peer, retries=0)
    peer.play(ENDING, whole(failed(kind, message), status=status))
    assert type((await failure_of(backend))[1]) is expected
    await backend.close()


@pytest.mark.parametrize("then", ["end", "cut"])
async def test_end_without_a_reason_is_a_failure(peer: ScriptedPeer, backend: ClaudeBackend, then: str) -> None:
    """Half an answer looks like a whole one to whoever reads it."""
    half = sse(start(), opened(0, type="text", text=""), more(0, type="text_delta", text="Hi"))
    peer.play(ENDING, Script((half,), then=then))  # type: ignore[arg-type] # of the table
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendStreamBrokenError)
    assert len(peer.sent(ENDING)) == 1


@pytest.mark.parametrize("then", ["hang", "cut"])
async def test_what_comes_after_the_reason_is_not_waited_for(
    peer: ScriptedPeer, backend: ClaudeBackend, then: str
) -> None:
    """All was said; the end mark alone is owed."""
    peer.play(ENDING, Script((sse(start(), *text(0, "Hi"), ended()[0]),), then=then))  # type: ignore[arg-type] # table
    assert (await events_of(backend))[-1] == Finished("stop")


async def test_pings_are_no_answer(peer: ScriptedPeer) -> None:
    """What only keeps the connection open does not keep a person waiting for ever."""
    backend = await claude_on(peer, first_token_timeout_s=0.3)
    peer.play(ENDING, Script((sse(start()), *[sse(PING)] * 50), then="hang"))
    started = time.monotonic()
    _, error = await failure_of(backend)
    assert isinstance(error, BackendStreamBrokenError)
    assert time.monotonic() - started < 5
    await asyncio.wait_for(peer.idle.wait(), 5)
    await backend.close()


async def test_silence_between_words_ends(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """And the provider is told to stop."""
    half = sse(start(), opened(0, type="text", text=""), more(0, type="text_delta", text="Hi"))
    peer.play(ENDING, Script((half,), then="hang"))
    events, error = await failure_of(backend)
    assert events == [TextDelta("Hi")]
    assert isinstance(error, BackendStreamBrokenError)
    await asyncio.wait_for(peer.idle.wait(), 5)


async def test_closing_the_stream_hangs_up(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Stop reaches the provider: what nobody reads is paid for nevertheless."""
    half = sse(start(), opened(0, type="text", text=""), more(0, type="text_delta", text="Hi"))
    peer.play(ENDING, Script((half,), then="hang"))
    events = backend.stream(HELLO)
    await anext(events)
    await events.aclose()
    await asyncio.wait_for(peer.idle.wait(), 5)


async def test_hostile_events_do_no_harm(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """Wrong types count as absent, unknown events and blocks are passed over, broken characters are replaced."""
    strange: list[Json] = [
        {"type": "content_block_start", "index": "x", "content_block": "text"},
        {"type": "content_block_start", "index": 5, "content_block": {"type": "hologram", "text": 7}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "text_delta", "text": "lost"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": {"a": 1}}},
        {"type": "content_block_delta", "index": 0, "delta": None},
        {"type": "message_delta", "delta": [], "usage": "much"},
        {"type": 12},
    ]
    begin = [start(), opened(0, type="text", text="")]
    broken = (
        b'event: content_block_delta\ndata: {"type": "content_block_delta", "index": 0, "delta": {"text": "\xff"}}\n\n'
    )
    half = sse(more(0, type="text_delta", text="\ud83d"), more(0, type="text_delta", text="\udc4b<b>"))
    peer.play(ENDING, Script((sse(*begin, *strange), broken, half, sse(*ended()))))
    said = "".join(event.text for event in await events_of(backend) if isinstance(event, TextDelta))
    assert said == "\ufffd\N{WAVING HAND SIGN}<b>"


@pytest.mark.parametrize("data", [b"data: {not json}\n\n", b"data: [1, 2]\n\n", b"data: " + b"[" * 100_000 + b"\n\n"])
async def test_what_is_no_json_is_a_failure(peer: ScriptedPeer, backend: ClaudeBackend, data: bytes) -> None:
    """Also JSON that is nested beyond measure."""
    peer.play(ENDING, Script((sse(start()), data)))
    assert isinstance((await failure_of(backend))[1], BackendStreamBrokenError)


async def test_endless_event_is_refused(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """A hostile server must not fill the memory."""
    peer.play(ENDING, Script((b"data: ", *[b"x" * 1_000_000] * 6), then="hang"))
    error = (await failure_of(backend))[1]
    assert isinstance(error, BackendStreamBrokenError)
    assert "without end" in str(error)


async def test_web_page_is_a_wrong_address(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """A login page of a proxy comes with status 200."""
    peer.play(ENDING, Script((b"<html>",), content_type="text/html"))
    error = (await failure_of(backend))[1]
    assert isinstance(error, BackendSetupError)
    assert "base_url" in str(error)


async def test_health_tells_a_refused_key(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """The operator sees it before the first person does."""
    assert (await backend.health()).is_ready
    peer.tell("/v1/models/claude-peer", failed("authentication_error", "invalid x-api-key"), status=401)
    health = await backend.health()
    assert not health.is_ready
    assert "401" in health.detail


async def test_key_is_sent_and_never_told(peer: ScriptedPeer, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Not in a log, not in an error, not even when the provider repeats it."""
    secret = "sk-ant-api03-a-secret-nobody-reads"
    (tmp_path / "key").write_text(f"{secret}\n")
    caplog.set_level(logging.DEBUG)
    backend = await claude_on(peer, api_key_file=str(tmp_path / "key"), retries=0)
    peer.play(ENDING, whole(failed("invalid_request_error", f"{secret} is wrong"), status=400))
    _, error = await failure_of(backend)
    peer.play(ENDING, whole(failed("authentication_error", f"{secret} is wrong"), status=401))
    _, refused = await failure_of(backend)
    assert {asked.headers["authorization"] for asked in peer.asked} == {f"Bearer {secret}"}
    assert "api_key_file" in str(refused)
    assert secret not in str(error) + str(refused) + repr(backend) + caplog.text
    await backend.close()


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({}, "ANTHROPIC_API_KEY is not set"),
        ({"api_key_env": "NOT_THERE"}, "NOT_THERE is not set; api_key_env names it"),
        ({"api_key_file": "/nowhere/key"}, "api_key_file cannot be read"),
        ({"api_key_file": "/dev/null"}, "api_key_file is empty"),
        ({"api_key_env": "BROKEN_KEY"}, "one word on one line"),
    ],
)
async def test_missing_key_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, keys: dict[str, str], expected: str
) -> None:
    """The operator learns at once, and in words, where the key should be."""
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setenv("BROKEN_KEY", "a key\nin two lines")
    with pytest.raises(BackendSetupError, match=expected):
        await open_backend(ClaudeSettings.model_validate({"model": "claude-peer", **keys}))


async def test_usual_key_goes_to_no_other_address(peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries a server of their own does not hand it Anthropic's key."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-a-secret")
    backend = await claude_on(peer)
    await backend.limits()
    assert "sk-ant-a-secret" not in str(peer.asked)
    await backend.close()


async def test_headers_of_the_sdk_go_to_no_other_address(peer: ScriptedPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may hold a key of Anthropic's; the SDK adds them wherever it calls."""
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", "X-Secret: for Anthropic alone")
    with pytest.raises(BackendSetupError, match="ANTHROPIC_CUSTOM_HEADERS is set") as refused:
        await (await claude_on(peer)).limits()
    assert "for Anthropic alone" not in str(refused.value) + str(peer.asked)
    monkeypatch.setenv("ANTHROPIC_CUSTOM_HEADERS", " ")
    backend = await claude_on(peer)
    await backend.limits()
    await backend.close()


async def test_key_follows_no_redirection(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """The address where it leads may be anybody's."""
    peer.tell("/elsewhere", {})
    peer.play(ENDING, whole(failed("moved", ""), status=307, headers={"location": f"{peer.base_url}/elsewhere"}))
    assert isinstance((await failure_of(backend))[1], BackendSetupError)
    assert not [asked for asked in peer.asked if asked.path == "/elsewhere"]


async def test_dead_address_is_unavailable_and_not_told(peer: ScriptedPeer) -> None:
    """A person who chats must not learn internal addresses."""
    backend = await claude_on(peer, base_url="http://127.0.0.1:9", retries=0)
    _, error = await failure_of(backend)
    assert isinstance(error, BackendUnavailableError)
    assert "127.0.0.1" not in str(error)
    assert not (await backend.health()).is_ready
    await backend.close()


async def test_request_that_json_cannot_carry_is_refused(backend: ClaudeBackend) -> None:
    """Before the provider is asked."""
    _, error = await failure_of(
        backend, ChatRequest(HELLO.messages, tools=(Tool("t", parameters={"minimum": float("nan")}),))
    )
    assert isinstance(error, RequestRefusedError)


async def test_a_provider_that_is_asked_too_often_is_alive(peer: ScriptedPeer, backend: ClaudeBackend) -> None:
    """A look may come when its limit is reached; people may be answered all the same."""
    peer.tell("/v1/models/claude-peer", failed("rate_limit_error", "Slow down"), status=429)
    assert (await backend.health()).is_ready
