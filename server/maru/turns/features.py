"""What a request needs of an engine, and the refusal when the engine does not have it. Pure."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from maru.protocol.errors import invalid
from maru.protocol.items import FunctionCallOutput, InputImage, Item, Message
from maru.protocol.requests import CreateRequest


def check_features(request: CreateRequest, items: Iterable[Item], features: AbstractSet[str], model: str) -> None:
    """Refuse what the engine would ignore or choke on, before it is asked.

    Args:
        request: the create.
        items: everything that the model would be shown.
        features: see `Limits.features`.
        model: its name, for the message.

    Raises:
        ApiError: naming the field and what to do.
    """
    if request.tools and request.tool_choice != "none" and "tools" not in features:
        raise invalid(f"The model {model!r} cannot call tools. Leave 'tools' out, or choose another model.", "tools")
    if request.text.format.type != "text" and "json" not in features:
        message = f"The model {model!r} cannot be held to a JSON format. Ask for it in words, or choose another model."
        raise invalid(message, "text.format")
    if request.top_logprobs and "logprobs" not in features:
        raise invalid(f"The model {model!r} gives no logprobs. Leave 'top_logprobs' out.", "top_logprobs")
    if "images" not in features and any(_has_image(item) for item in items):
        raise invalid(f"The model {model!r} cannot see images. Send text, or choose another model.", "input")


def _has_image(item: Item) -> bool:
    if isinstance(item, Message):
        return any(isinstance(part, InputImage) for part in item.content)
    if isinstance(item, FunctionCallOutput) and not isinstance(item.output, str):
        return any(isinstance(part, InputImage) for part in item.output)
    return False
