"""The Open Responses compliance suite, all 17: on scripted models, on the house model, and on it in vLLM."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import aiohttp
import pytest

from support.compliance import CASES, NEEDS, Schemas, Suite, specification
from support.echo_models import REFUSER, THINKER
from support.live_server import LiveServer, live_server
from support.scripted_server import scripted_server


@pytest.fixture(scope="module")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """A server whose models call tools and take images."""
    with scripted_server(tmp_path_factory.mktemp("compliance")) as server:
        yield server


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    """The specification's own, where they are."""
    return Schemas(specification())


@pytest.fixture(params=["scripted", "house", "vllm"])
async def suite(request: pytest.FixtureRequest, schemas: Schemas) -> AsyncGenerator[Suite]:
    """Each sort of model in turn."""
    kind: str = request.param
    fixture, model = {"scripted": ("scripted", "echo"), "house": ("maru", "house"), "vllm": ("maru_on_vllm", "vllm")}[
        kind
    ]
    server: LiveServer = request.getfixturevalue(fixture)
    caller, seer = ("caller", "echo") if kind == "scripted" else (None, None)
    async with aiohttp.ClientSession(server.url, timeout=aiohttp.ClientTimeout(240)) as session:
        yield Suite(session, schemas, model, caller, seer)


@pytest.mark.parametrize("name", CASES)
async def test_one_of_the_suite(suite: Suite, name: str) -> None:
    """By the suite's own name for it."""
    if name in NEEDS and getattr(suite, NEEDS[name]) is None:
        pytest.skip(f"the model {suite.model!r} cannot do what {name} asks")
    await CASES[name](suite)


@pytest.mark.parametrize("suite", ["scripted"], indirect=True)
async def test_all_of_the_suite_at_once(suite: Suite) -> None:
    """The official runner starts every test at the same moment."""
    await asyncio.gather(*(case(suite) for case in CASES.values()))


@pytest.mark.parametrize("name", ["basic-response", "streaming-response", "websocket-response"])
async def test_thinking_and_refusals_in_the_words_of_the_specification(
    name: str, schemas: Schemas, tmp_path: Path
) -> None:
    """The events of raw thinking have other names there; a setting chooses them."""
    with live_server(tmp_path, 'reasoning_events = "openresponses"\n' + THINKER + REFUSER) as server:
        async with aiohttp.ClientSession(server.url) as session:
            for model in ("thinker", "refuser"):
                await CASES[name](Suite(session, schemas, model, None, None))


def test_the_specification_is_at_hand() -> None:
    """Without its file nothing is validated: that is said, not passed over."""
    if specification() is None:
        pytest.skip("no shared/openresponses/openapi.json beside the project: only the assertions were made")
    with pytest.raises(AssertionError):
        Schemas(specification()).check("ResponseResource", {"id": "resp_1"})
