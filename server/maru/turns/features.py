"""What a request needs of an engine, and the refusal when the engine does not have it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from maru.memory.words import is_from
from maru.protocol.errors import ApiError, invalid
from maru.protocol.items import InputImage, Item, attachments
from maru.protocol.requests import AllowedToolsIn, CreateRequest


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that an engine would ignore or choke on if it could not do it.

    Attributes:
        feature: see `Limits.features`.
        refusal: what is said to whoever asked for it.
    """

    feature: str
    refusal: ApiError


def check_wishes(request: CreateRequest) -> None:
    """Refuse what no engine could do, whichever it is.

    Raises:
        ApiError: naming the field and what to do.
    """
    if request.text.verbosity not in {None, "medium"}:
        message = "'text.verbosity' cannot be honoured here. Leave it out, and ask for a short or long answer in words."
        raise invalid(message, "text.verbosity", "unsupported_parameter")
    if request.reasoning and request.reasoning.summary in {"concise", "detailed"}:
        message = "Thinking is not summarised here, it is sent as it is. Leave 'reasoning.summary' out, or send 'auto'."
        raise invalid(message, "reasoning.summary", "unsupported_parameter")
    choice = request.tool_choice
    if choice == "required" and not request.tools:
        raise invalid("'tool_choice' asks for a call, but 'tools' is empty.", "tool_choice")
    if isinstance(choice, AllowedToolsIn) and choice.mode == "required" and not choice.tools:
        raise invalid("'tool_choice' asks for a call, but allows no tool.", "tool_choice.tools")


def needs_of(request: CreateRequest, items: Sequence[Item], model: str) -> Iterator[Need]:
    """What the engine must be able to do.

    Args:
        request: the create.
        items: everything that the model would be shown; of what was said before its last words, it is told that there
            was an image.
        model: its name, for the message.
    """
    if request.tools and request.tool_choice != "none":
        message = f"The model {model!r} cannot call tools. Leave 'tools' out, or choose another model."
        yield Need("tools", invalid(message, "tools"))
    if request.text.format.type != "text":
        message = f"The model {model!r} cannot be held to a JSON format. Ask for it in words, or choose another model."
        yield Need("json", invalid(message, "text.format"))
    if request.wants_logprobs:
        param = "top_logprobs" if request.top_logprobs else "include"
        yield Need("logprobs", invalid(f"The model {model!r} gives no logprobs. Leave {param!r} out.", param))
    if request.reasoning and request.reasoning.effort is not None:
        message = f"How long the model {model!r} thinks cannot be set. Leave 'reasoning.effort' out."
        yield Need("effort", invalid(message, "reasoning.effort", "unsupported_parameter"))
    if any(has_images(item) for item in newest(items)):
        message = (
            f"The model {model!r} is not known to see images. Send text, or choose another model; if it does see, its "
            "operator can say so in its 'features'."
        )
        yield Need("images", invalid(message, "input", "unsupported_image"))


def check_features(needs: Iterable[Need], features: AbstractSet[str]) -> None:
    """Refuse the first need that the engine does not meet, before it is asked.

    Raises:
        ApiError: naming the field and what to do.
    """
    for need in needs:
        if need.feature not in features:
            raise need.refusal


def has_images(item: Item) -> bool:
    """Whether an engine that does not see could not be shown all of it."""
    return any(isinstance(part, InputImage) for part in attachments(item))


def newest(items: Sequence[Item]) -> Sequence[Item]:
    """What came after the model's last words: what it is asked now."""
    last = next((back for back, item in enumerate(reversed(items)) if is_from(item, "assistant")), len(items))
    return items[len(items) - last :]
