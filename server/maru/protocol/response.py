"""The Response object, with every key the specification demands (digest section 4).

Pure data; the builder fills it in.
"""

from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from maru.protocol.items import Item
from maru_backends.base import Usage

Status = Literal["queued", "in_progress", "completed", "incomplete", "failed", "cancelled"]


class InputTokensDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Where the prompt's tokens came from."""

    cached_tokens: int
    cache_write_tokens: int = 0


class OutputTokensDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer's tokens were spent on."""

    reasoning_tokens: int


class ResponseUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of the whole response."""

    input_tokens: int
    input_tokens_details: InputTokensDetails
    output_tokens: int
    output_tokens_details: OutputTokensDetails
    total_tokens: int


def usage_of(spent: Iterable[Usage]) -> ResponseUsage:
    """All that the engine was asked for one response, added up."""
    uses = tuple(spent)
    prompt, answer = sum(use.input_tokens for use in uses), sum(use.output_tokens for use in uses)
    return ResponseUsage(
        input_tokens=prompt,
        input_tokens_details=InputTokensDetails(cached_tokens=sum(use.cached_tokens for use in uses)),
        output_tokens=answer,
        output_tokens_details=OutputTokensDetails(reasoning_tokens=sum(use.reasoning_tokens for use in uses)),
        total_tokens=prompt + answer,
    )


class ResponseError(msgspec.Struct, frozen=True, kw_only=True):
    """Why a response failed."""

    code: str
    message: str


class IncompleteDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Why a response is not whole: `max_output_tokens`, `content_filter`, or ours: `maru:interrupted`."""

    reason: str


class ConversationRef(msgspec.Struct, frozen=True, kw_only=True):
    """The conversation a response belongs to."""

    id: str


class ContextReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the model was shown (`maru:context`).

    Attributes:
        window: tokens of prompt and answer the engine can hold, or as few as the operator allows.
        budget: tokens of it that the prompt may have; when it needs more, the oldest turns go.
        used: tokens of the rendered prompt.
        first_item: id of the oldest item that was sent; None: the input of this turn, all of it and nothing before.
        items_left_out: items before it that were not sent: of the history, then of the input where that alone is long.
        compaction: id of the compaction item that stands for what came before it, which was not sent either.
        summary: id of the summary of the conversation that was shown in the place of what was left out.
        pinned: ids of items from before `first_item` that were sent because they are pinned.
        images_left_out: images in whose place the model was told that there was one: it does not see, or they are gone.
    """

    window: int
    budget: int | None = None  # None: before it was noted
    used: int
    first_item: str | None
    items_left_out: int
    compaction: str | None = None
    summary: str | None = None
    pinned: tuple[str, ...] = ()
    images_left_out: int = 0


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """How long an answer took (`maru:timing`), in ms.

    Attributes:
        first_token_ms: from the request to the first word or thought; None: there was none.
        thinking_ms: of the whole, over thoughts.
        total_ms: from the request to the end.
    """

    first_token_ms: int | None
    thinking_ms: int
    total_ms: int


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One response as it is sent and kept."""

    id: str
    object: Literal["response"] = "response"
    created_at: int
    completed_at: int | None = None
    status: Status
    incomplete_details: IncompleteDetails | None = None
    model: str
    previous_response_id: str | None
    instructions: str | None
    output: tuple[Item, ...] = ()
    error: ResponseError | None = None
    tools: tuple[dict[str, Any], ...]
    tool_choice: str | dict[str, Any]
    truncation: Literal["auto", "disabled"]
    parallel_tool_calls: bool
    text: dict[str, Any]
    top_p: float
    presence_penalty: float
    frequency_penalty: float
    temperature: float
    top_logprobs: int
    reasoning: dict[str, Any] | None
    usage: ResponseUsage | None = None
    max_output_tokens: int | None
    max_tool_calls: int | None
    store: bool
    background: bool
    service_tier: str
    metadata: dict[str, str]
    safety_identifier: str | None
    prompt_cache_key: str | None
    conversation: ConversationRef | None = None
    maru_parent: str | None = msgspec.field(default=None, name="maru:parent")
    maru_input: tuple[str, ...] = msgspec.field(default=(), name="maru:input")
    maru_context: ContextReport | None = msgspec.field(default=None, name="maru:context")
    maru_timing: Timing | None = msgspec.field(default=None, name="maru:timing")


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Response] = msgspec.json.Decoder(Response)


def encode_response(response: Response) -> bytes:
    """Response as compact JSON, as it is sent and stored."""
    return _encoder.encode(response)


def decode_response(raw: bytes) -> Response:
    """Response from its stored JSON.

    Raises:
        msgspec.ValidationError: the JSON is no response.
    """
    return _decoder.decode(raw)


def unasked_response(id_: str, created_at: int, model: str, conversation: ConversationRef | None) -> Response:
    """A response whose request is not known, with every setting as if nobody had asked for it."""
    return Response(
        id=id_,
        created_at=created_at,
        status="in_progress",
        model=model,
        previous_response_id=None,
        conversation=conversation,
        instructions=None,
        tools=(),
        tool_choice="auto",
        truncation="disabled",
        parallel_tool_calls=True,
        text={"format": {"type": "text"}},
        top_p=1.0,
        presence_penalty=0.0,
        frequency_penalty=0.0,
        temperature=1.0,
        top_logprobs=0,
        reasoning=None,
        max_output_tokens=None,
        max_tool_calls=None,
        store=True,
        background=False,
        service_tier="default",
        metadata={},
        safety_identifier=None,
        prompt_cache_key=None,
    )
