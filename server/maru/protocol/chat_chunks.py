"""Events of a response as the chunks of a chat completion. Pure.

On the token path nothing is decoded but the frame of an event: the text of a delta goes over as the JSON it already is.
"""

import msgspec

from maru.protocol.chat_answers import usage_of
from maru.protocol.errors import ApiError
from maru.protocol.events import Event
from maru.protocol.response import Response
from maru_backends.base import FinishReason

_encode = msgspec.json.Encoder().encode
_NO_LOGPROBS = msgspec.Raw(b"[]")


class ChunkWriter:
    """Writes the stream of one answer, event by event; the events come in order and whole."""

    def __init__(self, id_: str, *, created: int, model: str, includes_usage: bool) -> None:
        """Nothing is written yet.

        Args:
            id_: of the completion.
            created: Unix seconds.
            model: as the client is told it.
            includes_usage: whether the client asked for the chunk that counts.
        """
        frame = {"id": id_, "object": "chat.completion.chunk", "created": created, "model": model}
        self._head = b"data: " + _encode(frame)[:-1] + b',"choices":['
        # As OpenAI has it: who asked for the usage finds the key in every chunk.
        self._tail = b'],"usage":null}\n\n' if includes_usage else b"]}\n\n"
        self._includes_usage = includes_usage
        self._has_role = False
        self._calls: dict[int, int] = {}

    def said(self, event: Event) -> bytes:
        """The chunks of one event, none for most sorts; the terminal one is told by `ended` or `error_event`."""
        match event.type:
            case "response.output_text.delta":
                delta = _delta_of(event)
                return self._chunk(b'{"content":', delta.delta, b"}", logprobs=delta.logprobs)
            case "response.reasoning_text.delta" | "response.reasoning.delta":
                return self._chunk(b'{"reasoning_content":', _delta_of(event).delta, b"}")
            case "response.refusal.delta":
                return self._chunk(b'{"refusal":', _delta_of(event).delta, b"}")
            case "response.function_call_arguments.delta":
                delta = _delta_of(event)
                index = str(self._calls[delta.output_index]).encode()
                return self._chunk(
                    b'{"tool_calls":[{"index":', index, b',"function":{"arguments":', delta.delta, b"}}]}"
                )
            case "response.output_item.added":
                return self._item(_added_decoder.decode(event.data))
            case _:
                return b""

    def ended(self, response: Response, reason: FinishReason) -> bytes:
        """The last chunks and the end mark."""
        role = b"" if self._has_role else self._role(b'""')
        last = b'{"index":0,"delta":{},"logprobs":null,"finish_reason":"' + reason.encode() + b'"}'
        usage = b""
        if self._includes_usage:
            usage = self._head + b'],"usage":' + _encode(usage_of(response.usage)) + b"}\n\n"
        return role + self._head + last + self._tail + usage + b"data: [DONE]\n\n"

    def _item(self, added: "_Added") -> bytes:
        item = added.item
        # An answer of calls alone has no text, not an empty one; SDKs add the pieces up from here.
        role = b"" if self._has_role else self._role(b'""' if item.type == "message" else b"null")
        if item.type != "function_call":
            return role
        index = self._calls[added.output_index] = len(self._calls)
        call = {
            "index": index,
            "id": item.call_id,
            "type": "function",
            "function": {"name": item.name, "arguments": ""},
        }
        return role + self._chunk(b'{"tool_calls":[', _encode(call), b"]}")

    def _role(self, content: bytes) -> bytes:
        self._has_role = True
        return self._chunk(b'{"role":"assistant","content":', content, b',"refusal":null}')

    def _chunk(self, *delta: bytes | msgspec.Raw, logprobs: bytes | msgspec.Raw = _NO_LOGPROBS) -> bytes:
        chances = (b"null",) if logprobs == _NO_LOGPROBS else (b'{"content":', logprobs, b',"refusal":null}')
        return b"".join(
            (
                self._head,
                b'{"index":0,"delta":',
                *delta,
                b',"logprobs":',
                *chances,
                b',"finish_reason":null}',
                self._tail,
            )
        )


def error_event(error: ApiError) -> bytes:
    """An error inside a stream: SDKs raise at an event with `error`, and no end mark follows a broken answer."""
    return b"data: " + _encode(error.body()) + b"\n\n"


class _Delta(msgspec.Struct):
    delta: msgspec.Raw
    output_index: int
    logprobs: msgspec.Raw = _NO_LOGPROBS


class _AddedItem(msgspec.Struct):
    type: str
    call_id: str = ""
    name: str = ""


class _Added(msgspec.Struct):
    item: _AddedItem
    output_index: int


_delta_decoder = msgspec.json.Decoder(_Delta)
_added_decoder = msgspec.json.Decoder(_Added)


def _delta_of(event: Event) -> _Delta:
    return _delta_decoder.decode(event.data)
