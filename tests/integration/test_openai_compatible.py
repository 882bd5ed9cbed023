"""The OpenAI-compatible backend against a peer that lies, breaks and stalls as engines were seen to do."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from maru_backends.base import (
    Finished,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    ContextTooLongError,
    EngineLostError,
    RequestRefusedError,
)
from maru_backends.openai_compatible import OpenAICompatibleBackend, OpenAICompatibleSettings, open_backend
from support.openai_backend import HELLO, events_of, failure_of, opened_backend
from support.openai_peer import Json, OpenAIPeer, Script, delta, finish, openai_peer, sse, usage

WHOLE = sse(delta("Hi"), finish(), usage(3, 1), "[DONE]")


@pytest.fixture
async def peer() -> AsyncIterator[OpenAIPeer]:
    """A scripted engine."""
    async with openai_peer() as running:
        yield running


@pytest.fixture
async def backend(peer: OpenAIPeer) -> AsyncIterator[OpenAICompatibleBackend]:
    """A backend of little patience on that engine."""
    opened = await opened_backend(peer)
    yield opened
    await opened.close()


async def test_whole_answer_is_told(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Words, then the bill, then the end."""
    bill = usage(3, 2, prompt_tokens_details={"cached_tokens": 2}, completion_tokens_details={"reasoning_tokens": 1})
    peer.say(delta(reasoning_content="Hm."), delta("Hi "), delta("there"), finish(), bill)
    assert await events_of(backend) == [
        ReasoningDelta("Hm."),
        TextDelta("Hi "),
        TextDelta("there"),
        Usage(3, 2, cached_tokens=2, reasoning_tokens=1),
        Finished("stop"),
    ]


