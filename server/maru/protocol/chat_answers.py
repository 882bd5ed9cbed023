"""Responses in the words of OpenAI's chat completions. Pure; `chat_chunks.py` has the words of a stream."""

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from maru.protocol.errors import ApiError
from maru.protocol.items import FunctionCall, Message, OutputText, Reasoning, Refusal
from maru.protocol.response import Response, ResponseUsage
from maru_backends.base import FinishReason, TokenLogprob


class CalledFunction(msgspec.Struct, frozen=True, kw_only=True):
    """Which function is called with what."""

    name: str
    arguments: str


class ChatCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call that the model makes."""

    id: str
    type: Literal["function"] = "function"
    function: CalledFunction


class AnsweredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer; `reasoning_content` is the word that vLLM, DeepSeek and others use for thinking."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    refusal: str | None
    reasoning_content: str | UnsetType = UNSET
    tool_calls: tuple[ChatCall, ...] | UnsetType = UNSET


class ChatLogprobs(msgspec.Struct, frozen=True, kw_only=True):
    """How likely the tokens of the answer were."""

    content: tuple[TokenLogprob, ...]
    refusal: None = None


class ChatChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The only choice there is."""

    index: int = 0
    message: AnsweredMessage
    logprobs: ChatLogprobs | None
    finish_reason: FinishReason


class PromptDetails(msgspec.Struct, frozen=True, kw_only=True):
    """Where the prompt's tokens came from."""

    cached_tokens: int


class CompletionDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What the answer's tokens were spent on."""

    reasoning_tokens: int


class ChatUsage(msgspec.Struct, frozen=True, kw_only=True):
    """Tokens of the whole answer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int
    prompt_tokens_details: PromptDetails
    completion_tokens_details: CompletionDetails


class ChatCompletion(msgspec.Struct, frozen=True, kw_only=True):
    """One answer in one piece."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: tuple[ChatChoice, ...]
    usage: ChatUsage | None


def completion(id_: str, response: Response, reason: FinishReason) -> ChatCompletion:
    """A response that ended well, as the chat completion with this id."""
    choice = ChatChoice(message=_message(response), logprobs=_logprobs(response), finish_reason=reason)
    return ChatCompletion(
        id=id_,
        created=response.created_at,
        model=response.model,
        choices=(choice,),
        usage=usage_of(response.usage),
    )


def finish_reason_of(response: Response) -> FinishReason | None:
    """Why the engine stopped; None where it did not: a failure, a stop or a shutdown is no end in this protocol."""
    if response.status == "completed":
        return "tool_calls" if any(isinstance(item, FunctionCall) for item in response.output) else "stop"
    match response.incomplete_details and response.incomplete_details.reason:
        case "max_output_tokens":
            return "length"
        case "content_filter":
            return "content_filter"
        case _:
            return None


def usage_of(usage: ResponseUsage | None) -> ChatUsage | None:
    """What was counted; None where the engine told nothing."""
    if usage is None:
        return None
    return ChatUsage(
        prompt_tokens=usage.input_tokens,
        completion_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        prompt_tokens_details=PromptDetails(cached_tokens=usage.input_tokens_details.cached_tokens),
        completion_tokens_details=CompletionDetails(reasoning_tokens=usage.output_tokens_details.reasoning_tokens),
    )


def broken_off() -> ApiError:
    """The answer was stopped from elsewhere, or by a shutdown."""
    return ApiError(
        503, "The answer was broken off before its end. Ask again.", code="server_error", type_="server_error"
    )


def in_chat_words(error: ApiError) -> ApiError:
    """A refusal of the create, told to someone who never wrote one."""
    param = error.param
    if param is not None and param.startswith("input"):
        # An index would count items, and a message may be several of them.
        param = "messages"
    elif param is not None and param.startswith("text.format"):
        param = "response_format"
    elif param == "include":
        param = "logprobs"
    elif param == "reasoning.effort":
        param = "reasoning_effort"
    return ApiError(
        404 if error.code == "model_not_found" else error.status,
        error.message,
        code=error.code,
        param=param,
        type_=error.type,
        retry_after_s=error.retry_after_s,
    )


def _logprobs(response: Response) -> ChatLogprobs | None:
    parts = (part for item in response.output if isinstance(item, Message) for part in item.content)
    tokens = tuple(token for part in parts if isinstance(part, OutputText) for token in part.logprobs or ())
    return ChatLogprobs(content=tokens) if tokens else None


def _message(response: Response) -> AnsweredMessage:
    parts = [part for item in response.output if isinstance(item, Message) for part in item.content]
    texts = [part.text for part in parts if isinstance(part, OutputText)]
    refusals = [part.refusal for part in parts if isinstance(part, Refusal)]
    thoughts = [part.text for item in response.output if isinstance(item, Reasoning) for part in item.content or ()]
    calls = tuple(
        ChatCall(id=item.call_id, function=CalledFunction(name=item.name, arguments=item.arguments))
        for item in response.output
        if isinstance(item, FunctionCall)
    )
    return AnsweredMessage(
        content="".join(texts) if texts else None,
        refusal="".join(refusals) if refusals else None,
        reasoning_content="".join(thoughts) if thoughts else UNSET,
        tool_calls=calls or UNSET,
    )
