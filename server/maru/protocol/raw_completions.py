"""OpenAI's older completions: a text that a model goes on with, and what comes of it. Pure."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, cast

import msgspec
from pydantic import BeforeValidator, Field

from maru.protocol.chat_answers import ChatUsage, CompletionDetails, PromptDetails
from maru.protocol.chat_requests import MAX_STOPS, SEED_BOUND, StreamOptionsIn
from maru.protocol.errors import invalid
from maru.protocol.incoming import MAX_INPUT_CHARS, Incoming, Many
from maru.protocol.requests import parse
from maru.protocol.unhonoured import OF_ENGINES, refuse_unhonoured
from maru_backends.base import ChatRequest, FinishReason, Sampling, TokenLogprob, Usage

DEFAULT_MAX_TOKENS = 16  # OpenAI's own
MAX_LOGPROBS = 5  # OpenAI's own
HARMLESS: Mapping[str, tuple[object, ...]] = {
    **OF_ENGINES,
    "n": (1,),
    "suffix": ("",),
}


def _only_one(raw: object) -> object:
    if not isinstance(raw, list):
        return raw
    prompts = cast("list[object]", raw)
    return prompts[0] if len(prompts) == 1 else prompts


class RawCompletionRequest(Incoming):
    """One completion as it was asked for; of a list of prompts only one is taken."""

    model: str | None = Field(default=None, max_length=256)
    prompt: Annotated[Annotated[str, Field(min_length=1, max_length=MAX_INPUT_CHARS)], BeforeValidator(_only_one)]
    echo: bool = False
    logprobs: int | None = Field(default=None, ge=0, le=MAX_LOGPROBS)
    stream: bool = False
    stream_options: StreamOptionsIn = StreamOptionsIn()
    max_tokens: int | None = Field(default=DEFAULT_MAX_TOKENS, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = Field(default=None, ge=-SEED_BOUND, lt=SEED_BOUND)
    stop: Annotated[
        Many[Annotated[str, Field(min_length=1)]],
        BeforeValidator(lambda raw: (raw,) if isinstance(raw, str) else raw),
    ] = Field(default=(), max_length=MAX_STOPS)


class RawLogprobs(msgspec.Struct, frozen=True, kw_only=True):
    r"""How likely each token of the text was, in lists beside each other; half a character is `bytes:\xe2\x80`.

    Attributes:
        text_offset: where each token begins in prompt and text together, in characters.
    """

    tokens: tuple[str, ...]
    token_logprobs: tuple[float, ...]
    top_logprobs: tuple[dict[str, float], ...] | None
    text_offset: tuple[int, ...]


class RawChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The only choice there is; in a stream, more of it."""

    text: str
    index: int = 0
    logprobs: RawLogprobs | None = None
    finish_reason: FinishReason | None


class RawCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """A completion in one piece, or a chunk of one."""

    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    choices: tuple[RawChoice, ...]
    usage: ChatUsage | None = None


def parse_raw(raw: object) -> RawCompletionRequest:
    """Validate a body.

    Raises:
        ApiError: 400 naming the first field that is wrong, or that would change the answer and cannot be honoured.
    """
    asked = parse(RawCompletionRequest, raw)
    refuse_unhonoured(cast("dict[str, object]", raw), HARMLESS)
    if asked.echo and asked.logprobs is not None:
        message = "The logprobs of a prompt are not told. Leave out 'echo', or 'logprobs'."
        raise invalid(message, "logprobs", "unsupported_parameter")
    return asked


def request_of(asked: RawCompletionRequest) -> ChatRequest:
    """What the backend is asked."""
    return ChatRequest(
        (),
        Sampling(
            temperature=asked.temperature,
            top_p=asked.top_p,
            presence_penalty=asked.presence_penalty,
            frequency_penalty=asked.frequency_penalty,
            seed=asked.seed,
            stop=tuple(asked.stop),
        ),
        max_tokens=asked.max_tokens,
        top_logprobs=asked.logprobs,
        raw=asked.prompt,
    )


def logprobs_out(tokens: Sequence[TokenLogprob], *, begins_at: int) -> RawLogprobs:
    """Logprobs in lists; `begins_at` is where the first of these tokens stands, in characters."""
    spelt = [_spelling(token.token, token.bytes) for token in tokens]
    places = itertools.accumulate((len(token.token) for token in tokens), initial=begins_at)
    rivals = tuple({_spelling(other.token, other.bytes): other.logprob for other in t.top_logprobs} for t in tokens)
    return RawLogprobs(
        tokens=tuple(spelt),
        token_logprobs=tuple(token.logprob for token in tokens),
        top_logprobs=rivals if any(rivals) else None,
        text_offset=tuple(places)[: len(spelt)],
    )


def _spelling(token: str, spelt: Sequence[int]) -> str:
    return token if "\ufffd" not in token else "bytes:" + "".join(f"\\x{byte:02x}" for byte in spelt)


def usage_out(usage: Usage | None) -> ChatUsage | None:
    """What was counted, in OpenAI's words."""
    if usage is None:
        return None
    return ChatUsage(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.input_tokens + usage.output_tokens,
        prompt_tokens_details=PromptDetails(cached_tokens=usage.cached_tokens),
        completion_tokens_details=CompletionDetails(reasoning_tokens=usage.reasoning_tokens),
    )
