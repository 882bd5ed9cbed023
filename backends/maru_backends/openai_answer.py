"""The answer of a chat completion, or of a text gone on with, chunk by chunk: it becomes events of the seam.

Decides what counts as an end, what a tool call is and whose thinking is whose; knows nothing of bytes or sockets.
Engines disagree on all of it, so every field is optional here and a wrong type counts as absent.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol, cast

from maru_backends.base import (
    BackendEvent,
    ChatRequest,
    Finished,
    FinishReason,
    ReasoningDelta,
    RefusalDelta,
    TextDelta,
    TokenLogprob,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import BackendBusyError, BackendError, BackendStreamBrokenError, BackendUnavailableError
from maru_backends.foreign_json import WholeCharacters, count_of, json_object, mended, object_of, objects_of, text_of
from maru_backends.json_answers import JsonAnswer
from maru_backends.logprobs import PendingLogprobs, bounded, rival, token_logprob
from maru_backends.openai_errors import error_in_stream
from maru_backends.openai_raw import raw_logprobs

END_MARK = "[DONE]"
MAX_ANSWER_CHARS = 8_000_000  # an engine that never stops must not fill the memory
MAX_TOOL_CALLS = 128

_FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "max_tokens": "length",
    "model_length": "length",
    "tool_calls": "tool_calls",
    "tool_call": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "recitation": "content_filter",
}
_FAILURES: dict[str, Callable[[str], BackendError]] = {
    "abort": BackendStreamBrokenError,  # vLLM, while it shuts down
    "error": BackendUnavailableError,  # OpenRouter, for an engine behind it
    "insufficient_system_resource": BackendBusyError,  # DeepSeek
}


class TextReader(Protocol):
    """Tells the answer from the thinking inside `content`: the place for models that write `<think>` inline."""

    def read(self, text: str) -> Iterable[TextDelta | ReasoningDelta]:
        """More of `content`; what cannot be told yet is held back."""
        ...

    def end(self) -> Iterable[TextDelta | ReasoningDelta]:
        """What was held back, which is not told again; after it something else than `content` may come, and more."""
        ...


class PlainText:
    """All of `content` is answer."""

    def read(self, text: str) -> Iterable[TextDelta]:
        """The text as it is."""
        return (TextDelta(text),)

    def end(self) -> Iterable[TextDelta]:
        """Nothing is ever held back."""
        return ()


class AnswerReader:
    """Reads one streamed answer; feed it every event's data, then `end` it."""

    def __init__(self, request: ChatRequest, *, new_call_id: Callable[[], str], text: TextReader | None = None) -> None:
        """Expect the answer to `request`; `new_call_id` names the tool calls whose engine gave no id."""
        # A text may be at its end, and a stop string may stand at the beginning.
        self._may_be_empty = bool(request.sampling.stop) or request.raw is not None
        # One that a stop string cuts is what its client asked for.
        self._json = JsonAnswer(request.json_format) if request.json_format and not request.sampling.stop else None
        self._text = text or PlainText()
        self._answer = WholeCharacters()
        self._thinking = WholeCharacters()
        self._logprobs = PendingLogprobs() if request.top_logprobs is not None else None
        self._calls = _ToolCalls(new_call_id)
        self._chars = 0
        self._reason: str | None = None
        self._usage: Usage | None = None
        self.is_over = False  # the end mark came; without a finish reason before it, that is no good end

    @property
    def is_finished(self) -> bool:
        """Whether the engine said why it stopped; only usage may still come."""
        return self._reason is not None

    def read(self, data: str, *, event_name: str = "") -> list[BackendEvent]:
        """The events in one chunk; often none.

        Raises:
            BackendError: the engine told of an error, or spoke no JSON.
        """
        if self.is_over or data.strip() == END_MARK:
            self.is_over = True
            return []
        chunk = json_object(data)
        if chunk is None:
            raise BackendStreamBrokenError("The engine sent something that is not a chat completion.")
        return self.take(chunk, event_name=event_name)

    def take(self, chunk: dict[str, object], *, event_name: str = "") -> list[BackendEvent]:
        """The events in one chunk that was read already; see `read`."""
        if event_name == "error" or chunk.get("error") or chunk.get("object") == "error":
            raise error_in_stream(chunk)
        self._usage = _usage(chunk) or self._usage
        events: list[BackendEvent] = []
        for choice in objects_of(chunk.get("choices")):
            if choice.get("index") in (None, 0):
                events += self._choice(choice)
        if self._json:
            self._json.add(events)
        return events

    def end(self) -> list[BackendEvent]:
        """The last events, `Finished` at their end.

        Raises:
            BackendStreamBrokenError: no finish reason came; the end mark alone is no success.
        """
        if self._reason is None:
            raise BackendStreamBrokenError("The engine ended its answer without saying why.")
        failure = _FAILURES.get(self._reason)
        if failure is not None:
            raise failure("The engine gave up on this answer.")
        held_back = self._words_held_back() if self._calls.count else self._held_back()
        rest = [*self._told_apart(self._answer.end()), *held_back, *self._thoughts(self._thinking.end())]
        events: list[BackendEvent] = [*rest, *self._calls.end()]
        self._chars += len(events)
        reason = self._finish_reason()
        self._check_not_blank(reason)
        if self._json:
            self._json.add(events)
            self._json.check(reason)
        if self._usage is not None:
            events.append(self._usage)
        return [*events, Finished(reason)]

    def _choice(self, choice: dict[str, object]) -> Iterator[BackendEvent]:
        # An engine that ignores `stream` answers with one whole `message`; it reads like one large delta.
        delta = object_of(choice.get("delta")) or object_of(choice.get("message"))
        thoughts = text_of(delta.get("reasoning")) or text_of(delta.get("reasoning_content")) or _thoughts_in(delta)
        content = delta.get("content", choice.get("text"))
        answer = text_of(content)
        calls = objects_of(delta.get("tool_calls"))
        reason = text_of(choice.get("finish_reason"))
        refusal = mended(text_of(delta.get("refusal")))
        self._chars += len(thoughts) + len(answer) + len(refusal)
        if self._chars > MAX_ANSWER_CHARS:
            raise BackendStreamBrokenError("The engine's answer does not end.")
        if thoughts:
            yield from self._thoughts(self._thinking.read(thoughts))
        # Content that is there and empty is half a character, or may become a stop string: its text comes later.
        if self._logprobs and (answer or (content == "" and not (thoughts or calls or reason))):
            tokens = _token_logprobs(choice)
            self._logprobs.add(_without_end(tokens, answer) if reason else tokens)
        if answer:
            yield from self._told_apart(self._answer.read(answer))
        if refusal:
            yield RefusalDelta(refusal)
        if calls:
            yield from self._words_held_back()
        for call in calls:
            yield from self._calls.read(call)
        if reason:
            self._reason = reason.lower()

    def _told_apart(self, text: str) -> Iterable[BackendEvent]:
        return self._weighed(self._text.read(text) if text else ())

    def _held_back(self) -> Iterable[BackendEvent]:
        return self._weighed(self._text.end())

    def _words_held_back(self) -> Iterator[BackendEvent]:
        """Without what is blank: beside calls it says nothing, and behind them templates refuse it as a message."""
        for event in self._held_back():
            if not (isinstance(event, TextDelta | ReasoningDelta) and event.text.isspace()):
                yield event

    def _thoughts(self, text: str) -> Iterable[BackendEvent]:
        return self._weighed((ReasoningDelta(text),) if text else ())

    def _weighed(self, events: Iterable[BackendEvent]) -> Iterable[BackendEvent]:
        return events if self._logprobs is None else self._logprobs.attached(events)

    def _finish_reason(self) -> FinishReason:
        # Several engines say "stop" after tool calls, some say "tool_calls" and send none.
        reason = _FINISH_REASONS.get(self._reason or "", "stop")
        if reason == "stop" and self._calls.count:
            return "tool_calls"
        if reason == "tool_calls" and not self._calls.count:
            raise BackendStreamBrokenError("The engine announced a tool call and sent none.")
        return reason

    def _check_not_blank(self, reason: FinishReason) -> None:
        """A turn that cost tokens and shows nothing is a failure that people must hear of (a dropped tool call)."""
        spent = self._usage.output_tokens if self._usage else 0
        if reason == "stop" and not self._chars and not self._calls.count and spent > 1 and not self._may_be_empty:
            raise BackendStreamBrokenError(f"The engine used {spent} tokens and sent no answer.")


