"""Rules of `maru/api/chat_completions.py` that take long, or a shutdown, to be seen from outside."""

import pytest

from maru.api import chat_completions
from maru.api.chat_completions import _first_word, _sse
from maru.api.following import PING
from maru.protocol.chat_chunks import ChunkWriter
from maru_backends.echo import EchoSettings
from support.service import service

SILENT = EchoSettings(script="stall", tokens=0)
ENDLESS = EchoSettings(script="count", tokens=100_000, pace_tokens_per_s=200)
ASKED = {"input": "hi", "store": False}


def _writer() -> ChunkWriter:
    return ChunkWriter("chatcmpl_1", created=1, model="echo", includes_usage=True)


async def test_a_silent_engine_does_not_silence_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies cut what is silent; so the stream begins without a word, and pings."""
    monkeypatch.setattr(chat_completions, "HEARTBEAT_S", 0.01)
    async with service(echo=SILENT) as s:
        run = await s.start(ASKED)
        await _first_word(run)
        stream = _sse(run, _writer())
        assert [await anext(stream), await anext(stream)] == [PING, PING]
        run.stop()


async def test_a_shutdown_is_an_error_and_no_end() -> None:
    """Half an answer must never look whole, and the SDK may ask again."""
    async with service(echo=ENDLESS) as s:
        run = await s.start(ASKED)
        stream = _sse(run, _writer())
        told = await anext(stream)
        run.interrupt()
        told += b"".join([chunk async for chunk in stream])
    last = told.split(b"\n\n")[-2]
    assert last.startswith(b'data: {"error":{"message":"The answer was broken off')
    assert b"[DONE]" not in told
    assert b'finish_reason":"' not in told
