"""Whether an answer that should be JSON is; pure.

Servers take `response_format` and pass it over in silence: with another runner, another chat template, or always. The
client would find out by a parser's error and never learn why.
"""

import json
from collections.abc import Iterable

from maru_backends.base import BackendEvent, FinishReason, JsonFormat, TextDelta
from maru_backends.errors import BackendStreamBrokenError

REMEDY = "Ask again; if it stays so, its operator must leave 'json' out of the model's features."


class JsonAnswer:
    """Gathers one answer and checks it at its end."""

    def __init__(self, wanted: JsonFormat, remedy: str = REMEDY) -> None:
        """With a schema any JSON will do here: that it has its shape is the engine's matter."""
        self._wanted = wanted
        self._remedy = remedy
        self._pieces: list[str] = []

    def add(self, events: Iterable[BackendEvent]) -> None:
        """More of the answer; only its text counts."""
        self._pieces += [event.text for event in events if isinstance(event, TextDelta)]

    def check(self, reason: FinishReason) -> None:
        """Judge the whole of it, unless it was cut or is no text at all (a refusal, a call).

        Raises:
            BackendStreamBrokenError: it is no JSON.
        """
        text = "".join(self._pieces)
        if reason == "stop" and text and not self._is_as_wanted(text):
            raise BackendStreamBrokenError(
                f"The engine was asked for JSON and answered with something else. {self._remedy}"
            )

    def _is_as_wanted(self, text: str) -> bool:
        try:
            value: object = json.loads(text)
        except (ValueError, RecursionError):
            return False
        return self._wanted.schema is not None or isinstance(value, dict)
