"""What the operator lets a request bring in: images by address, copies of kept items."""

from dataclasses import replace
from typing import Any

import pytest

from maru.protocol.errors import ApiError
from maru.store.in_memory import InMemoryStore
from support.files import DOT
from support.service import RULES, service

PICTURE = DOT
AWAY = "http://169.254.169.254/latest/meta-data"
FETCHING = replace(RULES, fetches_images=True)


def _shown(url: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "input_text", "text": "?"}, _part(url)]}]


def _part(url: str) -> dict[str, Any]:
    return {"type": "input_image", "image_url": url}


@pytest.mark.parametrize(
    "url",
    [AWAY, "HTTPS://10.0.0.1/a.png", "file:///etc/passwd", " http://x/", "//x/a.png", "a.png", "data:text/html,x"],
)
async def test_an_engine_is_sent_to_no_address(url: str) -> None:
    """It would fetch it from inside of the operator's network, for whoever asks."""
    async with service() as s:
        with pytest.raises(ApiError) as refused:
            await s.ask(input=_shown(url))
        assert refused.value.status == 400
        assert refused.value.param == "input[0].content[1].image_url"
        assert "data:image/" in refused.value.message


async def test_a_tool_sends_an_engine_to_no_address_either() -> None:
    """What a tool answers is as foreign as what a user says."""
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "c", "output": [_part(AWAY)]}
    async with service() as s:
        with pytest.raises(ApiError) as refused:
            await s.ask(input=[{"role": "user", "content": "go"}, call, output])
        assert refused.value.param == "input[2].output[0].image_url"


async def test_an_image_in_the_request_is_taken() -> None:
    """Nothing is fetched for it."""
    async with service() as s:
        for url in (PICTURE, PICTURE.replace("data:image", "DATA:Image")):
            assert (await s.ask(input=_shown(url))).status == "completed"


async def test_the_operator_may_let_engines_fetch_but_never_read_files() -> None:
    """An engine in a network without secrets may."""
    async with service(rules=FETCHING) as s:
        assert (await s.ask(input=_shown(AWAY))).status == "completed"
        with pytest.raises(ApiError, match="sent in the request itself"):
            await s.ask(input=_shown("file:///etc/passwd"))


async def test_copies_are_bounded_together() -> None:
    """A few references to large items stand for more than any request may hold."""
    async with service(rules=replace(RULES, max_copied_bytes=2_000)) as s:
        told = [await s.ask(input="x" * 500) for _ in range(4)]
        refer = [{"type": "item_reference", "id": response.maru_input[0]} for response in told]
        assert (await s.ask(input=refer[:3])).status == "completed"
        with pytest.raises(ApiError, match="more than 2000 bytes") as refused:
            await s.ask(input=refer)
        assert (refused.value.status, refused.value.param) == (400, "input")


async def test_an_address_kept_from_when_it_was_allowed_is_refused() -> None:
    """History goes to the engine too."""
    store = InMemoryStore()
    async with service(store=store, rules=FETCHING) as s:
        first = await s.ask(input=_shown(AWAY))
    async with service(store=store) as s:
        with pytest.raises(ApiError, match="fetch_images"):
            await s.ask(input="and now?", previous_response_id=first.id)
