"""What llama.cpp is told so that an answer is JSON or a call, and only after this process has tried it.

llama.cpp passes over a grammar that it does not understand, and a schema too deep for its stack ends the process. So
each is measured and compiled here first, by the same library. llama.cpp has an older one, which may know less: what
comes back is looked at too (`gguf_answer.py`).
"""

import json
from collections.abc import Mapping

from llguidance import LLTokenizer

from maru_backends.answer_grammar import ONE_LINE, Grammar, grammar_of, offered
from maru_backends.base import ChatRequest
from maru_backends.call_formats import CallFormat
from maru_backends.grammar_compiler import GrammarCompiler
from maru_backends.schema_bounds import check_schemas
from maru_backends.think_tags import CLOSING, OPENING

_MARK = "%llguidance {}\n"
"""Tells llama.cpp whose language the grammar is in; a build without the library takes none that begins so."""
_THINK_TAGS = (OPENING, CLOSING)


class GgufFormats:
    """Holds answers of one model to formats; may be asked by many tasks at once."""

    def __init__(self, calls: CallFormat | None, silent_tokens: Mapping[str, int]) -> None:
        """Start the thread that compiles.

        Args:
            calls: how the model writes calls; None: it was taught none.
            silent_tokens: control tokens by their text, which a grammar names by their numbers.
        """
        self.calls = calls
        self._silent = silent_tokens
        self._compiler = GrammarCompiler(LLTokenizer("byte"))

    async def wishes(self, request: ChatRequest, *, is_thinking: bool) -> dict[str, object]:
        """Fields of llama.cpp's request; `is_thinking`: the prompt has opened the thinking, which is free.

        Raises:
            BackendError: as `GrammarCompiler.matcher`, and `RequestRefusedError` for schemas that are too deep.
        """
        shown = [*_THINK_TAGS, *(self.calls.tokens if self.calls is not None and offered(request) else ())]
        found: dict[str, object] = {"preserved_tokens": [token for token in shown if token in self._silent]}
        plain = grammar_of(request, self.calls, _quoted, blanks=ONE_LINE)
        if plain is not None:
            check_schemas(request)
            await self._compiler.matcher(plain)
            grammar = grammar_of(request, self.calls, self._spelt, blanks=ONE_LINE) or plain
            found["grammar"] = _MARK + (self._behind_thinking(grammar) if is_thinking else grammar.text)
        return found

    def close(self) -> None:
        """Compile nothing more."""
        self._compiler.close()

    def _spelt(self, text: str) -> str:
        number = self._silent.get(text)
        return _quoted(text) if number is None else f"<[{number}]>"

    def _behind_thinking(self, grammar: Grammar) -> str:
        """The grammar behind thinking of any text, and the two line ends that models write after it."""
        rest = grammar.text.removeprefix("start: ")
        closing, form = ("", r"thinking[lazy]: /(.|\n)*<\/think>/")
        if CLOSING in self._silent:
            closing, form = (self._spelt(CLOSING), r"thinking: /(.|\n)*/")
        return f'start: thinking {closing} gap? rest\n{form}\ngap: "\\n\\n"\nrest: {rest}'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
