"""What clients may send, parsed once and laxly: real clients send things the specification forbids (digest 2, 3).

`parse_create` and its sisters turn JSON into frozen models or raise ApiError naming the field.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from maru.protocol.errors import ApiError, shown
from maru.protocol.incoming import ID_PATTERN, MAX_INPUT_CHARS, Incoming, Many, Text, as_object
from maru.protocol.parts import PartIn, TextIn
from maru.protocol.unhonoured import OF_CREATE, refuse_unhonoured

MAX_METADATA_PAIRS = 16

STREAM_ID_PATTERN = r"^[A-Za-z0-9_.-]{1,256}$"

Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh", "max"]


def _few_pairs(raw: object) -> object:
    """For the same reason: a dict is checked whole before its length is."""
    if len(as_object(raw) or ()) > MAX_METADATA_PAIRS:
        raise PydanticCustomError("too_long", "At most {most} pairs are kept", {"most": MAX_METADATA_PAIRS})
    return raw


Metadata = Annotated[
    dict[Annotated[str, Field(max_length=64)], Annotated[str, Field(max_length=512)]], BeforeValidator(_few_pairs)
]


class MessageIn(Incoming):
    """A message; the "easy" form has no type and plain text as content."""

    type: Literal["message"] = "message"
    id: str | None = Field(default=None, pattern=ID_PATTERN)
    role: Literal["user", "system", "developer", "assistant"]
    content: Text | Many[PartIn]
    phase: Literal["commentary", "final_answer"] | None = None


class CallIn(Incoming):
    """A tool call in replayed history."""

    type: Literal["function_call"]
    id: str | None = Field(default=None, pattern=ID_PATTERN)
    call_id: str = Field(min_length=1, max_length=64)
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    arguments: Text


class CallOutputIn(Incoming):
    """What a tool answered."""

    type: Literal["function_call_output"]
    id: str | None = Field(default=None, pattern=ID_PATTERN)
    call_id: str = Field(min_length=1, max_length=64)
    output: Text | Many[PartIn]


class ReasoningIn(Incoming):
    """Thinking that a client replays; kept, and not shown to the model."""

    type: Literal["reasoning"]
    id: str | None = Field(default=None, pattern=ID_PATTERN)
    summary: Many[TextIn] = ()
    content: Many[TextIn] | None = None
    encrypted_content: str | None = None


class CompactionIn(Incoming):
    """Older items in the form that only the server that made it reads."""

    type: Literal["compaction"]
    id: str | None = Field(default=None, pattern=ID_PATTERN)
    encrypted_content: str = Field(min_length=1, max_length=MAX_INPUT_CHARS)


class CompactionTriggerIn(Incoming):
    """As the last item of a create: compact everything before it, and answer nothing."""

    type: Literal["compaction_trigger"]


class ReferenceIn(Incoming):
    """An item that is stored already; its type may be missing."""

    type: Literal["item_reference"] = "item_reference"
    id: str = Field(pattern=ID_PATTERN)


_KNOWN_ITEMS = frozenset(
    {"message", "function_call", "function_call_output", "reasoning", "item_reference"}
    | {"compaction", "compaction_trigger"}
)


def _item_tag(raw: object) -> str | None:
    given = as_object(raw)
    if given is None:
        return None
    named = given.get("type")
    if named is None:
        return "message" if "role" in given else "item_reference"
    return named if isinstance(named, str) and named in _KNOWN_ITEMS else None


ItemIn = Annotated[
    Annotated[MessageIn, Tag("message")]
    | Annotated[CallIn, Tag("function_call")]
    | Annotated[CallOutputIn, Tag("function_call_output")]
    | Annotated[ReasoningIn, Tag("reasoning")]
    | Annotated[CompactionIn, Tag("compaction")]
    | Annotated[CompactionTriggerIn, Tag("compaction_trigger")]
    | Annotated[ReferenceIn, Tag("item_reference")],
    Discriminator(
        _item_tag,
        custom_error_type="unknown_item",
        custom_error_message="is no item this server knows; use message, function_call, function_call_output, "
        "reasoning, compaction, item_reference or, as the last one, compaction_trigger",
    ),
]


class FunctionToolIn(Incoming):
    """A function that the model may call."""

    type: Literal["function"]
    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class NamedChoiceIn(Incoming):
    """Exactly this tool."""

    type: Literal["function"]
    name: str


class AllowedToolsIn(Incoming):
    """Only these tools may be called: a limit that the server enforces."""

    type: Literal["allowed_tools"]
    mode: Literal["auto", "none", "required"] = "auto"
    tools: Many[NamedChoiceIn] = Field(max_length=128)


class TextFormatIn(Incoming):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"] = "text"
    name: str = "answer"
    description: str | None = None
    schema_: dict[str, Any] | None = Field(default=None, alias="schema")
    strict: bool = True


class TextConfigIn(Incoming):
    """`text` of a create."""

    format: TextFormatIn = TextFormatIn()
    verbosity: Literal["low", "medium", "high"] | None = None


class ReasoningConfigIn(Incoming):
    """`reasoning` of a create."""

    effort: Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None


class CompactionRuleIn(Incoming):
    """When to compact within a create: from so many tokens of rendered prompt on."""

    type: Literal["compaction"]
    compact_threshold: int | None = Field(default=None, ge=1000)


def _conversation_id(raw: object) -> object:
    given = as_object(raw)
    return raw if given is None else given.get("id")


ConversationId = Annotated[str, BeforeValidator(_conversation_id), Field(pattern=ID_PATTERN)]


class EventOptionsIn(Incoming):
    """`stream_options` of a create over HTTP."""

    include_obfuscation: bool = False


class CreateRequest(Incoming):
    """One create, over any transport; `model_fields_set` tells what the client really sent."""

    model: str | None = Field(default=None, max_length=256)
    input: Text | Many[ItemIn] = Field(default=())
    instructions: Text | None = None
    previous_response_id: str | None = Field(default=None, pattern=ID_PATTERN)
    conversation: ConversationId | None = None
    store: bool = True
    stream: bool = False
    stream_options: EventOptionsIn = EventOptionsIn()
    include: Many[str] = ()
    background: bool = False
    tools: Many[FunctionToolIn] = Field(default=(), max_length=128)
    tool_choice: Literal["auto", "none", "required"] | NamedChoiceIn | AllowedToolsIn = "auto"
    parallel_tool_calls: bool = True
    max_tool_calls: int | None = Field(default=None, ge=1)
    text: TextConfigIn = TextConfigIn()
    reasoning: ReasoningConfigIn | None = None
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    max_output_tokens: int | None = Field(default=None, ge=16)
    truncation: Literal["auto", "disabled"] = "disabled"
    metadata: Metadata = Field(default_factory=dict)
    service_tier: str | None = Field(default=None, max_length=64)
    safety_identifier: str | None = Field(default=None, max_length=64)
    prompt_cache_key: str | None = Field(default=None, max_length=64)
    context_management: Many[CompactionRuleIn] = Field(default=(), max_length=1)
    generate: bool = True
    stream_id: str | None = Field(default=None, pattern=STREAM_ID_PATTERN)
    parent: str | None = Field(default=None, alias="maru:parent", pattern=ID_PATTERN)
    detach: bool | Literal["until_closed"] = Field(default=False, alias="maru:detach")
    custom_instructions: bool = Field(default=False, alias="maru:custom_instructions")

    @property
    def wants_logprobs(self) -> bool:
        """Whether the chances of the answer's tokens are to come with it."""
        return LOGPROBS in self.include or bool(self.top_logprobs)

    @model_validator(mode="before")
    @classmethod
    def _keep_null_parent(cls, raw: object) -> object:
        # `"maru:parent": null` means "a new root", which is not the same as leaving it out.
        given = as_object(raw)
        if given is None or given.get("maru:parent", "") is not None:
            return raw
        return {**given, "maru:parent": ROOT_PARENT}

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_dropped(cls, raw: object) -> object:
        refuse_unhonoured(as_object(raw) or {}, OF_CREATE)
        return raw


