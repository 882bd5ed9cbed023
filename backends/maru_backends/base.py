"""The seam between Maru and any engine: what is asked, what comes back, what a backend promises.

Knows nothing of HTTP, conversations or storage. One contract suite (`tests/contract/test_backend.py`) runs on every
implementation against a real engine or a real protocol peer.
"""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

Role = Literal["system", "user", "assistant", "tool"]
FinishReason = Literal["stop", "length", "tool_calls", "content_filter"]
ToolChoice = Literal["auto", "none", "required"]
JsonSchema = Mapping[str, object]
Feature = Literal["tools", "images", "json", "logprobs", "effort", "raw"]


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of text, as a person or a model wrote it: never trusted to be free of control tokens."""

    text: str


@dataclass(frozen=True, slots=True)
class ImagePart:
    """An image by `data:` URL (or, where the operator allows it, an http one); `detail` is how closely to look."""

    url: str
    detail: Literal["low", "high", "auto"] = "auto"


Part = TextPart | ImagePart


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that an assistant message made; `arguments` is the JSON text as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message of the rendered window.

    `tool_calls` belongs to assistant messages; `tool_call_id` to tool messages, naming the call they answer.
    """

    role: Role
    parts: tuple[Part, ...]
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """Every text part joined, images left out."""
        return "".join(part.text for part in self.parts if isinstance(part, TextPart))


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may call; `parameters` is a JSON schema."""

    name: str
    description: str | None = None
    parameters: JsonSchema | None = None
    strict: bool | None = None


@dataclass(frozen=True, slots=True)
class NamedTool:
    """The choice of exactly one tool."""

    name: str


@dataclass(frozen=True, slots=True)
class JsonFormat:
    """The answer must be JSON; with a schema, JSON of that shape (constrained decoding)."""

    name: str = "answer"
    schema: JsonSchema | None = None
    strict: bool = True
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn; None leaves the engine's default. Temperature 0 is greedy."""

    temperature: float | None = None
    top_p: float | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request to an engine.

    Attributes:
        messages: the whole window, oldest first; the last one is never an assistant message.
        max_tokens: most tokens to generate; None: as many as fit in the window.
        session_id: the conversation; engines and routers keep equal ids on one prefix cache.
        tools: functions the model may call, after allowed_tools was applied.
        top_logprobs: None: no logprobs; else each token comes with its own and this many of its rivals', 0 to 20.
        reasoning_effort: how much the model should think, in OpenAI's words; None leaves it to the engine.
        raw: a text that the model goes on with, in the place of `messages`, which are empty then: no template, nothing
            trimmed, and control tokens in it are text. Only for backends whose features have `raw`.
    """

    messages: tuple[ChatMessage, ...]
    sampling: Sampling = field(default_factory=Sampling)
    max_tokens: int | None = None
    session_id: str | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | NamedTool = "auto"
    parallel_tool_calls: bool = True
    json_format: JsonFormat | None = None
    top_logprobs: int | None = None
    reasoning_effort: str | None = None
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class RivalToken:
    """A token that could have come, with the words of the wire; see `TokenLogprob`."""

    token: str
    logprob: float
    bytes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TokenLogprob:
    """How likely one token of the answer was, with the words of the wire.

    Attributes:
        token: its text; U+FFFD where it is half a character.
        logprob: natural logarithm of its chance; never below `LEAST_LOGPROB`.
        bytes: its text as UTF-8; those of all tokens joined are the answer's.
        top_logprobs: the likeliest tokens at its place, likeliest first; it may be one of them.
    """

    token: str
    logprob: float
    bytes: tuple[int, ...]
    top_logprobs: tuple[RivalToken, ...] = ()


LEAST_LOGPROB = -9999.0
"""Stands for a chance of nothing, as at OpenAI: JSON has no infinity."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """More of the answer: whole characters, never empty; `logprobs` of the tokens in it, where they were asked for.

    The tokens of one delta may belong to text that was held back before it.
    """

    text: str
    logprobs: tuple[TokenLogprob, ...] = ()


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """More of the model's thinking, kept apart from the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class RefusalDelta:
    """More of the model's refusal, where the engine marks it as one; comes in the place of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """More of one tool call; `index` tells parallel calls apart, `id` and `name` come with its first delta."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of this request, as the engine counted them."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Finished:
    """The engine said why it stopped: the only good end of a stream."""

    reason: FinishReason


