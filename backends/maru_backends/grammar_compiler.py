"""Grammars made ready by llguidance, in a thread of their own.

Whoever asks chooses the schema, so that a hostile one is expected here. llguidance counts its own work and gives up
on a grammar or a step that is too large; here are the bounds that it lacks: of the text, and of the time and the stack
(`schema_thread.py`).
"""

import re
from functools import partial

from llguidance import LLMatcher, LLParserLimits, LLTokenizer

from maru_backends.answer_grammar import Grammar
from maru_backends.errors import RequestRefusedError
from maru_backends.schema_bounds import MOST_SCHEMA_CHARS
from maru_backends.schema_thread import SchemaThread

MOST_LEXER_STATES = 20_000  # of 1 to 2 KiB each, for one answer
MOST_ERROR_CHARS = 200
_PLACE_IN_GRAMMAR = re.compile(r"^at \d+\(\d+\): (failed to compile JSON schema: )?")  # a grammar that nobody wrote


class GrammarCompiler:
    """Compiles grammars, one after the other; may be asked by many tasks at once."""

    def __init__(self, tokenizer: LLTokenizer) -> None:
        """`tokenizer` is the one whose tokens the matchers will be told."""
        self._tokenizer = tokenizer
        self._thread = SchemaThread("maru-formats")

    async def matcher(self, grammar: Grammar) -> LLMatcher:
        """What tells which tokens may come, at the beginning of an answer.

        Raises:
            RequestRefusedError: a schema in it is none, cannot be held to, or is too large.
            BackendBusyError: those of others took all the time.
            BackendUnavailableError: `close` was called.
        """
        param = grammar.param
        if len(grammar.text) > MOST_SCHEMA_CHARS:
            raise RequestRefusedError(
                f"The schema has more than {MOST_SCHEMA_CHARS} characters, too many for this engine.", param=param
            )
        try:
            matcher = await self._thread.run(partial(self._compiled, grammar.text), param=param)
        except ValueError as error:
            raise schema_refusal(str(error), param) from error
        if matcher.is_error():
            raise schema_refusal(matcher.get_error(), param)
        return matcher

    def close(self) -> None:
        """End the thread when it has done what it is at."""
        self._thread.close()

    def _compiled(self, grammar: str) -> LLMatcher:
        limits = LLParserLimits(max_lexer_states=MOST_LEXER_STATES, verbose_errors=False)
        try:
            return LLMatcher(self._tokenizer, grammar, log_level=0, limits=limits)
        except BaseException as error:  # a panic of the library is no Exception
            raise ValueError("it is too much for the library") from error


def schema_refusal(reason: str, param: str) -> RequestRefusedError:
    """The library's reason why it cannot hold an answer to a schema, for whoever sent it."""
    (line, *_) = _PLACE_IN_GRAMMAR.sub("", reason.strip()).splitlines() or [""]
    return RequestRefusedError(
        f"This engine cannot hold an answer to the schema: {line[:MOST_ERROR_CHARS].rstrip('.')}.", param=param
    )