ROOT_PARENT = "root"
LOGPROBS = "message.output_text.logprobs"


MOST_EVENTS = 2**53  # a number that is larger is not the same in every JSON parser, nor in every database


M = TypeVar("M", bound=BaseModel)


def parse(model: type[M], raw: object) -> M:
    """Validate a request body.

    Raises:
        ApiError: 400 naming the first field that is wrong, with its path as `param`.
    """
    if not isinstance(raw, dict):
        raise ApiError(400, "The body must be a JSON object.", code="invalid_type")
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise _api_error(error) from error


_UNION_NOISE = (
    _KNOWN_ITEMS
    | {"str", "constrained-str", "function", "tuple"}
    | {"input_image", "input_file", "refusal", "allowed_tools"}
)


def _api_error(error: ValidationError) -> ApiError:
    problems = error.errors(include_url=False, include_context=False)
    # Of a union, the branch that got furthest is what the client meant.
    worst = max(problems, key=lambda problem: len(problem["loc"]))
    path = _path(worst["loc"])
    if worst["type"] == "missing":
        return ApiError(400, f"Missing required parameter: {path!r}.", code="missing_required_parameter", param=path)
    code = "invalid_type" if worst["type"].endswith("_type") else "invalid_value"
    return ApiError(
        400, f"Invalid value for {path!r}: {shown(worst.get('input'))}. {worst['msg']}.", code=code, param=path
    )


def _path(loc: tuple[int | str, ...]) -> str:
    path = ""
    for step in loc:
        if isinstance(step, int):
            path += f"[{step}]"
        elif not (path and (step in _UNION_NOISE or "[" in step or step.endswith("_text"))):
            path += f".{step}" if path else step
    return path
