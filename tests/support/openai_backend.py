"""The OpenAI-compatible backend, impatient, on a scripted engine."""

from maru_backends.base import BackendEvent, ChatMessage, ChatRequest, TextPart
from maru_backends.errors import BackendError
from maru_backends.openai_compatible import OpenAICompatibleBackend, OpenAICompatibleSettings, open_backend
from support.openai_peer import OpenAIPeer

HELLO = ChatRequest((ChatMessage("user", (TextPart("Hello"),)),), session_id="conv_1")


async def opened_backend(peer: OpenAIPeer, **settings: object) -> OpenAICompatibleBackend:
    """A backend with these settings on top of the impatient ones."""
    keys = {"base_url": peer.base_url, "first_token_timeout_s": 0.5, "stall_timeout_s": 0.3, **settings}
    opened = await open_backend(OpenAICompatibleSettings.model_validate(keys))
    assert isinstance(opened, OpenAICompatibleBackend)
    return opened


async def events_of(backend: OpenAICompatibleBackend, request: ChatRequest = HELLO) -> list[BackendEvent]:
    """The whole answer."""
    return [event async for event in backend.stream(request)]


async def failure_of(
    backend: OpenAICompatibleBackend, request: ChatRequest = HELLO
) -> tuple[list[BackendEvent], BackendError]:
    """The events before the error, and the error."""
    events: list[BackendEvent] = []
    try:
        async for event in backend.stream(request):
            events.append(event)  # noqa: PERF401 (what came before the error is wanted too)
    except BackendError as error:
        return events, error
    raise AssertionError(f"no error, but {events}")