BackendEvent = TextDelta | ReasoningDelta | RefusalDelta | ToolCallDelta | Usage | Finished


@dataclass(frozen=True, slots=True)
class Limits:
    """What the running engine can hold.

    Attributes:
        context_window: tokens of prompt and answer together.
        max_output_tokens: most tokens of one answer, if the engine bounds it apart.
        counts_exactly: whether `count_tokens` is the serving tokenizer's count or an estimate.
        features: which request features the engine honours; the others are refused before the engine is asked.
        template: a hash that is the same as long as the chat template is (`template_hash.py`); None: it cannot be told.
    """

    context_window: int
    max_output_tokens: int | None = None
    counts_exactly: bool = True
    features: frozenset[Feature] = frozenset()
    template: str | None = None


@dataclass(frozen=True, slots=True)
class EngineLoad:
    """How much an engine has to do, as it says itself; None where it does not say.

    Attributes:
        running: requests that it works on, of whoever asks it.
        waiting: requests that wait in its queue.
        cache_used: share of its memory for tokens that is in use, 0 to 1.
        prefix_queries: prompt tokens that it looked for in its prefix cache, since it started.
        prefix_hits: those of them that it found there, and did not compute again.
    """

    running: int | None = None
    waiting: int | None = None
    cache_used: float | None = None
    prefix_queries: int | None = None
    prefix_hits: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the engine can answer now; `detail` is one sentence for the operator when it cannot."""

    is_ready: bool
    detail: str = ""
    running_requests: int | None = None
    load: EngineLoad | None = None


class Backend(Protocol):
    """Drives one engine; one instance serves many requests at once, so no per-request state on self."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """Yield zero or more deltas, at most one Usage, then exactly one Finished; closing early cancels.

        Cancelling reaches the engine: within a second it works on this request no more. `Usage` comes before
        `Finished`. The event loop is never blocked for longer than a few milliseconds.

        Raises:
            BackendError: before or between events, see `errors.py`; never after Finished. An engine whose stream
                ends without a finish reason raises `BackendStreamBrokenError`.
        """
        ...

    async def count_tokens(self, request: ChatRequest) -> int:
        """Tokens of the rendered prompt, template and tools included; equals `Usage.input_tokens` where exact.

        Raises:
            BackendError: the engine cannot be asked.
        """
        ...

    async def limits(self) -> Limits:
        """The real window, asked from the engine once it is up and kept.

        Raises:
            BackendError: the engine cannot be asked.
        """
        ...

    async def health(self) -> Health:
        """Ask the engine now; never raises for an engine that is down."""
        ...

    async def close(self) -> None:
        """Stop what this backend started and free what it holds; running streams end with an error."""
        ...


class BackendSettings(BaseModel):
    """Keys of one `[[models]]` table that belong to the backend; a subclass per backend adds its own.

    `id` and `backend` are read by the server. Unknown keys are errors.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def is_hosted(self) -> bool:
        """Whether the engine is a provider's, which counts calls: its health is then asked for more seldom."""
        return False

    @property
    def rides_on(self) -> str | None:
        """The id of the model whose engine serves this one too, as an adapter's; None: it has an engine of its own."""
        return None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a backend may use while it is opened.

    Attributes:
        tell: takes one sentence for people each time that it is further.
        host: the backend of the model that `rides_on` names, which is open; it is not ours to close.
    """

    tell: Callable[[str], None]
    host: Backend | None = None


S = TypeVar("S", bound=BackendSettings)


@dataclass(frozen=True, slots=True)
class BackendPlugin(Generic[S]):
    """What an entry point of group `maru.backends` names.

    Importing the module that holds it must be cheap: engine libraries are imported inside `open`.

    Attributes:
        settings_type: the keys this backend understands.
        open: makes a backend; slow work (loading weights, starting an engine) is awaited here, off the event loop.
        open_telling: does the same and says how far it is, or rides on another model's engine; None: it cannot.
    """

    settings_type: type[S]
    open: Callable[[S], Awaitable[Backend]]
    open_telling: Callable[[S, Opening], Awaitable[Backend]] | None = None

    async def opened(self, settings: S, opening: Opening) -> Backend:
        """Make a backend in the way that this kind can."""
        if self.open_telling is not None:
            return await self.open_telling(settings, opening)
        return await self.open(settings)
