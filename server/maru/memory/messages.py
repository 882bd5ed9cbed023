"""Items of a conversation as the messages an engine is shown. Pure."""

from collections.abc import Iterable

from maru.protocol.items import (
    Compaction,
    ContentPart,
    FunctionCall,
    FunctionCallOutput,
    InputFile,
    InputImage,
    InputText,
    Item,
    Message,
    OutputText,
    Reasoning,
    Refusal,
    image_words,
)
from maru_backends.base import ChatMessage, ImagePart, Part, Role, TextPart, ToolCall


def messages_of(instructions: str | None, items: Iterable[Item]) -> tuple[ChatMessage, ...]:
    """Messages in order, instructions first as a system message.

    Calls join the words before them, and each other, as chat templates expect. Reasoning is not shown again:
    templates of reasoning models drop it from earlier turns.
    """
    messages: list[ChatMessage] = []
    if instructions:
        messages.append(ChatMessage("system", (TextPart(instructions),)))
    for item in items:
        match item:
            case Message():
                messages.append(ChatMessage(_role(item), tuple(_part(part) for part in item.content)))
            case FunctionCall():
                _add_call(messages, item)
            case FunctionCallOutput():
                messages.append(ChatMessage("tool", _output_parts(item), tool_call_id=item.call_id))
            case Reasoning() | Compaction():
                continue
    return tuple(messages)


def _role(item: Message) -> Role:
    return "system" if item.role == "developer" else item.role


def _add_call(messages: list[ChatMessage], item: FunctionCall) -> None:
    call = ToolCall(item.call_id, item.name, item.arguments)
    last = messages[-1] if messages else None
    if last is not None and last.role == "assistant":
        messages[-1] = ChatMessage("assistant", last.parts, (*last.tool_calls, call))
    else:
        messages.append(ChatMessage("assistant", (), (call,)))


def _output_parts(item: FunctionCallOutput) -> tuple[Part, ...]:
    if isinstance(item.output, str):
        return (TextPart(item.output),)
    return tuple(_part(part) for part in item.output)


def _part(part: ContentPart) -> Part:
    match part:
        case InputText() | OutputText():
            return TextPart(part.text)
        case Refusal():
            return TextPart(part.refusal)
        case InputImage(image_url=url):
            return TextPart(image_words(part.filename)) if url is None else ImagePart(url, part.detail)
        case InputFile():
            return TextPart(f"[file: {part.filename or 'unnamed'}]")
