"""Custom instructions over real HTTP and the socket: their calls and bounds, and who is told them."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from maru.protocol.custom import MAX_CUSTOM_CHARS
from support.socket_server import InProcess, in_process, turn

TOLD = "About the user:\nI teach physics.\n\nHow to answer:\nBe brief."


@pytest.fixture
async def maru() -> AsyncGenerator[InProcess]:
    """A server in this process."""
    async with in_process() as server:
        yield server


async def _ask(maru: InProcess, method: str, path: str, body: object = None, key: str | None = None) -> tuple[int, Any]:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with maru.session.request(method, path, json=body, headers=headers) as answer:
        return answer.status, await answer.json()


async def _keep(maru: InProcess, **words: object) -> None:
    status, kept = await _ask(maru, "POST", "/v1/instructions", words)
    assert status == 200, kept


async def test_they_are_kept_and_turned_off(maru: InProcess) -> None:
    """What is absent stays."""
    empty = {"object": "maru.instructions", "enabled": True, "about": "", "style": "", "max_chars": MAX_CUSTOM_CHARS}
    assert await _ask(maru, "GET", "/v1/instructions") == (200, empty)
    await _keep(maru, about="  I teach physics.\n", style="Be brief.")
    await _keep(maru, enabled=False)
    kept = {**empty, "enabled": False, "about": "I teach physics.", "style": "Be brief."}
    assert await _ask(maru, "GET", "/v1/instructions") == (200, kept)
    stranger = await maru.key_of_a_stranger()
    assert await _ask(maru, "GET", "/v1/instructions", key=stranger) == (200, empty)


@pytest.mark.parametrize(("field", "text"), [("about", "x" * (MAX_CUSTOM_CHARS + 1)), ("style", "a\0b")])
async def test_what_cannot_be_kept_is_refused_by_name(maru: InProcess, field: str, text: str) -> None:
    """And what was kept stays."""
    await _keep(maru, about="before")
    status, refused = await _ask(maru, "POST", "/v1/instructions", {field: text})
    assert (status, refused["error"]["param"]) == (400, field)
    assert (await _ask(maru, "GET", "/v1/instructions"))[1]["about"] == "before"


async def test_who_asks_for_them_gets_them_before_its_own(maru: InProcess) -> None:
    """In a conversation and in a chat that is kept nowhere; the Response says what the model was told."""
    await _keep(maru, about="I teach physics.", style="Be brief.")
    _, conversation = await _ask(maru, "POST", "/v1/conversations", {})
    asking: dict[str, Any] = {"model": "echo", "input": "hi", "maru:custom_instructions": True}
    async with maru.socket() as socket:
        plain = await turn(socket, **asking, store=False)
        assert plain["response"]["instructions"] == TOLD
        kept = await turn(socket, **asking, conversation=conversation["id"], instructions="Rhyme.")
        assert kept["response"]["instructions"] == f"{TOLD}\n\nRhyme."
        again = await turn(socket, **asking, conversation=conversation["id"], instructions="Rhyme.")
        assert again["response"]["instructions"] == f"{TOLD}\n\nRhyme."
    _, context = await _ask(maru, "GET", f"/v1/responses/{kept['response']['id']}/context")
    assert context["instructions"] == f"{TOLD}\n\nRhyme."


async def test_they_are_counted_like_the_words_that_they_are(maru: InProcess) -> None:
    """The prompt has as many tokens as with the same words as instructions."""
    await _keep(maru, about="I teach physics.", style="Be brief.")
    asking: dict[str, Any] = {"model": "echo", "input": "hi"}
    _, custom = await _ask(maru, "POST", "/v1/responses/input_tokens", {**asking, "maru:custom_instructions": True})
    _, sent = await _ask(maru, "POST", "/v1/responses/input_tokens", {**asking, "instructions": TOLD})
    _, bare = await _ask(maru, "POST", "/v1/responses/input_tokens", asking)
    assert custom["input_tokens"] == sent["input_tokens"] > bare["input_tokens"]


async def test_nobody_else_is_told_them(maru: InProcess) -> None:
    """A program that does not ask, and anybody while they are off."""
    await _keep(maru, about="I teach physics.")
    async with maru.socket() as socket:
        unasked = await turn(socket, model="echo", input="hi", instructions="Mine alone.")
        assert unasked["response"]["instructions"] == "Mine alone."
        await _keep(maru, enabled=False)
        off = await turn(socket, **{"model": "echo", "input": "hi", "maru:custom_instructions": True})
        assert off["response"]["instructions"] is None
