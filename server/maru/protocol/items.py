"""Items and content parts of Open Responses, in the exact shape they have on the wire and in the store.

Pure data: no clock, no IO. Optional fields are left out when they are None, because the specification wants them
absent. Source: Open Responses 2026-04-24, components `ItemParam` and `ItemField`.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal, TypeVar

import msgspec

from maru_backends.base import TokenLogprob

ItemStatus = Literal["in_progress", "completed", "incomplete"]
MessageRole = Literal["user", "system", "developer", "assistant"]


class Wire(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    """Base of everything that is encoded with its `type` as tag."""


class InputText(Wire, frozen=True, tag="input_text"):
    """Text that a person or a program sent."""

    text: str


class InputImage(Wire, frozen=True, tag="input_image"):
    """An image by URL or `data:` URL, or an uploaded one; where a model is shown an uploaded one it has both."""

    image_url: str | None
    detail: Literal["low", "high", "auto"]
    file_id: str | None = None
    filename: str | None = msgspec.field(name="maru:filename", default=None)


class InputFile(Wire, frozen=True, tag="input_file"):
    """A file, inline or uploaded."""

    filename: str | None = None
    file_data: str | None = None
    file_url: str | None = None
    file_id: str | None = None


class OutputText(Wire, frozen=True, tag="output_text"):
    """Text that the model wrote."""

    text: str
    annotations: tuple[dict[str, Any], ...]
    logprobs: tuple[TokenLogprob, ...] | None = None


class Refusal(Wire, frozen=True, tag="refusal"):
    """The model's refusal, where the engine marks it as one."""

    refusal: str


class ReasoningText(Wire, frozen=True, tag="reasoning_text"):
    """Raw thinking of the model."""

    text: str


class SummaryText(Wire, frozen=True, tag="summary_text"):
    """A summary of the thinking."""

    text: str


ContentPart = InputText | InputImage | InputFile | OutputText | Refusal
InputPart = InputText | InputImage | InputFile
P = TypeVar("P", bound=ContentPart)


class Message(Wire, frozen=True, tag="message"):
    """One message; assistant messages hold OutputText and Refusal parts, the others Input parts."""

    id: str
    role: MessageRole
    status: ItemStatus
    content: tuple[ContentPart, ...]
    phase: Literal["commentary", "final_answer"] | None = None


class FunctionCall(Wire, frozen=True, tag="function_call"):
    """The model asks for a tool; `arguments` is JSON text as the model wrote it."""

    id: str
    call_id: str
    name: str
    arguments: str
    status: ItemStatus


class FunctionCallOutput(Wire, frozen=True, tag="function_call_output"):
    """What the tool answered to the call `call_id`."""

    id: str
    call_id: str
    output: str | tuple[InputPart, ...]
    status: ItemStatus


class Reasoning(Wire, frozen=True, tag="reasoning"):
    """What the model thought before it answered."""

    id: str
    summary: tuple[SummaryText, ...]
    content: tuple[ReasoningText, ...] | None = None
    encrypted_content: str | None = None
    status: ItemStatus | None = None


class Compaction(Wire, frozen=True, tag="compaction"):
    """Older turns in a form only the server reads."""

    id: str
    encrypted_content: str


Item = Message | FunctionCall | FunctionCallOutput | Reasoning | Compaction


def attachments(item: Item) -> Iterator[InputImage | InputFile]:
    """The images and files of an item, in order."""
    match item:
        case Message(content=parts):
            pass
        case FunctionCallOutput(output=parts) if not isinstance(parts, str):
            pass
        case _:
            return
    for part in parts:
        if isinstance(part, InputImage | InputFile):
            yield part


def file_ids(items: Iterable[Item]) -> tuple[str, ...]:
    """The uploaded files that items refer to, each once."""
    found = (part.file_id for item in items for part in attachments(item))
    return tuple(dict.fromkeys(id_ for id_ in found if id_ is not None))


def with_attachments(item: Item, changed: Callable[[InputImage | InputFile], InputPart]) -> Item:
    """The item with something else in the place of each image and file."""

    def part_of(part: P) -> P | InputPart:
        return changed(part) if isinstance(part, InputImage | InputFile) else part

    match item:
        case Message():
            return msgspec.structs.replace(item, content=tuple(map(part_of, item.content)))
        case FunctionCallOutput() if not isinstance(item.output, str):
            return msgspec.structs.replace(item, output=tuple(map(part_of, item.output)))
        case _:
            return item


def as_kept(item: Item) -> Item:
    """The item without what was filled into it for a model: an uploaded image is kept as its id."""
    return with_attachments(item, _unfilled)


def _unfilled(part: InputImage | InputFile) -> InputPart:
    if isinstance(part, InputImage) and part.file_id is not None:
        return msgspec.structs.replace(part, image_url=None)
    return part


def without_images(item: Item) -> Item:
    """The item with a word in the place of each image, and of each file that is not a name only."""
    return with_attachments(item, _named)


def _named(part: InputImage | InputFile) -> InputPart:
    if isinstance(part, InputImage):
        return InputText(text=image_words(part.filename))
    return InputFile(filename=part.filename)


def image_words(name: str | None) -> str:
    """What stands in the place of an image that is not shown."""
    return f"[image: {name}]" if name else "[image]"


_decoder: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)
_encoder = msgspec.json.Encoder()


def encode_item(item: Item) -> bytes:
    """Item as compact JSON, the form in the store."""
    return _encoder.encode(item)


def decode_item(raw: bytes | str) -> Item:
    """Item from its stored JSON.

    Raises:
        msgspec.ValidationError: the JSON is no item.
    """
    return _decoder.decode(raw)
