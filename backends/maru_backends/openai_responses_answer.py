"""The answer of OpenAI's Responses API, event by event: it becomes events of the seam.

Each event is put into the words of a chat completion and read by `openai_answer.py`, which knows what engines get
wrong; here is only what that API does in its own way. Knows nothing of bytes or sockets.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from maru_backends.base import BackendEvent, ChatRequest, Finished, TextDelta, TokenLogprob, Usage
from maru_backends.errors import BackendError, BackendStreamBrokenError
from maru_backends.foreign_json import json_object, object_of, objects_of, text_of
from maru_backends.kept_thinking import KeptThinking
from maru_backends.openai_answer import END_MARK, AnswerReader, spelling_of
from maru_backends.openai_chat import Json
from maru_backends.openai_errors import error_in_stream
from maru_backends.text_stream import StopScanner

_TEXT = "response.output_text.delta"
_REASONING = {"response.reasoning_text.delta", "response.reasoning.delta", "response.reasoning_summary_text.delta"}
_ENDS = {"response.completed", "response.incomplete"}
_STATUSES = {"rate_limit_exceeded": 429, "insufficient_quota": 429, "model_not_found": 404}


class ResponsesReader:
    """Reads one streamed response; feed it every event's data, then `end` it."""

    def __init__(self, request: ChatRequest, answer: AnswerReader, kept: KeptThinking) -> None:
        """Expect the response to `request`; `answer` reads its chunks, `kept` gets what goes back with its calls."""
        self._answer = answer
        self._kept = kept
        self._items = _Items()
        self._stops = StopScanner(request.sampling.stop)
        self._unshown = _Unshown()
        self._met_stop = False
        self.is_over = False

    @property
    def is_finished(self) -> bool:
        """Whether the engine said why it stopped, or was told to."""
        return self._answer.is_finished or self._met_stop

    def read(self, data: str, *, event_name: str = "") -> list[BackendEvent]:
        """The events of the seam in one event; often none.

        Raises:
            BackendError: the engine told of an error, or spoke no JSON.
        """
        if self.is_over or data.strip() == END_MARK:
            self.is_over = True
            return []
        event = json_object(data)
        if event is None:
            raise BackendStreamBrokenError("The engine sent something that is not a response.")
        kind = text_of(event.get("type")) or event_name
        if event.get("object") == "response" or (event.get("error") and kind != "error"):
            kind, event = "", {"response": event}  # an engine that does not stream
        failure = _failure(kind, event)
        if failure is not None:
            raise failure
        chunks = self._whole(event) if not kind else self._items.read(kind, event)
        shown = [one for chunk in chunks for one in self._before_stop(self._answer.take(chunk))]
        self.is_over = self._answer.is_finished or self._met_stop
        return shown

    def end(self) -> list[BackendEvent]:
        """The last events, `Finished` at their end.

        Raises:
            BackendStreamBrokenError: no end came; the end mark alone is no success.
        """
        if self._met_stop:
            return [Finished("stop")]
        events = [*self._before_stop(self._answer.end())]
        self._kept.keep(self._items.thinking)
        rest = "" if self._met_stop else self._stops.flush()
        if rest:
            end = next(place for place, event in enumerate(events) if isinstance(event, Usage | Finished))
            events.insert(end, TextDelta(rest, self._unshown.of(rest)))
        return [*events, Finished("stop")] if self._met_stop else events

    def _whole(self, event: Mapping[str, object]) -> Iterator[Json]:
        response = object_of(event["response"])
        if response.get("status") not in {"completed", "incomplete"}:
            raise BackendStreamBrokenError("The engine gave up on this answer.")
        for place, item in enumerate(objects_of(response.get("output"))):
            yield from self._items.read("response.output_item.done", {"output_index": place, "item": item})
        yield _last(response)

    def _before_stop(self, events: Iterable[BackendEvent]) -> Iterator[BackendEvent]:
        for event in events:
            if self._met_stop:
                return
            if not isinstance(event, TextDelta):
                yield event
                continue
            self._unshown.add(event)
            shown, self._met_stop = self._stops.feed(event.text)
            if shown:
                yield TextDelta(shown, self._unshown.of(shown))


@dataclass(slots=True)
class _Unshown:
    """Tokens of text that is held back, as it may become a stop string; each goes with the first of its text."""

    _tokens: deque[TokenLogprob] = field(default_factory=deque[TokenLogprob])
    _held: int = 0
    _ahead: int = 0

    def add(self, event: TextDelta) -> None:
        """More text, of which nothing was shown yet."""
        self._tokens += event.logprobs
        self._held += len(event.text.encode(errors="replace"))

    def of(self, shown: str) -> tuple[TokenLogprob, ...]:
        """The tokens of the text that is shown next; all where nothing is held back any more."""
        size = len(shown.encode(errors="replace"))
        self._held -= size
        left = size - self._ahead
        tokens: list[TokenLogprob] = []
        while self._tokens and (left > 0 or self._held <= 0):
            tokens.append(token := self._tokens.popleft())
            left -= len(token.bytes)
        self._ahead = max(0, -left) if self._held > 0 else 0
        return tuple(tokens)


