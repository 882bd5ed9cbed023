"""A WebSocket client without manners: it sends whatever bytes a test wants and reads only when it is told to."""

import asyncio
import os
import struct
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True, reserved: int = 0) -> bytes:
    """One frame as a client sends it; a mask of zeros leaves the payload readable."""
    first = (0x80 if fin else 0) | reserved | opcode
    mask = 0x80 if masked else 0
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", first, mask | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first, mask | 126, size)
    else:
        head = struct.pack("!BBQ", first, mask | 127, size)
    return head + (b"\0\0\0\0" if masked else b"") + payload


def text(payload: str | bytes) -> bytes:
    """One text frame."""
    return frame(TEXT, payload.encode() if isinstance(payload, str) else payload)


def handshake(port: int, headers: Mapping[str, str] | None = None, *, path: str = "/v1/responses") -> bytes:
    """The request that opens a socket; a header whose value is empty is left out."""
    lines = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": KEY,
        **(headers or {}),
    }
    fields = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
    return f"GET {path} HTTP/1.1\r\n{fields}\r\n".encode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class RawSocket:
    """An open connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send these bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> str:
        """The status line and headers of the answer to a handshake."""
        return (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")

    async def read(self) -> tuple[int, bytes]:
        """Opcode and payload of the next frame.

        Raises:
            IncompleteReadError: the connection ended.
        """
        first, size = await self.reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int | None:
        """The code that the server closes with, whatever comes before; None: the connection ended without one."""
        try:
            while True:
                opcode, payload = await self.read()
                if opcode == CLOSE:
                    return int.from_bytes(payload[:2], "big") if payload else 1005
        except (asyncio.IncompleteReadError, ConnectionError):
            return None


@asynccontextmanager
async def connected(port: int) -> AsyncGenerator[RawSocket]:
    """A TCP connection, nothing sent yet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
    try:
        yield RawSocket(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def opened(port: int, headers: Mapping[str, str] | None = None) -> AsyncGenerator[RawSocket]:
    """An accepted socket."""
    async with connected(port) as raw:
        await raw.send(handshake(port, headers))
        head = await raw.head()
        assert " 101 " in head, head
        yield raw


def resident_kib(pid: int | None = None) -> int:
    """Memory of a process that is in RAM."""
    status = Path(f"/proc/{pid or os.getpid()}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def open_sockets(pid: int) -> int:
    """Sockets that a process holds."""
    files = Path(f"/proc/{pid}/fd").iterdir()
    return sum(file.is_symlink() and str(file.readlink()).startswith("socket:") for file in files)
