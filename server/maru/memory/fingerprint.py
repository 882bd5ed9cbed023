"""A short key for the content of messages, the same in every process. Pure.

Two contents of one key would be given one count, so each text is written after its length: no text can pose as the end
of a field.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from maru_backends.base import ChatMessage, ChatRequest, ImagePart, TextPart

_KEY_BYTES = 16


def messages_key(messages: Sequence[ChatMessage]) -> bytes:
    """A key of the roles, texts, images and calls."""
    return _key("".join(field for message in messages for field in _fields(message)))


def request_key(request: ChatRequest) -> bytes:
    """A key of all that shapes the prompt; not of how the answer is drawn, nor of the conversation's id."""
    shape = (request.tools, request.tool_choice, request.json_format, request.reasoning_effort)
    return _key(f"{shape!r}{messages_key(request.messages).hex()}")


def running_keys(first: bytes, more: Iterable[bytes]) -> Iterator[bytes]:
    """For each of `more` a key of all up to it, `first` included."""
    state = hashlib.blake2b(first, digest_size=_KEY_BYTES)
    for key in more:
        state.update(key)
        yield state.copy().digest()


def _key(written: str) -> bytes:
    # JSON can carry half of a surrogate pair; what becomes of it is not decided here.
    return hashlib.blake2b(written.encode(errors="surrogatepass"), digest_size=_KEY_BYTES).digest()


def _fields(message: ChatMessage) -> Iterator[str]:
    answered = message.tool_call_id
    yield f"{message.role},{len(message.parts)},{len(message.tool_calls)},{answered is not None}:"
    for part in message.parts:
        match part:
            case TextPart(text):
                yield f"t{len(text)}:{text}"
            case ImagePart(url, detail):
                yield f"i{detail},{len(url)}:{url}"
    for call in message.tool_calls:
        yield f"{len(call.id)},{len(call.name)},{len(call.arguments)}:{call.id}{call.name}{call.arguments}"
    if answered is not None:
        yield f"{len(answered)}:{answered}"
