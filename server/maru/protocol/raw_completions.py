"""OpenAI's older completions: a text that a model goes on with, and what comes of it. Pure."""

from collections.abc import Mapping
from typing import Annotated, Literal, cast

import msgspec
from pydantic import BeforeValidator, Field

from maru.protocol.chat_answers import ChatUsage, CompletionDetails, PromptDetails
from maru.protocol.chat_requests import MAX_STOPS, SEED_BOUND, StreamOptionsIn
from maru.protocol.incoming import MAX_INPUT_CHARS, Incoming, Many
from maru.protocol.requests import parse
from maru.protocol.unhonoured import OF_ENGINES, refuse_unhonoured
from maru_backends.base import ChatRequest, FinishReason, Sampling, Usage

DEFAULT_MAX_TOKENS = 16  # OpenAI's own
HARMLESS: Mapping[str, tuple[object, ...]] = {
    **OF_ENGINES,
    "n": (1,),
    "echo": (False,),
    "suffix": ("",),
    "logprobs": (),
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


class RawChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The only choice there is; in a stream, more of it."""

    text: str
    index: int = 0
    logprobs: None = None
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
        raw=asked.prompt,
    )


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
