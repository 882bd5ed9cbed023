"""Gemini's answer, piece by piece: what `streamGenerateContent` sends becomes events of the seam. Pure.

A piece is one `GenerateContentResponse` as JSON, with the SDK's spelling of the names (`function_call`).
"""

import json
from collections.abc import Callable, Iterator, Mapping

from maru_backends.base import (
    BackendEvent,
    ChatRequest,
    Finished,
    FinishReason,
    ReasoningDelta,
    TextDelta,
    ToolCallDelta,
    Usage,
)
from maru_backends.errors import BackendError, BackendSetupError, BackendStreamBrokenError
from maru_backends.foreign_json import WholeCharacters, count_of, mended, object_of, objects_of, text_of
from maru_backends.json_answers import JsonAnswer
from maru_backends.openai_answer import MAX_ANSWER_CHARS, MAX_TOOL_CALLS

Json = dict[str, object]

_GOOD_ENDS: dict[str, FinishReason] = {"STOP": "stop", "MAX_TOKENS": "length", "CONTINUATION": "length"}
_FAILURES = {
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "TOO_MANY_TOOL_CALLS",
    "MALFORMED_RESPONSE",
    "MISSING_THOUGHT_SIGNATURE",
    "OTHER",
}
_FILTERS = {
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "ESCALATION",
    "MODEL_ARMOR",
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "IMAGE_RECITATION",
}


class GeminiReader:
    """Reads one streamed answer; feed it every piece, then `end` it.

    Attributes:
        signatures: what came with each call, by its id, for `KeptThinking`.
    """

    is_over = False  # this API has no end mark: the stream ends

    def __init__(self, request: ChatRequest, *, new_call_id: Callable[[], str]) -> None:
        """Expect the answer to `request`; `new_call_id` names a call that came without an id."""
        self._may_be_empty = bool(request.sampling.stop)
        self._json = JsonAnswer(request.json_format) if request.json_format and not request.sampling.stop else None
        self._new_call_id = new_call_id
        self._answer = WholeCharacters()
        self._thoughts = WholeCharacters()
        self._calls = 0
        self._chars = 0
        self._reason = ""
        self._usage: Mapping[str, object] = {}
        self.signatures: dict[str, tuple[Json, ...]] = {}

    @property
    def is_finished(self) -> bool:
        """Whether the reason to stop is known."""
        return bool(self._reason)

    def read(self, piece: Mapping[str, object]) -> list[BackendEvent]:
        """The events in one piece; often none.

        Raises:
            BackendStreamBrokenError: the answer does not end.
        """
        self._usage = object_of(piece.get("usage_metadata")) or self._usage
        if text_of(object_of(piece.get("prompt_feedback")).get("block_reason")):
            self._reason = "SAFETY"
        events: list[BackendEvent] = []
        for candidate in objects_of(piece.get("candidates")):
            if candidate.get("index") in (None, 0):
                for part in objects_of(object_of(candidate.get("content")).get("parts")):
                    events += self._part(part)
                self._reason = text_of(candidate.get("finish_reason")) or self._reason
        if self._chars > MAX_ANSWER_CHARS:
            raise BackendStreamBrokenError("The engine's answer does not end.")
        if self._json:
            self._json.add(events)
        return events

    def end(self) -> list[BackendEvent]:
        """The last events, `Finished` at their end.

        Raises:
            BackendError: no reason to stop came, or one that is a failure.
        """
        reason = self._finish_reason()
        events: list[BackendEvent] = []
        if rest := self._answer.end():
            events.append(TextDelta(rest))
        if rest := self._thoughts.end():
            events.append(ReasoningDelta(rest))
        if self._json:
            self._json.add(events)
            self._json.check(reason)
        usage = self._usage_told()
        spent = usage.output_tokens - usage.reasoning_tokens if usage else 0
        if reason == "stop" and not self._chars and spent > 1 and not self._may_be_empty:
            raise BackendStreamBrokenError(f"The engine used {spent} tokens and sent no answer.")
        return [*events, *([usage] if usage else []), Finished(reason)]

    def _part(self, part: Json) -> Iterator[BackendEvent]:
        text = text_of(part.get("text"))
        self._chars += len(text)
        if text and part.get("thought") is True:
            if whole := self._thoughts.read(text):
                yield ReasoningDelta(whole)
        elif text and (whole := self._answer.read(text)):
            yield TextDelta(whole)
        call = object_of(part.get("function_call"))
        if call:
            yield self._called(call, text_of(part.get("thought_signature")))

    def _called(self, call: Json, signature: str) -> ToolCallDelta:
        name = mended(text_of(call.get("name")))
        if not name:
            raise BackendStreamBrokenError("The engine sent a tool call without a name.")
        if self._calls >= MAX_TOOL_CALLS:
            raise BackendStreamBrokenError(f"The engine sent more than {MAX_TOOL_CALLS} tool calls.")
        index, self._calls = self._calls, self._calls + 1
        call_id = mended(text_of(call.get("id"))) or self._new_call_id()
        self.signatures[call_id] = ({"thoughtSignature": signature},) if signature else ()
        arguments = mended(json.dumps(object_of(call.get("args")), ensure_ascii=False))
        self._chars += len(arguments)
        return ToolCallDelta(index, call_id, name, arguments)

    def _finish_reason(self) -> FinishReason:
        if not self._reason:
            raise BackendStreamBrokenError("The engine ended its answer without saying why.")
        if self._reason in _FAILURES or self._reason == "PUP_LIMITED_DISABLED":
            raise _failure(self._reason)
        if self._reason in _FILTERS:
            return "content_filter"
        reason = _GOOD_ENDS.get(self._reason, "stop")
        return "tool_calls" if reason == "stop" and self._calls else reason

    def _usage_told(self) -> Usage | None:
        if not self._usage:
            return None
        thoughts = count_of(self._usage.get("thoughts_token_count"))
        prompt = count_of(self._usage.get("prompt_token_count"))
        return Usage(
            input_tokens=prompt + count_of(self._usage.get("tool_use_prompt_token_count")),
            output_tokens=count_of(self._usage.get("candidates_token_count")) + thoughts,
            cached_tokens=count_of(self._usage.get("cached_content_token_count")),
            reasoning_tokens=thoughts,
        )


def _failure(reason: str) -> BackendError:
    if reason == "PUP_LIMITED_DISABLED":
        return BackendSetupError("The provider has limited this account; its operator must look there.")
    return BackendStreamBrokenError(f"The engine gave up on this answer ({reason}).")
