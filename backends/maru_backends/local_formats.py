"""Answers held to a format: which tokens may come next, by llguidance, for a tokenizer that we hold.

Whoever asks chooses the schema, so that a hostile one is expected here. llguidance counts its own work and gives up
on a grammar or a step that is too large; here are the bounds that it lacks: of the text, of the time, and of the stack.
"""

import asyncio
import json
import re
import threading
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor

import torch
from llguidance import LLMatcher, LLParserLimits, LLTokenizer
from tokenizers import Tokenizer
from torch import Tensor

from maru_backends.answer_grammar import Grammar
from maru_backends.errors import BackendBusyError, BackendUnavailableError, RequestRefusedError
from maru_backends.schema_bounds import MOST_SCHEMA_CHARS

PREPARING_TIMEOUT_S = 15.0
# A chain of 1500 references overflows a thread's usual 8 MiB, which ends the process; 64000 characters hold at most
# some 6000 levels, and those were measured to take 130 MiB.
STACK_BYTES = 512 * 2**20
MOST_LEXER_STATES = 20_000  # of 1 to 2 KiB each, for one answer
MOST_ERROR_CHARS = 200
_BITS = torch.tensor([1 << place for place in range(8)], dtype=torch.uint8)
_PLACE_IN_GRAMMAR = re.compile(r"^at \d+\(\d+\): (failed to compile JSON schema: )?")  # a grammar that nobody wrote
_starting = threading.Lock()


class Constraint:
    """What the rest of one answer may be; belongs to the engine's thread once the job was submitted.

    Attributes:
        is_waiting: nothing is held to it yet, as the model still thinks.
        failure: why it can hold nothing any more; the answer must end then.
    """

    def __init__(self, matcher: LLMatcher, param: str, *, is_waiting: bool) -> None:
        """`matcher` is at its beginning; `param` is the field of the request that it came from."""
        self._matcher = matcher
        self._param = param
        self.is_waiting = is_waiting
        self.failure: RequestRefusedError | None = None

    @property
    def is_over(self) -> bool:
        """Whether the answer is whole, so that nothing may come any more."""
        return not self.is_waiting and self._matcher.is_stopped()

    def restrict(self, logits: Tensor) -> None:
        """Make the tokens that may not come impossible in one row of V logits, in place."""
        if self.is_waiting or self.failure is not None:
            return
        try:
            mask = self._matcher.compute_bitmask()
        except BaseException:  # noqa: BLE001 - a panic of the library is no Exception; the other rows go on
            mask = b""
        if self._matcher.is_error() or not any(mask):
            self._fail()
            return
        packed = torch.frombuffer(bytearray(mask), dtype=torch.uint8)
        forbidden = (packed.unsqueeze(1) & _BITS).eq(0).flatten()[: logits.shape[0]].to(logits.device)
        logits[: forbidden.shape[0]].masked_fill_(forbidden, float("-inf"))
        logits[forbidden.shape[0] :] = float("-inf")

    def accept(self, token: int) -> None:
        """The model said this token."""
        if self.is_waiting or self.failure is not None:
            return
        try:
            is_taken = self._matcher.consume_token(token)
        except BaseException:  # noqa: BLE001 - as above
            is_taken = False
        if not is_taken:
            self._fail()

    def _fail(self) -> None:
        self.failure = _refusal(self._matcher.get_error() or "nothing fits it", self._param)


class Formats:
    """Prepares formats, one after the other in a thread of its own; may be asked by many tasks at once."""

    def __init__(self, tokenizer: Tokenizer, *, vocabulary: int, ends: Collection[int]) -> None:
        """Take in a tokenizer.

        Args:
            tokenizer: of the `tokenizers` library.
            vocabulary: how many logits the model has.
            ends: ids that end an answer; at least one.

        Raises:
            ValueError: answers by this tokenizer can be held to nothing.
        """
        size = max(vocabulary, *(number + 1 for number in tokenizer.get_vocab(with_added_tokens=True).values()))
        self._tokenizer = LLTokenizer(tokenizer.to_str(), n_vocab=size, eos_token=sorted(ends))
        self._number_of = tokenizer.token_to_id
        self._thread = _thread_with_room()

    def spelt(self, text: str) -> str:
        """A text as a grammar writes it: by its number where it is one control token, which has no letters there."""
        number = self._number_of(text)
        if number is not None and self._tokenizer.is_special_token(number):
            return f"<[{number}]>"
        return json.dumps(text, ensure_ascii=False)

    async def constraint(self, grammar: Grammar, *, is_waiting: bool) -> Constraint:
        """What holds an answer to a grammar.

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
        loop = asyncio.get_running_loop()
        begun = threading.Event()
        try:
            async with asyncio.timeout(PREPARING_TIMEOUT_S):
                matcher = await loop.run_in_executor(self._thread, self._matcher, grammar.text, begun)
        except TimeoutError as error:
            if not begun.is_set():
                raise BackendBusyError("Too many schemas wait for the engine.", retry_after_s=1) from error
            raise RequestRefusedError("The schema takes this engine too long.", param=param) from error
        except ValueError as error:
            raise _refusal(str(error), param) from error
        except RuntimeError as error:
            raise BackendUnavailableError("The engine was closed.") from error
        if matcher.is_error():
            raise _refusal(matcher.get_error(), param)
        return Constraint(matcher, param, is_waiting=is_waiting)

    def close(self) -> None:
        """End the thread when it has done what it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _matcher(self, grammar: str, begun: threading.Event) -> LLMatcher:
        begun.set()
        limits = LLParserLimits(max_lexer_states=MOST_LEXER_STATES, verbose_errors=False)
        try:
            return LLMatcher(self._tokenizer, grammar, log_level=0, limits=limits)
        except BaseException as error:  # a panic of the library is no Exception
            raise ValueError("it is too much for the library") from error


def _refusal(reason: str, param: str) -> RequestRefusedError:
    (line, *_) = _PLACE_IN_GRAMMAR.sub("", reason.strip()).splitlines() or [""]
    return RequestRefusedError(
        f"This engine cannot hold an answer to the schema: {line[:MOST_ERROR_CHARS].rstrip('.')}.", param=param
    )


def _thread_with_room() -> ThreadPoolExecutor:
    """One thread with a stack that a long chain of references does not overflow."""
    with _starting:  # the size is a setting of the whole process
        before = threading.stack_size(STACK_BYTES)
        try:
            thread = ThreadPoolExecutor(1, "maru-formats")
            thread.submit(lambda: None).result()
        finally:
            threading.stack_size(before)
    return thread
