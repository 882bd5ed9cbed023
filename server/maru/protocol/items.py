"""Items and content parts of Open Responses, in the exact shape they have on the wire and in the store.

Pure data: no clock, no IO. Optional fields are left out when they are None, because the specification wants them
absent. Source: Open Responses 2026-04-24, components `ItemParam` and `ItemField`.
"""

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
    """An image by URL or `data:` URL."""

    image_url: str
    detail: Literal["low", "high", "auto"]


class InputFile(Wire, frozen=True, tag="input_file"):
    """A file, inline or by URL."""

    filename: str | None = None
    file_data: str | None = None
    file_url: str | None = None


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

IMAGE_LEFT_OUT = InputText(text="[image]")


def without_images(item: Item) -> Item:
    """The item with a word in the place of each image, and of each file that is not a name only."""
    match item:
        case Message():
            return msgspec.structs.replace(item, content=tuple(_named(part) for part in item.content))
        case FunctionCallOutput() if not isinstance(item.output, str):
            return msgspec.structs.replace(item, output=tuple(_named(part) for part in item.output))
        case _:
            return item


def _named(part: P) -> P | InputText | InputFile:
    match part:
        case InputImage():
            return IMAGE_LEFT_OUT
        case InputFile():
            return InputFile(filename=part.filename)
        case _:
            return part


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
