"""Items as plain words, where they are quoted, counted in or summarised. Pure."""

from collections.abc import Sequence

from maru.protocol.items import (
    ContentPart,
    InputFile,
    InputImage,
    Item,
    Message,
    MessageRole,
    Refusal,
    image_words,
)


def words_of(parts: Sequence[ContentPart]) -> str:
    """What the parts say, with a word in the place of what is no text."""
    return "".join(_words(part) for part in parts)


def is_from(item: Item, *roles: MessageRole) -> bool:
    """Whether it is a message of one of these roles."""
    return isinstance(item, Message) and item.role in roles


def is_instruction(item: Item) -> bool:
    """Whether it tells the model how to behave, and is never cut."""
    return is_from(item, "system", "developer")


def _words(part: ContentPart) -> str:
    match part:
        case InputImage():
            return image_words(part.filename)
        case InputFile():
            return f"[file: {part.filename or 'unnamed'}]"
        case Refusal():
            return part.refusal
        case _:
            return part.text
