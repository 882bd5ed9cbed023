"""What a chat completion of OpenAI's API may ask for. Pure; `chat_create.py` says which create it stands for.

Parsed as laxly as `requests.py`, but a parameter that would change the answer and cannot be honoured is refused by its
name: programs send it because they count on it.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from maru.protocol.errors import invalid
from maru.protocol.image_urls import ImageUrl
from maru.protocol.incoming import ID_PATTERN, MAX_INPUT_CHARS, Incoming, Many
from maru.protocol.parts import MAX_FILE_CHARS, MAX_NAME_CHARS
from maru.protocol.requests import Effort, Metadata, parse
from maru.protocol.unhonoured import OF_ENGINES, refuse_unhonoured

MAX_STOPS = 64
SEED_BOUND = 2**63

# Of OpenAI's own parameters those that nothing here can honour, with the values that change nothing. What is in no list
# has no effect on the answer and is dropped.
HARMLESS: Mapping[str, tuple[object, ...]] = {
    **OF_ENGINES,
    "n": (1,),
    "modalities": (["text"],),
    "audio": (),
    "functions": ([],),
    "function_call": (),
    "web_search_options": (),
    "verbosity": ("medium",),
}

CallId = Annotated[str, Field(min_length=1, max_length=64)]
FunctionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


def _spelt_out(raw: object, key: str) -> object:
    return {key: raw} if isinstance(raw, str) else raw


class ImageUrlIn(Incoming):
    """An image as a `data:` URL, or by its address."""

    url: ImageUrl
    detail: Literal["low", "high", "auto"] = "auto"


class ChatFileIn(Incoming):
    """A file that was uploaded, or its content as a `data:` URL or in Base64."""

    file_id: str | None = Field(default=None, pattern=ID_PATTERN)
    file_data: str | None = Field(default=None, max_length=MAX_FILE_CHARS)
    filename: str | None = Field(default=None, max_length=MAX_NAME_CHARS)


class ChatPartIn(Incoming):
    """A part of a message; one model for all sorts, so that an error's path has no word that nobody sent."""

    type: Literal["text", "image_url", "file", "refusal"]
    text: str | None = Field(default=None, max_length=MAX_INPUT_CHARS)
    image_url: Annotated[ImageUrlIn, BeforeValidator(lambda raw: _spelt_out(raw, "url"))] | None = None
    file: ChatFileIn | None = None
    refusal: str | None = Field(default=None, max_length=MAX_INPUT_CHARS)


def _parts_of_text(raw: object) -> object:
    return ({"type": "text", "text": raw},) if isinstance(raw, str) else raw


class CalledFunctionIn(Incoming):
    """Which function was called with what; `arguments` is JSON text."""

    name: FunctionName
    arguments: str


class ChatCallIn(Incoming):
    """A call that the model made earlier."""

    id: CallId
    type: Literal["function"] = "function"
    function: CalledFunctionIn


class ChatMessageIn(Incoming):
    """One message; `name` is dropped, because chat templates have no place for it."""

    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: Annotated[Many[ChatPartIn] | None, BeforeValidator(_parts_of_text)] = None
    refusal: str | None = Field(default=None, max_length=MAX_INPUT_CHARS)
    tool_calls: Many[ChatCallIn] = ()
    tool_call_id: CallId | None = None


class ChatFunctionIn(Incoming):
    """A function as the model is shown it."""

    name: FunctionName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class ChatToolIn(Incoming):
    """A tool; only functions are known here."""

    type: Literal["function"]
    function: ChatFunctionIn


class ChosenFunctionIn(Incoming):
    """The function that must be called."""

    name: FunctionName


class ChatToolChoiceIn(Incoming):
    """`tool_choice`; a plain word is read as its `type`."""

    type: Literal["none", "auto", "required", "function"]
    function: ChosenFunctionIn | None = None


class JsonSchemaIn(Incoming):
    """The shape of a JSON answer; like OpenAI's, held to the letter only where `strict` asks for it."""

    name: str = "answer"
    description: str | None = None
    schema_: dict[str, Any] = Field(alias="schema")
    strict: bool = False


class ResponseFormatIn(Incoming):
    """The form of the answer."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchemaIn | None = None


class StreamOptionsIn(Incoming):
    """What a stream carries beside the answer."""

    include_usage: bool = False


class ChatCompletionRequest(Incoming):
    """One chat completion as it was asked for."""

    model: str | None = Field(default=None, max_length=256)
    messages: Many[ChatMessageIn] = Field(min_length=1)
    stream: bool = False
    stream_options: StreamOptionsIn = StreamOptionsIn()
    tools: Many[ChatToolIn] = Field(default=(), max_length=128)
    tool_choice: Annotated[ChatToolChoiceIn | None, BeforeValidator(lambda raw: _spelt_out(raw, "type"))] = None
    parallel_tool_calls: bool = True
    response_format: ResponseFormatIn = ResponseFormatIn(type="text")
    temperature: float | None = Field(default=None, ge=0, le=2)
    top_p: float | None = Field(default=None, ge=0, le=1)
    presence_penalty: float | None = Field(default=None, ge=-2, le=2)
    frequency_penalty: float | None = Field(default=None, ge=-2, le=2)
    seed: int | None = Field(default=None, ge=-SEED_BOUND, lt=SEED_BOUND)
    stop: Annotated[
        Many[Annotated[str, Field(min_length=1)]],
        BeforeValidator(lambda raw: (raw,) if isinstance(raw, str) else raw),
    ] = Field(default=(), max_length=MAX_STOPS)
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    logprobs: bool = False
    top_logprobs: int | None = Field(default=None, ge=0, le=20)
    reasoning_effort: Effort | None = None
    metadata: Metadata = Field(default_factory=dict)
    prompt_cache_key: str | None = Field(default=None, max_length=64)


def parse_chat(raw: object) -> ChatCompletionRequest:
    """Validate a body.

    Raises:
        ApiError: 400 naming the first field that is wrong, or that would change the answer and cannot be honoured.
    """
    chat = parse(ChatCompletionRequest, raw)
    refuse_unhonoured(cast("dict[str, object]", raw), HARMLESS)
    if chat.top_logprobs and not chat.logprobs:
        raise invalid("'top_logprobs' needs 'logprobs': true.", "top_logprobs")
    return chat
