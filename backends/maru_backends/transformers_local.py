"""Hugging Face weights in the server's own process: on a CPU or one GPU, many answers at once.

The heavy libraries are imported when a model is opened. See `local_weights.py` for loading, `local_render.py` for
prompts, `local_engine.py` for the order of work, `local_model.py` for the arithmetic, `local_formats.py` for what
answers are held to and `call_reader.py` for tool calls.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from maru_backends.answer_grammar import grammar_of, offered
from maru_backends.answer_room import room_for_answer
from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    BackendSettings,
    ChatRequest,
    Feature,
    Finished,
    Health,
    ImagePart,
    Limits,
    Opening,
)
from maru_backends.call_formats import CallFormat
from maru_backends.call_reader import reader_of
from maru_backends.errors import (
    BackendSetupError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.prompt_formats import FormatName
from maru_backends.template_hash import template_hash
from maru_backends.text_stream import AnswerText
from maru_backends.think_tags import ThinkTagReader
from maru_backends.thread_opening import opened_in_thread

if TYPE_CHECKING:
    from maru_backends.local_engine import Job, LocalEngine
    from maru_backends.local_formats import Constraint
    from maru_backends.local_pictures import Seen
    from maru_backends.local_weights import Loaded

MIB = 2**20


class TransformersSettings(BackendSettings):
    """Keys of a `[[models]]` table with `backend = "transformers"`."""

    source: str = Field(
        default="house", min_length=1, description='"house", a folder, or a name on the Hugging Face hub'
    )
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    quantize: Literal["4bit", "8bit"] | None = Field(
        default=None, description="load weights with fewer bits, in an eighth or a quarter of float32's memory"
    )
    device: str = Field(default="auto", description='"auto", "cpu", "cuda", "cuda:1", "mps"')
    context_window: int | None = Field(default=None, ge=16, description="fewer tokens than the model was trained for")
    template: FormatName | None = Field(
        default=None, description="prompt format; by default the model's own, else by its family"
    )
    threads: int | None = Field(
        default=None, ge=1, description="of arithmetic on a CPU; by default one core stays free"
    )
    max_batch: int = Field(default=32, ge=1, le=1024, description="answers computed at once; others wait")
    kv_cache_mib: int = Field(default=1024, ge=1, description="memory for running answers")
    prefix_cache_mib: int = Field(default=256, ge=0, description="memory for resting conversations; 0 turns it off")
    prefill_chunk: int = Field(default=256, ge=1, description="prompt tokens between two steps of running answers")
    trust_remote_code: bool = Field(default=False, description="run Python code that comes with the weights")
    allow_pickle: bool = Field(default=False, description="load weights that are not safetensors, which may run code")


# --------------------------------------------------------------------------------------------------- request out


def check_features(request: ChatRequest) -> None:
    """Refuse what this engine cannot do.

    Raises:
        RequestRefusedError: the request holds a wish how long to think.
    """
    if request.reasoning_effort is not None:
        raise RequestRefusedError("How long this engine thinks cannot be set.", param="reasoning_effort")


# --------------------------------------------------------------------------------------------------------- class


class TransformersBackend:
    """Answers from a model in this process."""

    def __init__(self, loaded: "Loaded", engine: "LocalEngine") -> None:
        """The engine runs the loaded model."""
        self._loaded = loaded
        self._engine = engine
        self._limits: Limits | None = None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        job = await self._job(request)
        self._engine.submit(job)
        try:
            while True:
                event = await job.answer.next_event()
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            self._engine.cancel(job)

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return len((await self._prompt(request)).tokens)

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        if self._limits is None:
            features: set[Feature] = {"logprobs", "raw"}
            if self._loaded.pictures is not None:
                features.add("images")
            if self._loaded.formats is not None:
                features.add("json")
            if self._call_format is not None:
                features.add("tools")
            template = await template_hash(self._tokens)
            self._limits = Limits(self._loaded.window, features=frozenset(features), template=template)
        return self._limits

    async def health(self) -> Health:
        """See `Backend.health`."""
        death = self._engine.death
        return Health(is_ready=not death, detail=death, running_requests=self._engine.running)

    async def close(self) -> None:
        """See `Backend.close`."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """The same, off the event loop."""
        self._engine.close()
        if self._loaded.formats is not None:
            self._loaded.formats.close()

    async def _tokens(self, request: ChatRequest) -> tuple[int, ...]:
        return (await self._prompt(request)).tokens

    async def _prompt(self, request: ChatRequest) -> "Seen":
        check_features(request)
        if self._engine.death:
            raise BackendUnavailableError(self._engine.death)
        return await asyncio.to_thread(self._seen, request)

    def _seen(self, request: ChatRequest) -> "Seen":
        from maru_backends.local_pictures import Seen, pictures_in

        renderer, reader = self._loaded.renderer, self._loaded.pictures
        if request.raw is not None:
            return Seen(renderer.continuation(request.raw), {})
        tools = offered(request)
        if tools and self._call_format is None:
            raise RequestRefusedError("This engine cannot call tools.", param="tools")
        if not any(isinstance(part, ImagePart) for message in request.messages for part in message.parts):
            return Seen(renderer.prompt(request.messages, tools), {})
        if reader is None:
            raise RequestRefusedError("This model reads text only.", param="messages")
        return reader.read(renderer.with_pictures(request.messages, tools), pictures_in(request.messages))

    def _answer_text(self, request: ChatRequest) -> AnswerText:
        renderer, prompt_format = self._loaded.renderer, self._loaded.format
        if request.raw is not None:
            return AnswerText(renderer.decode_behind, request.sampling.stop)
        form = self._call_format if offered(request) else None
        decode = renderer.decode if form is None else renderer.decoding(form.tokens)
        if prompt_format is None:
            return AnswerText(decode, request.sampling.stop)
        stops = (*request.sampling.stop, *prompt_format.stops)
        return AnswerText(decode, stops, is_trimming=prompt_format.trims_answers)

    @property
    def _call_format(self) -> CallFormat | None:
        return None if self._loaded.formats is None else self._loaded.renderer.calls

    async def _constraint(self, request: ChatRequest, *, is_waiting: bool) -> "Constraint | None":
        formats = self._loaded.formats
        if formats is None:
            if request.json_format is not None:
                raise RequestRefusedError("This model cannot hold an answer to a format.", param="json_format")
            return None
        grammar = grammar_of(request, self._call_format, formats.spelt)
        return None if grammar is None else await formats.constraint(grammar, is_waiting=is_waiting)

    async def _job(self, request: ChatRequest) -> "Job":
        from maru_backends.local_engine import Answer, Job
        from maru_backends.local_sampling import Sampler

        seen = await self._prompt(request)
        prompt = seen.tokens
        renderer = self._loaded.renderer
        most_tokens = room_for_answer(len(prompt), request.max_tokens, self._loaded.window)
        reader = None if request.raw is not None else ThinkTagReader(is_opened=renderer.is_thinking_after(prompt))
        constraint = await self._constraint(request, is_waiting=reader is not None and reader.awaits_closing)
        return Job(
            prompt=prompt,
            session_id=None if seen.tensors else request.session_id,
            tensors=seen.tensors,
            most_tokens=most_tokens,
            sampler=Sampler(
                request.sampling,
                self._loaded.defaults,
                prompt,
                top_logprobs=request.top_logprobs,
                restriction=constraint,
            ),
            text=self._answer_text(request),
            answer=Answer(),
            reader=reader,
            calls=reader_of(request, self._call_format),
            constraint=constraint,
            speller=None if request.top_logprobs is None else renderer.speller,
        )


async def open_backend(settings: TransformersSettings) -> Backend:
    """Load the model in a thread and start its engine.

    Raises:
        BackendSetupError: a library is missing, or the weights cannot be served.
    """
    return await open_telling(settings, Opening(lambda _: None))


async def open_telling(settings: TransformersSettings, opening: Opening) -> Backend:
    """The same, and say how far it is."""
    close = TransformersBackend.close_now
    return await opened_in_thread(lambda tell: _open(settings, tell), close, of=settings, tell=opening.tell)


def _open(settings: TransformersSettings, tell: Callable[[str], None]) -> TransformersBackend:
    tell("PyTorch is being loaded.")
    try:
        import torch

        from maru_backends.local_engine import EngineLimits, LocalEngine
        from maru_backends.local_model import LocalModel, UnsupportedModelError
        from maru_backends.local_precision import Precision
        from maru_backends.local_weights import LoadOptions, load, thread_count
    except ImportError as error:
        raise BackendSetupError(
            f"Models in this process need the library {error.name}; install it with `pip install 'maru[local]'`."
        ) from error

    tell("The weights are being loaded.")
    loaded = load(
        LoadOptions(
            source=settings.source,
            precision=Precision(settings.dtype, settings.device, settings.quantize),
            context_window=settings.context_window,
            template=settings.template,
            trust_remote_code=settings.trust_remote_code,
            allow_pickle=settings.allow_pickle,
        )
    )
    threads = thread_count(loaded.model, settings.threads)
    torch.set_num_threads(threads)  # before the check too: spinning threads made it take 3 s instead of 0.1 s
    tell("The model is being tried out.")
    try:
        model = LocalModel(loaded.model, prefix_bytes=settings.prefix_cache_mib * MIB)
        model.check_itself()
    except UnsupportedModelError as error:
        raise BackendSetupError(
            "The model that the setting source names cannot be served in process; serve it with vLLM.",
            private=f"source = {settings.source!r}: {error}",
        ) from error
    limits = EngineLimits(settings.max_batch, settings.kv_cache_mib * MIB, settings.prefill_chunk)
    engine = LocalEngine(model, limits, loaded.stop_tokens, on_start=lambda: torch.set_num_threads(threads))
    return TransformersBackend(loaded, engine)


plugin = BackendPlugin(settings_type=TransformersSettings, open=open_backend, open_telling=open_telling)
