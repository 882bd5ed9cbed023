"""Parsed input into items: every item gets an id, every message its list of parts (digest section 3, last line).

Pure: ids come from the `mint` that is passed in, and items that are only referred to are looked up beforehand.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import assert_never

import msgspec

from maru.protocol.errors import ApiError, invalid
from maru.protocol.items import (
    Compaction,
    ContentPart,
    FunctionCall,
    FunctionCallOutput,
    InputFile,
    InputImage,
    InputPart,
    InputText,
    Item,
    Message,
    MessageRole,
    OutputText,
    Reasoning,
    ReasoningText,
    Refusal,
    SummaryText,
)
from maru.protocol.parts import FileIn, ImageIn, PartIn, RefusalIn, TextIn
from maru.protocol.requests import (
    CallIn,
    CallOutputIn,
    CompactionIn,
    CompactionTriggerIn,
    ItemIn,
    MessageIn,
    ReasoningIn,
    ReferenceIn,
)

Mint = Callable[[str], str]


def referenced_ids(raw: str | tuple[ItemIn, ...], *, field: str = "input") -> tuple[str, ...]:
    """Ids of the items that are only referred to, in order.

    Args:
        raw: what was sent.
        field: the request's name for `raw`, for the error.

    Raises:
        ApiError: an item is referred to twice; each reference is a copy, and a thousand of a large item fill the disk.
    """
    found: dict[str, None] = {}
    for index, item in enumerate(() if isinstance(raw, str) else raw):
        if isinstance(item, ReferenceIn):
            if item.id in found:
                message = f"Item {item.id!r} is referred to twice. Refer to it once, or send the item itself."
                raise invalid(message, f"{field}[{index}].id")
            found[item.id] = None
    return tuple(found)


def normalise_input(
    raw: str | tuple[ItemIn, ...], mint: Mint, referenced: Mapping[str, Item], *, field: str = "input"
) -> tuple[Item, ...]:
    """Items of one request, with ids minted anew: an id that a client replays belongs to the older item.

    Args:
        raw: what was sent.
        mint: makes an id of a prefix.
        referenced: the items behind `referenced_ids(raw)`, as far as they were found. A copy takes the reference's
            place, because the item itself stands elsewhere already, perhaps earlier in the same history.
        field: the request's name for `raw`, for the error.

    Raises:
        ApiError: 404, an item that is referred to was not found; 400, a trigger stands among the items.
    """
    if isinstance(raw, str):
        part = InputText(text=raw)
        return (Message(id=mint("msg"), role="user", status="completed", content=(part,)),)
    return tuple(_normalised(item, f"{field}[{index}]", mint, referenced) for index, item in enumerate(raw))


def without_trigger(raw: str | tuple[ItemIn, ...]) -> tuple[str | tuple[ItemIn, ...], bool]:
    """The input without the `compaction_trigger` at its end, and whether there was one."""
    if isinstance(raw, str) or not raw or not isinstance(raw[-1], CompactionTriggerIn):
        return raw, False
    return raw[:-1], True


def check_pairs(history: Iterable[Item], new: Iterable[Item], *, first: int = 0) -> None:
    """Every tool output must answer a call that came before it.

    Args:
        history: items before those of the request.
        new: items of the request.
        first: place in the request of the first of them.

    Raises:
        ApiError: an output without its call.
    """
    calls = {item.call_id for item in history if isinstance(item, FunctionCall)}
    for index, item in enumerate(new, start=first):
        if isinstance(item, FunctionCall):
            calls.add(item.call_id)
        elif isinstance(item, FunctionCallOutput) and item.call_id not in calls:
            message = f"No tool call found for function call output with call_id {item.call_id!r}."
            raise ApiError(400, message, code="tool_call_not_found", param=f"input[{index}].call_id")


def check_answered(history: Sequence[Item], new: Sequence[Item], *, first: int = 0) -> None:
    """Every call must have its output before a model is asked; the arguments are those of `check_pairs`.

    Raises:
        ApiError: a call without its output.
    """
    answered = {item.call_id for item in (*history, *new) if isinstance(item, FunctionCallOutput)}
    placed = (*((item, "input") for item in history), *((item, f"input[{i}]") for i, item in enumerate(new, first)))
    for item, param in placed:
        if isinstance(item, FunctionCall) and item.call_id not in answered:
            message = f"No tool output found for function call {item.call_id!r}. Send its 'function_call_output'."
            raise ApiError(400, message, code="tool_output_not_found", param=param)


def _normalised(item: ItemIn, place: str, mint: Mint, referenced: Mapping[str, Item]) -> Item:
    match item:
        case ReferenceIn():
            return _copy_of(item.id, f"{place}.id", mint, referenced)
        case CompactionTriggerIn():
            message = "A compaction_trigger compacts all items before it: send it once, as the last item of a create."
            raise invalid(message, place)
        case _:
            return _item(item, mint)


def _copy_of(id_: str, param: str, mint: Mint, referenced: Mapping[str, Item]) -> Item:
    item = referenced.get(id_)
    if item is None:
        message = f"Item {id_!r} was not found. Check the id, or send the item itself."
        raise ApiError(404, message, code="item_not_found", param=param)
    return msgspec.structs.replace(item, id=mint(_prefix(item)))


def _prefix(item: Item) -> str:
    match item:
        case Message():
            return "msg"
        case FunctionCall():
            return "fc"
        case FunctionCallOutput():
            return "fco"
        case Reasoning():
            return "rs"
        case Compaction():
            return "cmp"
        case _:
            assert_never(item)


def _item(item: MessageIn | CallIn | CallOutputIn | ReasoningIn | CompactionIn, mint: Mint) -> Item:
    match item:
        case MessageIn():
            return _message(item, mint)
        case CallIn():
            return FunctionCall(
                id=mint("fc"), call_id=item.call_id, name=item.name, arguments=item.arguments, status="completed"
            )
        case CallOutputIn():
            output = item.output if isinstance(item.output, str) else tuple(_input_part(p) for p in item.output)
            return FunctionCallOutput(id=mint("fco"), call_id=item.call_id, output=output, status="completed")
        case ReasoningIn():
            content = None if item.content is None else tuple(ReasoningText(text=p.text) for p in item.content)
            summary = tuple(SummaryText(text=p.text) for p in item.summary)
            return Reasoning(id=mint("rs"), summary=summary, content=content, encrypted_content=item.encrypted_content)
        case CompactionIn():
            return Compaction(id=mint("cmp"), encrypted_content=item.encrypted_content)
        case _:
            assert_never(item)


def _message(item: MessageIn, mint: Mint) -> Message:
    content = (TextIn(text=item.content),) if isinstance(item.content, str) else item.content
    parts = tuple(_part(part, item.role) for part in content)
    return Message(id=mint("msg"), role=item.role, status="completed", content=parts, phase=item.phase)


def _part(part: PartIn, role: MessageRole) -> ContentPart:
    if isinstance(part, RefusalIn):
        return Refusal(refusal=part.refusal)
    if isinstance(part, TextIn) and role == "assistant":
        return OutputText(text=part.text, annotations=())
    return _input_part(part)


def _input_part(part: PartIn) -> InputPart:
    match part:
        case TextIn():
            return InputText(text=part.text)
        case ImageIn():
            return InputImage(image_url=part.image_url, detail=part.detail, file_id=part.file_id)
        case FileIn():
            return InputFile(filename=part.filename, file_data=part.file_data, file_id=part.file_id)
        case _:
            return InputText(text=part.refusal)