@dataclass(slots=True)
class _Items:
    """The items of a response, in the words of a chat: calls are numbered, thoughts are parted, nothing comes twice.

    Attributes:
        thinking: the sealed reasoning that led to each call, by its id.
    """

    thinking: dict[str, tuple[Json, ...]] = field(default_factory=dict[str, tuple[Json, ...]])
    _calls: dict[object, int] = field(default_factory=dict[object, int])
    _heard: dict[tuple[object, str], int] = field(default_factory=dict[tuple[object, str], int])
    _sealed: list[Json] = field(default_factory=list[Json])
    _thought: tuple[object, object] | None = None
    _text: tuple[str, list[Json]] | None = None

    def read(self, kind: str, event: Mapping[str, object]) -> Iterator[Json]:
        """The chunks of a chat completion that say the same; none for what says nothing new."""
        place, delta = event.get("output_index"), text_of(event.get("delta"))
        yield from self._let_go(is_last=kind != _TEXT)
        if kind == _TEXT:
            self._hear(place, "text", delta)
            self._text = (delta, objects_of(event.get("logprobs")))
            if not self._text[1]:
                yield from self._let_go(is_last=False)
        elif kind in _REASONING:
            yield from self._thoughts(place, event.get("summary_index", event.get("content_index")), delta)
        elif kind == "response.refusal.delta":
            self._hear(place, "refusal", delta)
            yield _chunk({"refusal": delta})
        elif kind == "response.function_call_arguments.delta":
            self._hear(place, "arguments", delta)
            yield self._call(place, {"arguments": delta})
        elif kind == "response.output_item.added":
            yield from self._begun(place, object_of(event.get("item")))
        elif kind == "response.output_item.done":
            yield from self._done(place, object_of(event.get("item")))
        elif kind in _ENDS:
            yield _last(object_of(event.get("response")))

    def _let_go(self, *, is_last: bool) -> Iterator[Json]:
        """The text that was held back: with its last piece vLLM tells the token that ended it, too."""
        if self._text is None:
            return
        (text, tokens), self._text = self._text, None
        while is_last and tokens and not text.encode(errors="replace").endswith(spelling_of(tokens[-1])):
            tokens.pop()
        yield _chunk({"content": text}, logprobs={"content": tokens})

    def _thoughts(self, place: object, part: object, delta: str) -> Iterator[Json]:
        gap = "\n\n" if self._thought not in {None, (place, part)} else ""
        self._thought = (place, part)
        self._hear(place, "thoughts", delta)
        yield _chunk({"reasoning": gap + delta})

    def _begun(self, place: object, item: Mapping[str, object]) -> Iterator[Json]:
        if item.get("type") != "function_call" or place in self._calls:
            return
        self._calls[place] = len(self._calls)
        call_id = text_of(item.get("call_id"))
        self.thinking[call_id] = tuple(self._sealed)
        self._sealed = []
        yield self._call(place, {"name": item.get("name")}, call_id)

    def _done(self, place: object, item: Mapping[str, object]) -> Iterator[Json]:
        """What of a whole item was not told in pieces."""
        kind = item.get("type")
        if kind == "function_call":
            yield from self._begun(place, item)
            rest = self._unheard(place, "arguments", text_of(item.get("arguments")))
            if rest:
                yield self._call(place, {"arguments": rest})
        elif kind == "reasoning":
            parts = [*objects_of(item.get("summary")), *objects_of(item.get("content"))]
            thoughts = "\n\n".join(text_of(part.get("text")) for part in parts)
            if not self._heard.get((place, "thoughts")) and thoughts:
                yield from self._thoughts(place, None, thoughts)
            if item.get("encrypted_content"):
                kept = ("type", "id", "summary", "encrypted_content")
                self._sealed.append({name: item[name] for name in kept if name in item})
        elif kind == "message":
            parts = objects_of(item.get("content"))
            for name, word in (("text", "content"), ("refusal", "refusal")):
                rest = self._unheard(place, name, "".join(text_of(part.get(name)) for part in parts))
                if rest:
                    yield _chunk({word: rest})

    def _call(self, place: object, function: Json, call_id: str = "") -> Json:
        number = self._calls.setdefault(place, len(self._calls))
        return _chunk({"tool_calls": [{"index": number, "id": call_id or None, "function": function}]})

    def _hear(self, place: object, what: str, delta: str) -> None:
        self._heard[place, what] = self._heard.get((place, what), 0) + len(delta)

    def _unheard(self, place: object, what: str, whole: str) -> str:
        return whole[self._heard.get((place, what), 0) :]


def _chunk(delta: Json, **fields: object) -> Json:
    return {"choices": [{"index": 0, "delta": delta, **fields}]}


def _last(response: Mapping[str, object]) -> Json:
    """The end, and what was counted."""
    status = response.get("status")
    why = text_of(object_of(response.get("incomplete_details")).get("reason"))
    reason = "stop" if status == "completed" else "content_filter" if why == "content_filter" else "length"
    usage = object_of(response.get("usage"))
    chunk = _chunk({}, finish_reason=reason)
    if not usage:
        return chunk
    return {
        **chunk,
        "usage": {
            "prompt_tokens": usage.get("input_tokens"),
            "completion_tokens": usage.get("output_tokens"),
            "prompt_tokens_details": usage.get("input_tokens_details"),
            "completion_tokens_details": usage.get("output_tokens_details"),
        },
    }


def _failure(kind: str, event: Mapping[str, object]) -> BackendError | None:
    """What went wrong, where something did: in the event itself or, as Open Responses says, within it."""
    response = object_of(event.get("response"))
    if kind == "error":
        error = object_of(event.get("error")) or dict(event)
    elif response.get("error") or response.get("status") == "failed":
        error = object_of(response.get("error"))
    else:
        return None
    code = text_of(error.get("code"))
    status = _STATUSES.get(code) or (HTTPStatus.BAD_REQUEST.value if code.startswith("invalid_") else None)
    told = {name: value for name, value in error.items() if name in {"message", "code", "param"}}
    return error_in_stream({"error": {**told, "status": status}})
