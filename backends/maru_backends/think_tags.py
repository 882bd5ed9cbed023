"""Tells thinking from answer in text where a model writes `<think>…</think>` before it answers.

Pure. Only the beginning of an answer is looked at: a tag further on is something the answer talks about.
"""

from collections.abc import Iterator
from enum import Enum, auto
from typing import Literal

from maru_backends.base import ReasoningDelta, TextDelta
from maru_backends.text_stream import StopScanner

OPENING = "<think>"
CLOSING = "</think>"

ThinkTags = Literal["auto", "opened", "off"]
"""How a model marks its thinking.

* auto: an answer that begins with the tag begins with thinking.
* opened: the chat template has written the opening tag already, so that every answer begins with thinking.
* off: tags are text.
"""


class _At(Enum):
    BEGINNING = auto()
    THINKING = auto()
    AFTER = auto()  # between the closing tag and the first word of the answer
    ANSWER = auto()


class ThinkTagReader:
    """Reads one answer; see `openai_answer.TextReader`."""

    def __init__(self, *, is_opened: bool) -> None:
        """`is_opened`: the thinking has begun before the first character."""
        self._is_opened = is_opened
        self._at = _At.BEGINNING
        self._held: str = ""
        self._has_thought = False
        self._closing = StopScanner((CLOSING,))
        self._after = ""

    @property
    def is_thinking(self) -> bool:
        """Whether the last character was thinking, as far as is known."""
        return self._at in {_At.THINKING, _At.AFTER} or (self._at is _At.BEGINNING and self._is_opened)

    @property
    def awaits_closing(self) -> bool:
        """Whether the tag that ends the thinking is still to come."""
        return self._at is _At.THINKING or (self._at is _At.BEGINNING and self._is_opened)

    def read(self, text: str) -> Iterator[TextDelta | ReasoningDelta]:
        """What can be told of it."""
        if self._at is _At.ANSWER:
            yield TextDelta(text)
            return
        if self._at is _At.BEGINNING:
            text = self._begun(text)
        if self._at is _At.THINKING:
            thought, text = self._thought(text)
            thought = thought if self._has_thought else thought.lstrip()
            if thought:
                self._has_thought = True
                yield ReasoningDelta(thought)
        if self._at is _At.AFTER:
            text = text.lstrip()
            if text:
                self._at = _At.ANSWER
        if text:
            yield TextDelta(text)

    def end(self) -> Iterator[TextDelta | ReasoningDelta]:
        """What was held back: half a tag is text. More may be read after it."""
        held, self._held = self._held, ""
        if held:
            yield ReasoningDelta(held) if self._is_opened else TextDelta(held)
        if self._at is _At.THINKING and (rest := self._closing.flush()):
            yield ReasoningDelta(rest)

    def _begun(self, text: str) -> str:
        """The text from where it is known what it is; empty while it is not."""
        text = self._held + text
        start = text.lstrip()
        if len(start) < len(OPENING) and OPENING.startswith(start):
            self._held = text
            return ""
        self._held = ""
        has_tag = start.startswith(OPENING)
        if has_tag or self._is_opened:
            self._at = _At.THINKING
            return start.removeprefix(OPENING)
        self._at = _At.ANSWER
        return text

    def _thought(self, text: str) -> tuple[str, str]:
        """The thinking in this text, and the answer that follows it."""
        self._after += text
        thought, is_closed = self._closing.feed(text)
        if is_closed:
            self._at = _At.AFTER
            rest = self._after.partition(CLOSING)[2]
            self._after = ""
            return thought, rest
        self._after = self._after[-len(CLOSING) :]
        return thought, ""