@dataclass(slots=True)
class _Call:
    index: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list[str])
    is_told: bool = False


class _ToolCalls:
    """Puts tool calls together for engines that omit `index`, repeat ids, or number every call 0."""

    def __init__(self, new_call_id: Callable[[], str]) -> None:
        self._new_call_id = new_call_id
        self._calls: list[_Call] = []
        self._by_index: dict[int, _Call] = {}

    @property
    def count(self) -> int:
        return sum(call.is_told for call in self._calls)

    def read(self, delta: dict[str, object]) -> Iterator[ToolCallDelta]:
        function = object_of(delta.get("function"))
        call_id, name = text_of(delta.get("id")), text_of(function.get("name"))
        call = self._call_of(delta.get("index"), call_id, name)
        call.id = call.id or call_id
        call.name = call.name or mended(name)
        arguments = _arguments(function.get("arguments"))
        if call.is_told:
            if arguments:
                yield ToolCallDelta(call.index, arguments=arguments)
            return
        call.arguments.append(arguments)
        if call.name:
            yield self._told(call)

    def end(self) -> Iterator[ToolCallDelta]:
        """Nothing is left but calls that never got a name, and nobody can run those."""
        if any(not call.is_told for call in self._calls):
            raise BackendStreamBrokenError("The engine sent a tool call without a name.")
        yield from ()

    def _told(self, call: _Call) -> ToolCallDelta:
        call.is_told = True
        call.id = call.id or self._new_call_id()
        return ToolCallDelta(call.index, call.id, call.name, "".join(call.arguments))

    def _call_of(self, index: object, call_id: str, name: str) -> _Call:
        if isinstance(index, int):
            known = self._by_index.get(index)
        else:
            known = next((call for call in self._calls if call.id == call_id), None) if call_id else self._last(name)
        # Another id under the same number is another call: Gemini's bridge numbers parallel calls 0, 0, 0.
        if known is None or (call_id and known.id and known.id != call_id):
            known = self._started()
        if isinstance(index, int):
            self._by_index[index] = known
        return known

    def _last(self, name: str) -> _Call | None:
        """A piece with neither number nor id goes on with the last call, unless it brings a name of its own."""
        if not self._calls or (name and self._calls[-1].name):
            return None
        return self._calls[-1]

    def _started(self) -> _Call:
        if len(self._calls) >= MAX_TOOL_CALLS:
            raise BackendStreamBrokenError(f"The engine sent more than {MAX_TOOL_CALLS} tool calls.")
        call = _Call(len(self._calls))
        self._calls.append(call)
        return call


