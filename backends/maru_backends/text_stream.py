"""Text of a growing answer: whole characters only, nothing of a stop string.

Pure: knows no model and no clock. `AnswerText` turns token ids into deltas; `StopScanner` is of use to any backend.
"""

from collections.abc import Callable, Sequence

# A byte-level token may end inside a character. Four bytes make one, so that an ending which stays broken for longer
# than this is not a character on its way but noise, and noise is not worth holding the answer back.
MOST_TOKENS_HELD_BACK = 8
BROKEN = "\ufffd"


class StopScanner:
    """Finds the first stop string in text that comes in pieces, and holds back what may become one."""

    def __init__(self, stops: Sequence[str]) -> None:
        """Empty stop strings are ignored."""
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""

    def feed(self, text: str) -> tuple[str, bool]:
        """The text that is safe to show now, and whether a stop string was met (nothing comes after that)."""
        if not self._stops:
            return text, False
        text = self._held + text
        self._held = ""
        found = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if found:
            return text[: min(found)], True
        keep = max(overlap(text, stop) for stop in self._stops)
        shown, self._held = text[: len(text) - keep], text[len(text) - keep :]
        return shown, False

    def flush(self) -> str:
        """What was held back, once no more text will come."""
        held, self._held = self._held, ""
        return held


class AnswerStart:
    """Leaves out white space before the first word, where it belongs to the prompt's format."""

    def __init__(self, *, is_trimming: bool) -> None:
        """Where it does not, text goes through as it is."""
        self._is_trimming = is_trimming

    def trimmed(self, text: str) -> str:
        """More of the answer."""
        if not self._is_trimming:
            return text
        text = text.lstrip()
        self._is_trimming = not text
        return text


class AnswerText:
    """The text of one answer, token by token.

    Decodes a short tail of the tokens twice, with and without the new one, and takes the difference: the only way
    that is right for byte-level, sentencepiece and wordpiece decoders alike.
    """

    def __init__(
        self, decode: Callable[[Sequence[int]], str], stops: Sequence[str] = (), *, is_trimming: bool = False
    ) -> None:
        """`decode` leaves special tokens out and writes U+FFFD for bytes that make no character.

        `is_trimming`: see `AnswerStart`.
        """
        self._decode = decode
        self._start = AnswerStart(is_trimming=is_trimming)
        self._scanner = StopScanner(stops)
        self._tokens: list[int] = []
        self._shown_up_to = 0  # tokens whose text was given out
        self._context = 0  # where decoding starts: a token's text may depend on the one before
        self._context_text = ""

    def feed(self, token: int) -> tuple[str, bool]:
        """More text, maybe none yet, and whether a stop string ended the answer."""
        self._tokens.append(token)
        text = self._decode(self._tokens[self._context :])
        held_back = len(self._tokens) - self._shown_up_to
        if text.endswith(BROKEN) and held_back <= MOST_TOKENS_HELD_BACK:
            return "", False
        more, stopped = self._scanner.feed(self._show(text))
        return self._start.trimmed(more), stopped

    def finish(self) -> tuple[str, bool]:
        """The rest once the last token came, and whether a stop string was in it.

        A character that was never completed is left out.
        """
        text = self._decode(self._tokens[self._context :]).rstrip(BROKEN)
        more, stopped = self._scanner.feed(self._show(text))
        return self._start.trimmed(more if stopped else more + self._scanner.flush()), stopped

    def _show(self, text: str) -> str:
        new = text[len(self._context_text) :]
        self._context = self._shown_up_to
        self._shown_up_to = len(self._tokens)
        self._context_text = self._decode(self._tokens[self._context :])
        return new


def overlap(text: str, stop: str) -> int:
    """Length of the longest end of the text that begins the stop string."""
    for length in range(min(len(text), len(stop) - 1), 0, -1):
        if text.endswith(stop[:length]):
            return length
    return 0
