"""Bounds of `maru/transport.py` on real sockets: handshakes, fragments, signs of life, frames of the largest size."""

import asyncio
import json

import pytest

from maru import transport
from support.raw_socket import (
    CONTINUATION,
    PONG,
    TEXT,
    connected,
    frame,
    handshake,
    opened,
    text,
)
from support.socket_server import InProcess, in_process, said, turn

MIB = 2**20
CREATE = json.dumps({"type": "response.create", "input": "hi", "store": False})


async def _answers(maru: InProcess) -> bool:
    async with maru.socket() as socket:
        return said(await turn(socket, input="alive", store=False)) == "alive"


async def _no_sockets(maru: InProcess) -> None:
    """The server holds no connection but that of the plain client."""
    async with asyncio.timeout(10):
        while any(isinstance(one, transport.BoundedSocket) for one in maru.server.server_state.connections):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_message_may_come_in_single_bytes_and_pings_between() -> None:
    """Slow links and proxies cut as they like."""
    async with in_process() as maru, opened(maru.port) as raw:
        data = CREATE.encode()
        pieces = [frame(TEXT if not n else CONTINUATION, data[n : n + 1], fin=False) for n in range(len(data))]
        for byte in b"".join([*pieces, frame(0x9, b"p"), frame(CONTINUATION)])[:200]:
            await raw.send(bytes([byte]))
        await raw.send(b"".join([*pieces, frame(0x9, b"p"), frame(CONTINUATION)])[200:])
        assert await raw.read() == (PONG, b"p")
        assert json.loads((await raw.read())[1])["type"] == "response.created"


async def test_the_pieces_of_a_message_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty ones too, which no bound on bytes ever stops."""
    monkeypatch.setattr(transport, "MAX_FRAGMENTS", 1_000)
    async with in_process() as maru:
        for piece in (b"", b"x"):
            async with opened(maru.port) as raw:
                await raw.send(frame(TEXT, fin=False) + frame(CONTINUATION, piece, fin=False) * 1_200)
                assert await raw.close_code() == 1008
        assert await _answers(maru)
        await _no_sockets(maru)


async def test_the_largest_frame_is_taken_and_a_larger_one_is_refused_with_1009() -> None:
    """The specification's largest file part has 33.5 million characters; 16 MiB, the usual bound, is too small."""
    async with in_process() as maru:
        limit = maru.server.rooms.settings.max_frame_bytes
        assert limit > 34_000_000
        create = {"type": "response.create", "input": "hi", "store": False, "padding": ""}
        for size in (16 * MIB + 1, limit):
            padding = "x" * (size - len(json.dumps(create)))
            async with maru.socket() as socket:
                last = await turn(socket, **{**create, "padding": padding})
                assert said(last) == "hi"
        async with opened(maru.port) as raw:
            await raw.send(frame(TEXT, b"x" * (limit + 1))[:1_000_000])
            assert await raw.close_code() == 1009
        async with opened(maru.port) as raw:  # in pieces, each of them small enough
            await raw.send(frame(TEXT, b"x" * (limit // 2), fin=False))
            await raw.send(frame(CONTINUATION, b"x" * (limit // 2 + 1), fin=False))
            assert await raw.close_code() == 1009
        assert await _answers(maru)


async def test_a_handshake_with_a_huge_header_is_answered() -> None:
    """The library below says nothing, and the client would wait for ever."""
    async with in_process() as maru:
        for headers in ({"Cookie": "x" * 9_000}, {f"X-{number}": "y" for number in range(150)}):
            async with connected(maru.port) as raw:
                await raw.send(handshake(maru.port, headers))
                head = await raw.head()
                assert head.startswith("HTTP/1.1 431 ")
                body = json.loads(await raw.reader.read())
                assert body["error"]["code"] == "invalid_handshake"
        assert await _answers(maru)
        await _no_sockets(maru)


async def test_headers_that_do_not_come_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a request, nothing at all, or half a second one: each would hold a connection for ever."""
    monkeypatch.setattr(transport, "HEADERS_WITHIN_S", 0.3)
    async with in_process() as maru:
        async with connected(maru.port) as raw:
            await raw.send(handshake(maru.port)[:-2])
            assert (await raw.head()).startswith("HTTP/1.1 400 ")
        async with connected(maru.port) as raw:
            assert await raw.reader.read() == b""
        async with connected(maru.port) as raw:
            request = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{maru.port}\r\n\r\n".encode()
            await raw.send(request)
            assert (await raw.head()).startswith("HTTP/1.1 200 ")
            await raw.reader.readuntil(b"}")
            await raw.send(request[:-2])
            assert (await raw.head()).startswith("HTTP/1.1 400 ")
        async with opened(maru.port) as raw:  # a socket that is open may rest
            await asyncio.sleep(0.5)
            await raw.send(text(CREATE))
            assert json.loads((await raw.read())[1])["type"] == "response.created"


async def test_a_silent_peer_is_dropped_and_a_busy_one_is_not() -> None:
    """No pong can come in the middle of a long frame: what comes of it is a sign of life."""
    async with in_process(ping_interval_s=0.2, ping_timeout_s=0.2) as maru:
        async with opened(maru.port) as raw:
            assert await raw.close_code() == 1011
        async with opened(maru.port) as raw:
            data = text(CREATE)
            for start in range(0, len(data), 3):
                await raw.send(data[start : start + 3])
                await asyncio.sleep(0.05)
            types = [opcode for opcode, _ in [await raw.read() for _ in range(8)]]
            assert TEXT in types
        await _no_sockets(maru)


async def test_bad_text_closes_with_1007_and_bad_frames_with_1002() -> None:
    """As RFC 6455 asks; the server goes on."""
    async with in_process() as maru:
        for sent, code in (
            (text(b"\xff\xfe"), 1007),
            (frame(TEXT, b"x", masked=False), 1002),
            (frame(0x3, b"x"), 1002),
            (frame(TEXT, b"x", reserved=0x40), 1002),
            (frame(CONTINUATION, b"x"), 1002),
            (frame(0x9, b"x" * 126), 1002),
            (frame(0x8, b"\x03"), 1002),
            (frame(0x8, (1005).to_bytes(2, "big")), 1002),
            (frame(0x8, (1000).to_bytes(2, "big")), 1000),
        ):
            async with opened(maru.port) as raw:
                await raw.send(sent)
                assert await raw.close_code() == code, sent
        assert await _answers(maru)
        await _no_sockets(maru)
