"""The create that a chat completion stands for: there is one way to an answer, and this is its other door. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, TypeVar

from maru.protocol.chat_requests import (
    ChatCompletionRequest,
    ChatFunctionIn,
    ChatMessageIn,
    ChatPartIn,
    ResponseFormatIn,
)
from maru.protocol.errors import ApiError, invalid
from maru.protocol.parts import FileIn, ImageIn, PartIn, RefusalIn, TextIn
from maru.protocol.requests import (
    LOGPROBS,
    CallIn,
    CallOutputIn,
    CreateRequest,
    FunctionToolIn,
    ItemIn,
    MessageIn,
    NamedChoiceIn,
    ReasoningConfigIn,
    TextConfigIn,
    TextFormatIn,
)
from maru_backends.base import ChatRequest

T = TypeVar("T")


def create_of(chat: ChatCompletionRequest) -> CreateRequest:
    """The create that is answered in its place; nothing of it is stored.

    Raises:
        ApiError: parameters or messages that do not go together.
    """
    if chat.messages[-1].role == "assistant":
        raise invalid("The last message is the assistant's own: nothing is left to answer.", "messages")
    create = CreateRequest(
        model=chat.model,
        store=False,
        stream=chat.stream,
        tools=tuple(_tool(tool.function) for tool in chat.tools),
        tool_choice=_choice(chat),
        parallel_tool_calls=chat.parallel_tool_calls,
        text=TextConfigIn(format=_format(chat.response_format)),
        temperature=chat.temperature,
        top_p=chat.top_p,
        presence_penalty=chat.presence_penalty,
        frequency_penalty=chat.frequency_penalty,
        metadata=chat.metadata,
        prompt_cache_key=chat.prompt_cache_key,
        include=(LOGPROBS,) if chat.logprobs else (),
        top_logprobs=chat.top_logprobs,
        reasoning=ReasoningConfigIn(effort=chat.reasoning_effort) if chat.reasoning_effort else None,
    )
    items = tuple(item for index, said in enumerate(chat.messages) for item in _items(said, f"messages[{index}]"))
    # Copied in, not given to the model above: its union of items tells them apart by raw JSON only.
    return create.model_copy(update={"input": items})


def with_wishes(request: ChatRequest, chat: ChatCompletionRequest) -> ChatRequest:
    """The engine's request with what a create has no word for: seed, stop, and an answer under 16 tokens."""
    return replace(
        request,
        sampling=replace(request.sampling, seed=chat.seed, stop=chat.stop),
        max_tokens=chat.max_completion_tokens or chat.max_tokens,
    )


def _items(said: ChatMessageIn, path: str) -> Iterable[ItemIn]:
    if said.role == "tool":
        yield CallOutputIn(
            type="function_call_output",
            call_id=_given(said.tool_call_id, f"{path}.tool_call_id"),
            output=_output(_parts(said, path)),
        )
        return
    calls = said.tool_calls if said.role == "assistant" else ()
    # SDKs replay an answer of calls alone with null, engines' own clients with an empty text.
    if not calls or any(part.text for part in said.content or ()) or said.refusal:
        yield MessageIn(role=said.role, content=_parts(said, path))
    for call in calls:
        name, arguments = call.function.name, call.function.arguments
        yield CallIn(type="function_call", call_id=call.id, name=name, arguments=arguments)


def _parts(said: ChatMessageIn, path: str) -> tuple[PartIn, ...]:
    refused = (RefusalIn(type="refusal", refusal=said.refusal),) if said.refusal else ()
    if not said.content and not refused:
        raise _missing(f"{path}.content")
    parts = (_part(part, said.role, f"{path}.content[{index}]") for index, part in enumerate(said.content or ()))
    return (*parts, *refused)


def _part(part: ChatPartIn, role: str, path: str) -> PartIn:
    match part.type:
        case "text":
            return TextIn(text=_given(part.text, f"{path}.text"))
        case "refusal":
            return RefusalIn(type="refusal", refusal=_given(part.refusal, f"{path}.refusal"))
        case "image_url":
            if role not in {"user", "tool"}:
                raise invalid(f"A message of the role {role!r} holds no image. Send it as the user's.", path)
            image = _given(part.image_url, f"{path}.image_url")
            return ImageIn(type="input_image", image_url=image.url, detail=image.detail)
        case "file":
            file = _given(part.file, f"{path}.file")
            if (file.file_id is None) == (file.file_data is None):
                raise invalid("A file is sent as one of 'file_id' and 'file_data'.", f"{path}.file")
            return FileIn(type="input_file", filename=file.filename, file_data=file.file_data, file_id=file.file_id)


def _output(parts: tuple[PartIn, ...]) -> str | tuple[PartIn, ...]:
    """A tool's words as one text, in which every engine takes them; parts only where there is an image or a file."""
    texts = [part.text for part in parts if isinstance(part, TextIn)]
    return "".join(texts) if len(texts) == len(parts) else parts


def _tool(function: ChatFunctionIn) -> FunctionToolIn:
    return FunctionToolIn(
        type="function",
        name=function.name,
        description=function.description,
        parameters=function.parameters,
        strict=function.strict,
    )


def _choice(chat: ChatCompletionRequest) -> Literal["none", "auto", "required"] | NamedChoiceIn:
    choice = chat.tool_choice
    if choice is None:
        return "auto"
    if choice.type == "function":
        chosen = _given(choice.function, "tool_choice.function")
        return NamedChoiceIn(type="function", name=chosen.name)
    return choice.type


def _format(wanted: ResponseFormatIn) -> TextFormatIn:
    if wanted.type != "json_schema":
        return TextFormatIn(type=wanted.type)
    shape = _given(wanted.json_schema, "response_format.json_schema")
    return TextFormatIn.model_validate({**shape.model_dump(by_alias=True), "type": "json_schema"})


def _given(value: T | None, path: str) -> T:
    if value is None:
        raise _missing(path)
    return value


def _missing(path: str) -> ApiError:
    return ApiError(400, f"Missing required parameter: {path!r}.", code="missing_required_parameter", param=path)
