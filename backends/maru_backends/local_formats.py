"""Answers held to a format: which tokens may come next, by llguidance, for a tokenizer that we hold."""

import json
from collections.abc import Collection

import torch
from llguidance import LLMatcher, LLTokenizer
from tokenizers import Tokenizer
from torch import Tensor

from maru_backends.answer_grammar import Grammar
from maru_backends.errors import RequestRefusedError
from maru_backends.grammar_compiler import GrammarCompiler, schema_refusal

_BITS = torch.tensor([1 << place for place in range(8)], dtype=torch.uint8)


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
        self.failure = schema_refusal(self._matcher.get_error() or "nothing fits it", self._param)


class Formats:
    """Prepares formats; may be asked by many tasks at once."""

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
        self._compiler = GrammarCompiler(self._tokenizer)

    def spelt(self, text: str) -> str:
        """A text as a grammar writes it: by its number where it is one control token, which has no letters there."""
        number = self._number_of(text)
        if number is not None and self._tokenizer.is_special_token(number):
            return f"<[{number}]>"
        return json.dumps(text, ensure_ascii=False)

    async def constraint(self, grammar: Grammar, *, is_waiting: bool) -> Constraint:
        """What holds an answer to a grammar; raises as `GrammarCompiler.matcher`."""
        return Constraint(await self._compiler.matcher(grammar), grammar.param, is_waiting=is_waiting)

    def close(self) -> None:
        """Prepare nothing more."""
        self._compiler.close()
