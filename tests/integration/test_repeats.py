"""`Idempotency-Key` on `POST /v1/responses`, through real sockets and a real database."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from support.echo_models import BUSY, ECHO, STEADY
from support.live_server import LiveServer, free_port, live_server

MODELS = ECHO + STEADY + BUSY


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server whose models answer at once, in about a second, and never."""
    with live_server(tmp_path_factory.mktemp("repeats"), MODELS) as server:
        yield server


@asynccontextmanager
async def _client(server: LiveServer) -> AsyncGenerator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(server.url, timeout=aiohttp.ClientTimeout(20)) as session:
        yield session


async def _create(session: aiohttp.ClientSession, key: str, **body: Any) -> tuple[int, Any]:
    async with session.post("/v1/responses", json=body, headers={"Idempotency-Key": key}) as answer:
        return answer.status, await answer.json()


async def _conversation(session: aiohttp.ClientSession) -> str:
    async with session.post("/v1/conversations", json={}) as answer:
        return str((await answer.json())["id"])


async def _responses_in(session: aiohttp.ClientSession, conversation: str) -> dict[str, Any]:
    async with session.get(f"/v1/conversations/{conversation}/tree") as answer:
        responses: dict[str, Any] = (await answer.json())["responses"]
        return responses


async def test_a_repeat_gets_the_same_answer(session: aiohttp.ClientSession) -> None:
    """Byte for byte, and the conversation holds it once."""
    conversation = await _conversation(session)
    body = {"input": "hi", "conversation": conversation}
    first = await _create(session, "same answer", **body)
    assert first[0] == 200
    assert await _create(session, "same answer", **body) == first
    assert list(await _responses_in(session, conversation)) == [first[1]["id"]]


async def test_repeats_at_once_wait_for_one_run(session: aiohttp.ClientSession) -> None:
    """A second run in the conversation would be refused; a repeat is not."""
    body = {"model": "steady", "input": "go", "conversation": await _conversation(session)}
    answers = await asyncio.gather(*(_create(session, "at once", **body) for _ in range(5)))
    assert {status for status, _ in answers} == {200}
    assert len({answer["id"] for _, answer in answers}) == 1
    assert all(len(answer["output"][0]["content"][0]["text"].split()) == 40 for _, answer in answers)


async def test_whoever_lost_the_answer_comes_back_for_it(session: aiohttp.ClientSession) -> None:
    """A plain request without a key would be stopped when its client leaves."""
    conversation = await _conversation(session)
    body = {"model": "steady", "input": "go", "conversation": conversation}
    with pytest.raises(asyncio.TimeoutError):
        async with asyncio.timeout(0.3):
            await _create(session, "come back", **body)
    status, answer = await _create(session, "come back", **body)
    assert (status, answer["status"]) == (200, "completed")
    assert list(await _responses_in(session, conversation)) == [answer["id"]]


async def test_a_repeated_stream_has_every_event_from_the_first(session: aiohttp.ClientSession) -> None:
    """Of a running answer and of one that has ended a short while ago."""

    async def stream() -> bytes:
        body = {"model": "steady", "input": "go", "stream": True}
        async with session.post("/v1/responses", json=body, headers={"Idempotency-Key": "stream"}) as answer:
            assert answer.status == 200
            return await answer.read()

    first, second = await asyncio.gather(stream(), stream())
    assert first.count(b"event: response.output_text.delta") == 40
    assert first == second == await stream()


async def test_a_repeated_background_request_tells_how_far_it_is(session: aiohttp.ClientSession) -> None:
    """It returns at once, like the first."""
    body = {"model": "steady", "input": "go", "background": True}
    _, first = await _create(session, "background", **body)
    status, again = await _create(session, "background", **body)
    assert (status, again["id"]) == (200, first["id"])
    assert again["status"] in {"queued", "in_progress"}


async def test_another_body_under_a_used_key_is_refused(session: aiohttp.ClientSession) -> None:
    """With the header's name and a sentence that says what to do."""
    await _create(session, "used", input="hi")
    status, answer = await _create(session, "used", input="ho")
    assert (status, answer["error"]["code"]) == (400, "idempotency_key_reused")
    assert answer["error"]["param"] == "Idempotency-Key"
    assert "Send a new key" in answer["error"]["message"]


async def test_a_refused_request_does_not_use_its_key(session: aiohttp.ClientSession) -> None:
    """The mended request may be sent with the same one."""
    assert (await _create(session, "mended", input="hi", model="nope"))[0] == 400
    assert (await _create(session, "mended", input="hi"))[0] == 200


@pytest.mark.parametrize(
    ("key", "body", "param"),
    [("x" * 256, {}, "Idempotency-Key"), ("", {}, "Idempotency-Key"), ("unstored", {"store": False}, "store")],
)
async def test_a_key_that_cannot_be_used_is_refused(
    session: aiohttp.ClientSession, key: str, body: dict[str, Any], param: str
) -> None:
    """To take the request without its key would run it twice."""
    status, answer = await _create(session, key, input="hi", **body)
    assert (status, answer["error"]["param"]) == (400, param)


async def test_a_failure_is_repeated_too_and_said_to_be_final(session: aiohttp.ClientSession) -> None:
    """An SDK that tries again by itself would only get the same failure again."""
    conversation = await _conversation(session)
    body = {"model": "busy", "input": "hi", "conversation": conversation}
    for _ in range(2):
        async with session.post("/v1/responses", json=body, headers={"Idempotency-Key": "busy"}) as answer:
            assert (answer.status, answer.headers["x-should-retry"]) == (429, "false")
    assert len(await _responses_in(session, conversation)) == 1
    async with session.post("/v1/responses", json={"model": "busy", "input": "hi"}) as answer:
        assert (answer.status, answer.headers["x-should-retry"]) == (429, "true")


async def test_a_deleted_answer_frees_its_key(session: aiohttp.ClientSession) -> None:
    """What is forgotten is forgotten with its name."""
    _, first = await _create(session, "deleted", input="hi")
    async with session.delete(f"/v1/responses/{first['id']}"):
        pass
    status, again = await _create(session, "deleted", input="hi")
    assert status == 200
    assert again["id"] != first["id"]


async def test_a_key_outlives_the_server(tmp_path: Path) -> None:
    """The client cannot know that it was restarted in between."""
    server = LiveServer(tmp_path, MODELS, free_port())
    server.start()
    try:
        async with _client(server) as session:
            first = await _create(session, "plain", input="hi")
            _, begun = await _create(session, "background", input="hi", background=True)
            body = {"input": "hi", "stream": True}
            async with session.post("/v1/responses", json=body, headers={"Idempotency-Key": "stream"}) as answer:
                streamed = await answer.read()
        server.stop()
        server.start()
        async with _client(server) as session:
            assert await _create(session, "plain", input="hi") == first
            status, background = await _create(session, "background", input="hi", background=True)
            assert (status, background["id"]) == (200, begun["id"])
            assert background["status"] in {"completed", "incomplete"}
            async with session.post("/v1/responses", json=body, headers={"Idempotency-Key": "stream"}) as answer:
                assert await answer.read() == streamed
    finally:
        server.stop()
