"""A short key for the content of messages, the same in every process, and about how much they are. Pure.

Two contents of one key would be given one count, so each text is written after its length: no text can pose as the end
of a field. Every turn of a history passes here at every request, so a message is written in one go.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from maru_backends.base import ChatMessage, ChatRequest, ImagePart, Part, TextPart

_KEY_BYTES = 16
_BYTES_PER_IMAGE = 4000


@dataclass(frozen=True, slots=True)
class Content:
    """What was said, without the words.

    Attributes:
        key: equal for equal roles, texts, images and calls.
        weight: bytes of text; an image is like so many as cost about as many tokens, and a message costs a few.
    """

    key: bytes
    weight: int


def content_of(messages: Sequence[ChatMessage]) -> Content:
    """The messages' key and weight."""
    written = _bytes("".join(map(_message, messages)))
    links = [len(part.url) for message in messages for part in message.parts if isinstance(part, ImagePart)]
    return Content(_key(written), len(written) + _BYTES_PER_IMAGE * len(links) - sum(links))


def request_content(request: ChatRequest) -> Content:
    """Key and weight of all that shapes the prompt; not of how the answer is drawn, nor of the conversation's id."""
    said = content_of(request.messages)
    shape = _bytes(repr((request.tools, request.tool_choice, request.json_format, request.reasoning_effort)))
    return Content(_key(said.key + shape), said.weight + len(shape))


def running_keys(first: bytes, more: Iterable[bytes]) -> Iterator[bytes]:
    """For each of `more` a key of all up to it, `first` included."""
    state = hashlib.blake2b(first, digest_size=_KEY_BYTES)
    for key in more:
        state.update(key)
        yield state.copy().digest()


def _key(written: bytes) -> bytes:
    return hashlib.blake2b(written, digest_size=_KEY_BYTES).digest()


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")  # JSON can carry half of a pair; what becomes of it is not decided here


def _message(message: ChatMessage) -> str:
    parts, calls, answered = message.parts, message.tool_calls, message.tool_call_id
    if len(parts) == 1 and isinstance(part := parts[0], TextPart) and not calls and answered is None:
        return f"{message.role}:{len(part.text)}:{part.text}"
    called = "".join(
        f"{len(call.id)},{len(call.name)},{len(call.arguments)}:{call.id}{call.name}{call.arguments}" for call in calls
    )
    answers = "-" if answered is None else f"{len(answered)}:{answered}"
    return f"{message.role},{len(parts)},{len(calls)}:{''.join(map(_part, parts))}{called}{answers}"


def _part(part: Part) -> str:
    match part:
        case TextPart(text):
            return f"t{len(text)}:{text}"
        case ImagePart(url, detail):
            return f"i{detail},{len(url)}:{url}"
