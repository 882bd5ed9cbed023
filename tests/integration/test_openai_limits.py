"""What the OpenAI-compatible backend says a server can hold and do: set, told, or assumed."""

from collections.abc import AsyncIterator

import pytest

from maru_backends.base import ChatRequest, Finished
from maru_backends.errors import BackendSetupError
from maru_backends.openai_compatible import OpenAICompatibleBackend, OpenAICompatibleSettings, open_backend
from support.openai_backend import HELLO, events_of, failure_of, opened_backend
from support.openai_peer import Json, OpenAIPeer, Script, delta, finish, openai_peer, sse, usage

WHOLE = sse(delta("Hi"), finish(), usage(3, 1), "[DONE]")


@pytest.fixture
async def peer() -> AsyncIterator[OpenAIPeer]:
    """A scripted engine."""
    async with openai_peer() as running:
        yield running


@pytest.fixture
async def backend(peer: OpenAIPeer) -> AsyncIterator[OpenAICompatibleBackend]:
    """A backend of little patience on that engine."""
    opened = await opened_backend(peer)
    yield opened
    await opened.close()


async def test_window_comes_from_the_server(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """Asked, not guessed; and a wish beyond it becomes "as many as fit"."""
    peer.play(Script((WHOLE,)))
    limits = await backend.limits()
    assert (limits.context_window, limits.counts_exactly) == (4096, False)
    await events_of(backend, ChatRequest(HELLO.messages, max_tokens=10**9))
    await events_of(backend, ChatRequest(HELLO.messages, max_tokens=100))
    assert [asked.body.get("max_tokens") for asked in peer.asked] == [None, 100]


async def test_several_models_need_a_name(peer: OpenAIPeer, backend: OpenAICompatibleBackend) -> None:
    """The error lists what there is."""
    peer.models = {"data": [{"id": "a"}, {"id": "b"}]}
    failure = (await failure_of(backend))[1]
    assert isinstance(failure, BackendSetupError)
    assert "a, b" in str(failure)


TOLD: Json = {"id": "peer", "supported_parameters": ["tools"], "architecture": {"input_modalities": ["image"]}}


@pytest.mark.parametrize(
    ("entry", "settings", "features"),
    [
        ({"id": "peer"}, {}, {"tools", "json"}),
        (TOLD, {}, {"tools", "images"}),
        (TOLD, {"context_window": 2000}, {"tools", "images"}),
        (TOLD, {"features": ["json"]}, {"json"}),
        (TOLD, {"features": []}, set[str]()),
    ],
    ids=["told nothing", "told", "told beside a window that is set", "set", "set to nothing"],
)
async def test_features_are_set_or_told_or_what_is_safe_to_assume(
    peer: OpenAIPeer, entry: Json, settings: dict[str, object], features: set[str]
) -> None:
    """An image that a server leaves out would be talked about as if it had been seen."""
    peer.models = {"data": [entry]}
    backend = await opened_backend(peer, **settings)
    assert (await backend.limits()).features == features
    await backend.close()


async def test_openai_itself_is_not_asked_what_it_can_do() -> None:
    """Its list does not tell; nothing is called here, as sockets to other machines would fail."""
    settings = OpenAICompatibleSettings(model="gpt-x", context_window=1000)
    backend = await open_backend(settings)
    assert (await backend.limits()).features == {"tools", "images", "json"}
    await backend.close()


async def test_what_is_assumed_is_told_to_the_operator(
    peer: OpenAIPeer, backend: OpenAICompatibleBackend, caplog: pytest.LogCaptureFixture
) -> None:
    """Once, with the setting that changes it."""
    peer.models = {"data": [{"id": "peer"}]}
    with caplog.at_level("INFO"):
        await backend.limits()
        await backend.limits()
    (told,) = [record.getMessage() for record in caplog.records if record.name.startswith("maru_backends")]
    assert "`features`" in told


async def test_server_without_a_list_of_models_still_chats(peer: OpenAIPeer) -> None:
    """Then the window is an estimate and the name comes from the settings."""
    peer.models_status = 404
    peer.play(Script((WHOLE,)))
    backend = await opened_backend(peer, model="m")
    assert (await backend.limits()).context_window == 8192
    assert (await events_of(backend))[-1] == Finished("stop")
    await backend.close()
