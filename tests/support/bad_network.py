"""Networks on which things go wrong: a TCP proxy that delays, splits, cuts and resets, and a machine behind a cable."""

import asyncio
import ctypes
import os
import socket
import struct
import subprocess
import threading
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

CHUNK_BYTES = 65_536
CLONE_NEWNET = 0x40000000  # of <sched.h>


@dataclass(frozen=True, slots=True)
class Link:
    """What a connection through the proxy suffers.

    Attributes:
        delay_s: seconds that everything takes longer, each way.
        piece_bytes: the largest piece that is passed on at once; 0: as it comes.
        most_bytes: the connection ends after so many bytes from the server at most, at random; 0: never.
        is_reset: that end is a reset, which drops what is on its way, not a close.
    """

    delay_s: float = 0
    piece_bytes: int = 0
    most_bytes: int = 0
    is_reset: bool = False


@asynccontextmanager
async def bad_network(port: int, link: Link, chance: Random) -> AsyncGenerator[str]:
    """The address of a proxy to a port of this machine."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        budget = chance.randint(1, link.most_bytes) if link.most_bytes else None
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        there = asyncio.create_task(_pump(reader, far_writer, link, None))
        back = asyncio.create_task(_pump(far_reader, writer, link, budget))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (there, back):
                task.cancel()
            for one in (writer, far_writer):
                _end(one, is_reset=link.is_reset)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, asyncio.CancelledError):
                await carry(reader, writer)
        finally:
            writer.close()  # also where the far end was never reached

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: Link, budget: int | None) -> None:
    """Pass on what comes until the end, or until the budget is used up."""
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
    delivery = asyncio.create_task(_deliver(waiting, writer, link))
    now = asyncio.get_running_loop().time
    try:
        while data := await reader.read(CHUNK_BYTES):
            if budget is not None:
                data, budget = data[:budget], budget - len(data)
            waiting.put_nowait((now() + link.delay_s, data))
            if budget is not None and budget <= 0:
                break
        waiting.put_nowait((now() + link.delay_s, b""))
        await delivery
    finally:
        delivery.cancel()


async def _deliver(waiting: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, link: Link) -> None:
    while True:
        due, data = await waiting.get()
        if not data:
            return
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        size = link.piece_bytes or len(data)
        for begin in range(0, len(data), size):
            writer.write(data[begin : begin + size])
            await writer.drain()
            await asyncio.sleep(0)


def _end(writer: asyncio.StreamWriter, *, is_reset: bool) -> None:
    if is_reset:
        on, at_once = 1, 0
        with suppress(OSError):  # it has ended by itself
            end = writer.get_extra_info("socket")
            end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", on, at_once))
        writer.transport.abort()
    else:
        writer.close()


@dataclass(frozen=True, slots=True)
class FarMachine:
    """A network namespace at the other end of a virtual cable."""

    name: str
    cable: str
    address_here: str

    def tcp_socket(self, *_: object) -> socket.socket:
        """A TCP socket of that machine; takes and ignores what aiohttp's `socket_factory` is given."""
        made: list[socket.socket] = []
        # A thread of its own enters the namespace, for good; its sockets stay there wherever they are used.
        thread = threading.Thread(target=lambda: made.append(self._socket_there()))
        thread.start()
        thread.join()
        return made[0]

    def _socket_there(self) -> socket.socket:
        libc = ctypes.CDLL(None, use_errno=True)
        with (Path("/run/netns") / self.name).open("rb") as namespace:
            if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "the namespace cannot be entered")
        there = socket.socket()
        there.settimeout(0)
        return there

    def pull_cable(self) -> None:
        """Nothing passes any more, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def plug_cable(self) -> None:
        """All is well again."""
        _ip("link", "set", self.cable, "up")


@contextmanager
def far_machine() -> Generator[FarMachine]:
    """A machine behind a cable.

    Raises:
        OSError: that takes root and the program `ip`, on Linux.
    """
    if os.geteuid() != 0:
        raise OSError("only root may make a network namespace")
    number = os.getpid() % 250
    far = FarMachine(f"maru-far-{os.getpid()}", f"maru{os.getpid()}", f"10.213.{number}.1")
    _ip("netns", "add", far.name)
    try:
        _ip("link", "add", far.cable, "type", "veth", "peer", "name", "far", "netns", far.name)
        _ip("addr", "add", f"{far.address_here}/30", "dev", far.cable)
        _ip("-n", far.name, "addr", "add", f"10.213.{number}.2/30", "dev", "far")
        _ip("-n", far.name, "link", "set", "far", "up")
        far.plug_cable()
        yield far
    finally:
        subprocess.run(["ip", "link", "del", far.cable], check=False, capture_output=True)
        _ip("netns", "del", far.name)


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        message = f"ip {' '.join(words)}: {done.stderr.strip()}"
        raise OSError(message)
