"""A template's name: `maru_backends/template_hash.py`."""

from collections.abc import Sequence

from maru_backends.base import ChatRequest
from maru_backends.errors import BackendUnavailableError, RequestRefusedError
from maru_backends.template_hash import template_hash


def _letters(request: ChatRequest, extra: str = "") -> list[int]:
    return [ord(letter) for message in request.messages for letter in f"<{message.role}>{message.text}{extra}"]


async def test_one_template_has_one_name() -> None:
    """Another one has another."""

    async def plain(request: ChatRequest) -> Sequence[int]:
        return _letters(request)

    async def other(request: ChatRequest) -> Sequence[int]:
        return _letters(request, "\n")

    name = await template_hash(plain)
    assert name == await template_hash(plain)
    assert name is not None
    assert len(name) == 16
    assert name != await template_hash(other)


async def test_a_template_without_system_messages_has_a_name_too() -> None:
    """Gemma's refuses them."""

    async def refuses(request: ChatRequest) -> Sequence[int]:
        if request.messages[0].role == "system":
            raise RequestRefusedError("no system message")
        return _letters(request)

    assert await template_hash(refuses) is not None


async def test_an_engine_that_does_not_tell_has_none() -> None:
    """Nothing is made up."""

    async def silent(request: ChatRequest) -> Sequence[int]:
        raise BackendUnavailableError(f"{len(request.messages)} messages and no answer")

    async def empty(request: ChatRequest) -> Sequence[int]:
        return _letters(request)[:0]

    assert await template_hash(silent) is None
    assert await template_hash(empty) is None
