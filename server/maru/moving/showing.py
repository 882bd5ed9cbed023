"""What of a branch others see: what people and models said to each other, and nothing else. Pure.

What is not named here is not shown: instructions, thinking, tool calls and their output, pictures, names of files,
ids, models, times, who it was.
"""

from collections.abc import Iterable, Iterator

from maru.protocol.items import InputFile, InputImage, InputText, Message, OutputText, Refusal
from maru.protocol.shares import SharedMessage
from maru.store.base import StoredItem


def shown(branch: Iterable[StoredItem]) -> Iterator[SharedMessage]:
    """The messages of a branch, root first."""
    for stored in branch:
        item = stored.item
        if not isinstance(item, Message) or item.role not in {"user", "assistant"}:
            continue
        texts = [part.text for part in item.content if isinstance(part, InputText | OutputText)]
        texts += [part.refusal for part in item.content if isinstance(part, Refusal)]
        message = SharedMessage(
            role="user" if item.role == "user" else "assistant",
            text="\n\n".join(filter(None, texts)),
            pictures=sum(isinstance(part, InputImage) for part in item.content),
            files=sum(isinstance(part, InputFile) for part in item.content),
        )
        if message.text or message.pictures or message.files:
            yield message