async def test_session_id_and_usage_are_asked_for(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Routers hash on the header; without the option no engine counts."""
    peer.play(Script((WHOLE,)))
    await events_of(backend)
    assert peer.asked[0].headers["x-session-id"] == "conv_1"
    assert peer.asked[0].body["stream_options"] == {"include_usage": True}


async def test_connection_is_used_again(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """A new connection for each answer would cost time before the first word."""
    peer.play(Script((WHOLE,)))
    for _ in range(3):
        await events_of(backend)
    pool = backend._server.http._session.connector
    assert pool is not None
    assert sum(len(connections) for connections in pool._conns.values()) == 1


@pytest.mark.parametrize("cut", [1, 7, 64])
async def test_cut_anywhere_the_answer_is_the_same(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend, cut: int
) -> None:
    """Proxies cut streams inside characters."""
    stream = sse(delta("지훈"), delta(" 🙂"), finish(), "[DONE]").replace(b"\n", b"\r\n")
    peer.play(Script(tuple(stream[at : at + cut] for at in range(0, len(stream), cut))))
    assert await events_of(backend) == [TextDelta("지훈"), TextDelta(" 🙂"), Finished("stop")]


async def test_error_wins_over_the_end_mark(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """What vLLM sends when its core is killed: an error event, then `[DONE]`."""
    error: Json = {"error": {"message": "EngineCore died at /srv/x", "type": "InternalServerError", "code": 500}}
    peer.say(delta("half"), error)
    events, failure = await failure_of(backend)
    assert events == [TextDelta("half")]
    assert isinstance(failure, BackendUnavailableError)
    assert "/srv" not in str(failure)


async def test_error_after_a_finish_reason_still_wins(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Nothing may be called finished that the engine calls failed."""
    peer.say(delta("half"), finish(), {"error": "boom"})
    assert isinstance((await failure_of(backend))[1], BackendUnavailableError)


@pytest.mark.parametrize("end", [b"", sse("[DONE]")])
async def test_end_without_a_finish_reason_is_a_failure(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend, end: bytes
) -> None:
    """Ray Serve ends a killed replica's stream with status 200 and nothing else."""
    peer.play(Script((sse(delta("half")), end)))
    events, failure = await failure_of(backend)
    assert events == [TextDelta("half")]
    assert isinstance(failure, BackendStreamBrokenError)
    assert len(peer.asked) == 1


async def test_broken_connection_is_never_retried_after_words(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend
) -> None:
    """A second answer glued to the first half would be a lie."""
    peer.play(Script((sse(delta("half")),), then="cut"), Script((WHOLE,)))
    events, failure = await failure_of(backend)
    assert events == [TextDelta("half")]
    assert isinstance(failure, EngineLostError)
    assert len(peer.asked) == 1


async def test_lost_connection_before_words_is_tried_once_more(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend
) -> None:
    """A pooled connection may have died since its last use."""
    peer.play(Script(then="cut"), Script((WHOLE,)))
    assert (await events_of(backend))[-1] == Finished("stop")


@pytest.mark.parametrize("script", [Script(then="cut"), Script((b"starting",), status=503, content_type="text/plain")])
async def test_second_failure_is_told(peer: OpenAIPeer, backend: OpenAICompatibleBackend, script: Script) -> None:
    """One retry, not a storm."""
    peer.play(script)
    assert isinstance((await failure_of(backend))[1], BackendUnavailableError)
    assert len(peer.asked) == 2


async def test_rate_limit_tells_how_long_to_wait(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """The caller decides whether waiting is worth it; we do not hammer."""
    body = b'{"error": {"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"}}'
    peer.play(Script((body,), status=429, content_type="application/json", headers={"Retry-After": "7"}))
    failure = (await failure_of(backend))[1]
    assert isinstance(failure, BackendBusyError)
    assert failure.retry_after_s == 7
    assert len(peer.asked) == 1


async def test_web_page_is_a_wrong_address(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """A login page of a proxy comes with status 200."""
    peer.play(Script((b"<html><body>Sign in</body></html>",), content_type="text/html"))
    failure = (await failure_of(backend))[1]
    assert isinstance(failure, BackendSetupError)
    assert "Sign in" not in str(failure)


async def test_engine_that_does_not_stream_is_understood(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Some servers ignore `stream` and answer in one piece."""
    body = (
        b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],'
        b'"usage": {"prompt_tokens": 3, "completion_tokens": 1}}'
    )
    peer.play(Script((body,), content_type="application/json"))
    assert await events_of(backend) == [TextDelta("Hi"), Usage(3, 1), Finished("stop")]


@pytest.mark.parametrize("pieces", [(), (sse(delta(role="assistant")),), (b": ping\n\n",)])
async def test_silence_before_the_first_word_ends(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend, pieces: tuple[bytes, ...]
) -> None:
    """Health pages stay green while an engine hangs, so that only a clock of our own helps."""
    peer.play(Script(pieces, then="hang"))
    started = time.monotonic()
    failure = (await failure_of(backend))[1]
    assert isinstance(failure, EngineLostError)
    assert 0.4 < time.monotonic() - started < 2
    assert len(peer.asked) == 1


async def test_silence_between_words_ends(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """And the engine is told to stop."""
    peer.play(Script((sse(delta("half")),), then="hang"))
    events, failure = await failure_of(backend)
    assert events == [TextDelta("half")]
    assert str(failure) == "The engine sent no token for 0.3 s."
    await until_idle(peer)


async def test_engine_that_never_hangs_up_still_finishes(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """A finish reason is the end, whatever the connection does."""
    peer.play(Script((sse(delta("Hi"), finish("length")),), then="hang"))
    assert await events_of(backend) == [TextDelta("Hi"), Finished("length")]


async def test_connection_cut_after_the_finish_reason_is_no_failure(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend
) -> None:
    """The answer was whole."""
    peer.play(Script((sse(delta("Hi"), finish()),), then="cut"))
    assert await events_of(backend) == [TextDelta("Hi"), Finished("stop")]


async def test_closing_the_stream_hangs_up(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Stop reaches the engine at once, not when its buffer is full."""
    peer.play(Script((sse(delta("half")),), then="hang"))
    stream = backend.stream(HELLO)
    assert await anext(stream) == TextDelta("half")
    assert peer.busy.is_set()
    await stream.aclose()
    await until_idle(peer)


async def test_cancelled_task_hangs_up(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """A run that is cancelled while it waits for a word stops the engine too."""
    peer.play(Script((sse(delta("half")),), then="hang"))
    waiting = asyncio.create_task(events_of(backend))
    await peer.busy.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until_idle(peer)


async def test_closed_backend_ends_its_streams(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Nobody waits for a backend that is gone."""
    peer.play(Script((sse(delta("half")),), then="hang"))
    stream = backend.stream(HELLO)
    await anext(stream)
    await backend.close()
    with pytest.raises(BackendError):
        await anext(stream)
    assert isinstance((await failure_of(backend))[1], BackendUnavailableError)


async def test_endless_event_is_refused(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """A hostile engine must not fill the memory."""
    peer.play(Script((b"data: ", *(b"x" * 500_000 for _ in range(12))), then="hang"))
    assert isinstance((await failure_of(backend))[1], BackendStreamBrokenError)


async def test_tool_call_without_index_comes_through(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Providers that omit `index` made whole turns vanish elsewhere."""
    call = {"id": "c1", "type": "function", "function": {"name": "time", "arguments": "{}"}}
    peer.say(delta(tool_calls=[call]), finish("tool_calls"))
    assert await events_of(backend) == [ToolCallDelta(0, "c1", "time", "{}"), Finished("tool_calls")]


async def test_blank_turn_that_cost_tokens_is_an_error(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """People must hear of an answer that was dropped on its way."""
    peer.say(finish(), usage(3, 20))
    assert isinstance((await failure_of(backend))[1], BackendStreamBrokenError)


@pytest.mark.parametrize(("status", "is_ready"), [(200, True), (404, True), (429, True), (401, False), (503, False)])
async def test_health_asks_for_the_list_of_models(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend, *, status: int, is_ready: bool
) -> None:
    """Free of charge everywhere; a server without the list still chats."""
    peer.models_status = status
    health = await backend.health()
    assert health.is_ready is is_ready
    assert (not health.detail) is is_ready


async def test_key_is_sent_and_never_told(
    peer: OpenAIPeer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even when the engine repeats it in its refusal."""
    monkeypatch.setenv("PEER_KEY", "sk-canary-0123456789")
    body = b'{"error": {"message": "Incorrect API key provided: sk-canary-0123456789"}}'
    peer.play(Script((body,), status=401, content_type="application/json"))
    caplog.set_level("DEBUG")
    backend = await opened_backend(peer, api_key_env="PEER_KEY")
    failure = (await failure_of(backend))[1]
    await backend.close()
    assert peer.asked[0].headers["Authorization"] == "Bearer sk-canary-0123456789"
    assert isinstance(failure, BackendSetupError)
    assert "PEER_KEY" in str(failure)
    assert "canary" not in str(failure) + repr(backend._server.http.endpoint) + caplog.text


async def test_missing_key_stops_the_start(peer: OpenAIPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator learns the variable's name at once, not from the first user."""
    monkeypatch.delenv("PEER_KEY", raising=False)
    with pytest.raises(BackendSetupError, match="PEER_KEY"):
        await opened_backend(peer, api_key_env="PEER_KEY")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error": {"message": "too large", "code": "context_length_exceeded"}}', ContextTooLongError),
        (422, b'{"detail": [{"loc": ["body", "stop"], "msg": "field required"}]}', RequestRefusedError),
        (500, b"Internal Server Error", BackendUnavailableError),
        (502, b"<html>nginx 10.0.0.7</html>", BackendUnavailableError),
    ],
)
async def test_statuses_find_who_must_act(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend, status: int, body: bytes, kind: type[BackendError]
) -> None:
    """The tree of errors decides what a person reads."""
    peer.play(Script((body,), status=status, content_type="application/json"))
    assert type((await failure_of(backend))[1]) is kind


async def test_dead_address_is_unavailable_and_not_told() -> None:
    """A person who chats must not learn internal addresses."""
    backend = await open_backend(OpenAICompatibleSettings(base_url="http://127.0.0.1:9/v1", model="m"))
    with pytest.raises(BackendUnavailableError) as caught:
        _ = [event async for event in backend.stream(HELLO)]
    health = await backend.health()
    await backend.close()
    assert "127.0.0.1" not in str(caught.value) + health.detail
    assert not health.is_ready


async def until_idle(peer: OpenAIPeer) -> None:
    """Wait until the engine works on nothing, a second at most."""
    async with asyncio.timeout(1):
        await peer.idle.wait()