def _thoughts_in(delta: dict[str, object]) -> str:
    """Mistral's way: the content is a list of parts, and the thinking is one of them."""
    return "".join(text_of(part.get("thinking")) for part in objects_of(delta.get("content")))


def _token_logprobs(choice: dict[str, object]) -> Iterator[TokenLogprob]:
    told = object_of(choice.get("logprobs"))
    yield from raw_logprobs(told)
    for entry in objects_of(told.get("content")):
        others = (rival(spelling_of(other), _logprob(other)) for other in objects_of(entry.get("top_logprobs")))
        # vLLM puts the token that came before its rivals, however unlikely it was.
        rivals = sorted(others, key=lambda other: -other.logprob)
        yield token_logprob(spelling_of(entry), _logprob(entry), rivals)


def spelling_of(entry: dict[str, object]) -> bytes:
    """The token's bytes; engines that do not tell them tell its text."""
    told = entry.get("bytes")
    if isinstance(told, list) and all(isinstance(byte, int) and 0 <= byte < 256 for byte in cast("list[object]", told)):  # noqa: PLR2004 (a byte)
        return bytes(cast("list[int]", told))
    return mended(text_of(entry.get("token"))).encode()


def _without_end(tokens: Iterable[TokenLogprob], answer: str) -> list[TokenLogprob]:
    """Without the token that ended the answer, which an engine in a hurry tells together with its last words."""
    said, kept = answer.encode(), list(tokens)
    while kept and not said.endswith(bytes(kept[-1].bytes)):
        kept.pop()
    return kept


def _logprob(entry: dict[str, object]) -> float:
    value = entry.get("logprob")
    return bounded(float(value)) if isinstance(value, int | float) else bounded(float("-inf"))


def _usage(chunk: dict[str, object]) -> Usage | None:
    usage = object_of(chunk.get("usage")) or object_of(object_of(chunk.get("x_groq")).get("usage"))
    if not usage:
        return None
    cached = object_of(usage.get("prompt_tokens_details")).get("cached_tokens") or usage.get("prompt_cache_hit_tokens")
    return Usage(
        input_tokens=count_of(usage.get("prompt_tokens")),
        output_tokens=count_of(usage.get("completion_tokens")),
        cached_tokens=count_of(cached),
        reasoning_tokens=count_of(object_of(usage.get("completion_tokens_details")).get("reasoning_tokens")),
    )


def _arguments(value: object) -> str:
    if isinstance(value, dict | list):  # Ollama and others send the object itself
        return json.dumps(value, ensure_ascii=False)
    return mended(value) if isinstance(value, str) else ""
