"""Stop, from the client's frame to the engine's own count: through the whole service, on a real vLLM."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from support.live_server import LiveServer
from support.vllm_server import ENDLESS_FORMAT, VllmServer, running_requests

Socket = aiohttp.ClientWebSocketResponse


async def _stop_frame(socket: Socket, response_id: str) -> None:
    await socket.send_json({"type": "response.cancel", "response_id": response_id})


async def _close(socket: Socket, _: str) -> None:
    await socket.close()


@pytest.mark.parametrize("stop", [_stop_frame, _close])
async def test_the_engine_is_idle_within_a_second(
    maru_on_vllm: LiveServer, vllm_server: VllmServer, stop: Callable[[Socket, str], Awaitable[None]]
) -> None:
    """Stop must stop the engine, not hide its text; so must closing the connection of a plain request."""
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(maru_on_vllm.ws_url)
        create: dict[str, Any] = {"type": "response.create", "input": "Count.", "text": ENDLESS_FORMAT}
        await socket.send_json(create)
        response_id = (await socket.receive_json())["response"]["id"]
        while (await socket.receive_json())["type"] != "response.output_text.delta":
            pass
        assert await asyncio.to_thread(running_requests, vllm_server) == 1
        await stop(socket, response_id)
        deadline = time.monotonic() + 1
        while await asyncio.to_thread(running_requests, vllm_server):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.01)
        await socket.close()
        async with session.get(f"{maru_on_vllm.url}/v1/responses/{response_id}") as answer:
            assert (await answer.json())["status"] == "cancelled"
