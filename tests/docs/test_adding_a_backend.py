"""The tutorial works word for word: its files are taken out of the page, installed, and asked for an answer."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from maru_backends.base import Backend, ChatMessage, ChatRequest, Finished, TextDelta, TextPart
from maru_backends.errors import BackendStreamBrokenError, BackendUnavailableError
from maru_backends.registry import plugin_for

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-backend.md"


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tutorial's package, installed by pip into a folder of its own."""
    source = tmp_path_factory.mktemp("maru-parrot")
    (source / "pyproject.toml").write_text(_blocks("toml")[0], encoding="utf-8")
    (source / "maru_parrot.py").write_text(_blocks("python")[0], encoding="utf-8")
    folder = tmp_path_factory.mktemp("site")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "--target", str(folder), str(source)], check=True)
    return folder


@pytest.fixture
async def parrot() -> AsyncIterator[TestServer]:
    """The engine of the tutorial: repeats the last message word by word; says no finish reason when told to break."""

    async def complete(request: web.Request) -> web.StreamResponse:
        words = (await request.json())["messages"][-1]["text"].split(" ")
        response = web.StreamResponse()
        await response.prepare(request)
        for word in words:
            await response.write(json.dumps({"text": word + " "}).encode() + b"\n")
        if "break" not in words:
            await response.write(json.dumps({"done": "stop"}).encode() + b"\n")
        return response

    async def health(_request: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    app.add_routes([web.post("/complete", complete), web.get("/health", health)])
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def backend(package: Path, parrot: TestServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Backend]:
    """The tutorial's backend, found by its name as the server finds it."""
    monkeypatch.syspath_prepend(str(package))  # pyright: ignore[reportUnknownMemberType]
    plugin: Any = plugin_for("parrot")
    opened: Backend = await plugin.open(plugin.settings_type(base_url=str(parrot.make_url("/"))))
    yield opened
    await opened.close()


def _asking(text: str) -> ChatRequest:
    return ChatRequest(messages=(ChatMessage("user", (TextPart(text),)),))


async def test_tutorial_answers(backend: Backend) -> None:
    """Who copies the page has a working backend."""
    events = [event async for event in backend.stream(_asking("one two"))]
    assert events == [TextDelta("one "), TextDelta("two "), Finished("stop")]
    assert (await backend.health()).is_ready
    assert (await backend.limits()).context_window == 4096


async def test_tutorial_keeps_the_promise_about_ends(backend: Backend) -> None:
    """An answer without a finish reason must not look whole, in the example least of all."""
    with pytest.raises(BackendStreamBrokenError):
        _ = [event async for event in backend.stream(_asking("break off"))]


async def test_tutorial_says_when_the_engine_is_gone(backend: Backend, parrot: TestServer) -> None:
    """An engine that is down is an error people can act on, not a traceback."""
    await parrot.close()
    assert not (await backend.health()).is_ready
    with pytest.raises(BackendUnavailableError):
        _ = [event async for event in backend.stream(_asking("anybody there"))]


def test_settings_in_the_tutorial_are_accepted(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lines for `maru.toml` fit the settings class they stand beside."""
    monkeypatch.syspath_prepend(str(package))  # pyright: ignore[reportUnknownMemberType]
    table = tomllib.loads(_blocks("toml")[1])["models"][0]
    plugin: Any = plugin_for(table["backend"])
    keys = {key: value for key, value in table.items() if key not in {"id", "backend"}}
    assert plugin.settings_type(**keys).base_url == table["base_url"]
