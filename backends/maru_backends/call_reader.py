"""Tool calls in the text of one answer, for engines that give nothing but text.

Text before a call is told at once, a call when it is whole. What looks like a call and is none, because it is no JSON
or of a tool that is not there, is told as the text that it is; a call that was cut off is not told.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import cast

from maru_backends.answer_grammar import most_calls, offered
from maru_backends.base import BackendEvent, ChatRequest, FinishReason, TextDelta, ToolCallDelta
from maru_backends.call_formats import CallFormat
from maru_backends.foreign_json import mended
from maru_backends.openai_quirks import new_call_id, same_id, short_id
from maru_backends.text_stream import overlap

_PYTHON_TAG = "<|python_tag|>"  # LLaMA writes it before a call, or leaves it out
_BETWEEN = " \t\r\n;,"
_DECODER = json.JSONDecoder(strict=False)
_Call = tuple[str, str]  # name and arguments


class CallReader:
    """Reads one answer, behind what tells thinking from text.

    Attributes:
        count: calls that were told.
    """

    def __init__(self, form: CallFormat, names: Collection[str], *, new_id: Callable[[], str], most: int) -> None:
        """`names` are those of the tools that may be called; behind `most` calls nothing is told any more."""
        self._form = form
        self._names = frozenset(names)
        self._new_id = new_id
        self._most = most if form.between is not None else 1  # templates refuse more than they know
        self._held = ""
        self._is_calling = False
        self._is_plain = False  # no call can come any more
        self._blanks = ""
        self._has_called = False  # and said nothing since
        self.count = 0

    @property
    def is_full(self) -> bool:
        """Whether it has told as many calls as it may."""
        return self.count >= self._most

    def read(self, events: Iterable[BackendEvent]) -> Iterator[BackendEvent]:
        """The events with calls in the place of their text."""
        for event in events:
            if isinstance(event, TextDelta):
                self._held += event.text
                yield from self._told_so_far()
            else:
                yield event

    def end(self, reason: FinishReason) -> Iterator[BackendEvent]:
        """The rest, once no more text will come."""
        held, self._held = self._held, ""
        if self.is_full:
            return
        if self._is_calling:
            yield from self._closed(held, "", is_cut=reason == "length")
        else:
            yield from self._said(held)
        if self._blanks and not self.count:
            yield TextDelta(self._blanks)

    def _told_so_far(self) -> Iterator[BackendEvent]:
        while self._held and not self.is_full:
            if self._is_calling:
                body, close, rest = self._held.partition(self._form.close) if self._form.close else ("", "", "")
                if not close:
                    return
                self._held, self._is_calling = rest, close == self._form.mark
                yield from self._closed(body, "" if self._is_calling else close)
            elif not self._form.mark and not self._is_plain:
                if not self._has_begun():
                    return
            elif (at := self._held.find(self._form.mark)) >= 0 and self._form.mark:
                text, self._held = self._held[:at], self._held[at + len(self._form.mark) :]
                self._is_calling = True
                yield from self._said(text)
            else:
                keep = overlap(self._held, self._form.mark)
                text, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
                yield from self._said(text)
                return

    def _has_begun(self) -> bool:
        """Whether it is known if the answer is a call, for a format without a mark."""
        start = self._held.lstrip()
        self._is_calling = start.startswith(("{", _PYTHON_TAG))
        self._is_plain = not self._is_calling and not _PYTHON_TAG.startswith(start)
        return self._is_plain

    def _closed(self, body: str, close: str, *, is_cut: bool = False) -> Iterator[BackendEvent]:
        calls = self._calls_in(body)
        if calls is None:
            if not is_cut:
                yield from self._said(self._form.mark + body + close)
            return
        self._blanks = ""
        self._has_called = True
        for name, arguments in calls[: self._most - self.count]:
            yield ToolCallDelta(self.count, self._new_id(), name, arguments)
            self.count += 1

    def _said(self, text: str) -> Iterator[TextDelta]:
        """Text without the blanks at its end: before, between and behind calls they say nothing."""
        text = self._blanks + text
        if self._has_called:
            text = text.lstrip()
        shown = text.rstrip()
        self._blanks = text[len(shown) :]
        if shown:
            self._has_called = False
            yield TextDelta(shown)

    def _calls_in(self, body: str) -> list[_Call] | None:
        """The calls that this text is; None: it is something else."""
        try:
            if self._form.is_json:
                calls = [_call_of(value) for value in _values(body.strip().removeprefix(_PYTHON_TAG))]
            else:
                calls = [_named_call(body)]
        except (TypeError, ValueError, RecursionError):
            return None
        return calls if calls and all(name in self._names for name, _ in calls) else None


def _values(text: str) -> Iterator[object]:
    """JSON values one behind the other, or in a list.

    Raises:
        ValueError: something else stands there.
    """
    at = 0
    text = text.strip(_BETWEEN)
    while at < len(text):
        value, at = cast("tuple[object, int]", _DECODER.raw_decode(text, at))
        yield from cast("list[object]", value) if isinstance(value, list) else (value,)
        while at < len(text) and text[at] in _BETWEEN:
            at += 1


def _call_of(value: object) -> _Call:
    if not isinstance(value, dict):
        raise TypeError("no call")
    fields = cast("dict[str, object]", value)
    name = fields.get("name")
    if not isinstance(name, str):
        raise TypeError("a call without a name")
    return name, _arguments(fields.get("arguments", fields.get("parameters", {})))


def _named_call(text: str) -> _Call:
    """A call as `name[ARGS]{…}`, maybe with its id between."""
    head, _, arguments = text.partition("[ARGS]")
    return head.partition("[CALL_ID]")[0].strip(), _arguments(arguments)


def _arguments(value: object) -> str:
    """The arguments as JSON; some models write them as a text of it.

    Raises:
        TypeError: they are no object.
        ValueError: they are no JSON.
    """
    found: object = _DECODER.decode(value) if isinstance(value, str) else value
    if not isinstance(found, dict):
        raise TypeError("arguments that are no object")
    return mended(json.dumps(found, ensure_ascii=False, allow_nan=False))


def reader_of(request: ChatRequest, form: CallFormat | None) -> CallReader | None:
    """What reads the calls of the answer to a request; None: there are none to be read."""
    tools = offered(request)
    if not tools or form is None:
        return None
    as_taken = short_id if form.has_short_ids else same_id
    names = {tool.name for tool in tools}
    return CallReader(form, names, new_id=lambda: as_taken(new_call_id()), most=most_calls(request))
