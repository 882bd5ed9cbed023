"""vLLM in the server's own process (`AsyncLLM`): no HTTP between Maru and the engine, and one environment for both.

The model still computes in a process of its own, which vLLM starts; when that dies it is started again here. Prompts
are rendered and tokenised by `local_render.py`, as for weights in process. `vllm_outputs.py` reads what comes back.
"""

import asyncio
import logging
import multiprocessing
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from maru_backends import engine_rope
from maru_backends.answer_room import room_for_answer
from maru_backends.base import (
    Backend,
    BackendEvent,
    BackendPlugin,
    BackendSettings,
    ChatRequest,
    Feature,
    Health,
    ImagePart,
    Limits,
)
from maru_backends.errors import (
    BackendBusyError,
    BackendError,
    BackendSetupError,
    BackendStreamBrokenError,
    BackendUnavailableError,
    RequestRefusedError,
)
from maru_backends.openai_errors import washed
from maru_backends.process_environment import set_for_engine
from maru_backends.schema_bounds import check_schemas
from maru_backends.schema_thread import SchemaThread
from maru_backends.template_hash import template_hash
from maru_backends.think_tags import ThinkTagReader
from maru_backends.thread_opening import opened_in_thread
from maru_backends.vllm_launch import ArgValue, cpu_recipe, has_gpu, resolved_source
from maru_backends.vllm_outputs import PieceReader
from maru_backends.vllm_params import sampling_out, shape_of, verified_params

if TYPE_CHECKING:
    from maru_backends.local_render import Renderer

logger = logging.getLogger(__name__)

FEATURES: frozenset[Feature] = frozenset({"json", "logprobs", "raw"})
RESTART_PAUSES_S = (0.0, 1.0, 2.0, 4.0, 8.0)
CLOSED = "The backend was closed."


class InProcessSettings(BackendSettings):
    """Keys of a `[[models]]` table with `backend = "vllm-in-process"`."""

    source: str = Field(default="house", min_length=1, description='"house", a folder, or a name on the hub')
    context_window: int | None = Field(
        default=None, ge=16, description="tokens; by default what the model was made for"
    )
    engine_args: dict[str, ArgValue] = Field(
        default_factory=dict, description="fields of vLLM's AsyncEngineArgs, with - or _ in their names"
    )
    env: dict[str, str] = Field(
        default_factory=dict, repr=False, description="set for this process before vLLM is imported"
    )


# --------------------------------------------------------------------------------------------------- request out


def check_features(request: ChatRequest) -> None:
    """Refuse what this way of running vLLM cannot do.

    Raises:
        RequestRefusedError: the request holds images, tools, a wish how long to think, or too large a schema.
    """
    if any(isinstance(part, ImagePart) for message in request.messages for part in message.parts):
        raise RequestRefusedError("In process, vLLM is given text only.", param="messages")
    if request.tools and request.tool_choice != "none":
        raise RequestRefusedError("In process, vLLM calls no tools.", param="tools")
    if request.reasoning_effort is not None:
        raise RequestRefusedError("How long this engine thinks cannot be set.", param="reasoning_effort")
    check_schemas(request)


def engine_fields(settings: InProcessSettings, place: str, *, is_cpu: bool) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields of `AsyncEngineArgs`, and the environment that vLLM is to find."""
    folder = Path(place) if Path(place).is_dir() else None
    base, env = cpu_recipe(folder) if is_cpu else ({}, {})
    args: dict[str, Any] = {**base, **settings.engine_args}
    if settings.context_window is not None:
        args["max-model-len"] = settings.context_window
    fields = {name.removeprefix("--").replace("-", "_"): value for name, value in args.items()}
    quiet = {
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "1",
        "VLLM_LOGGING_LEVEL": "WARNING",
        "VLLM_LOGGING_STREAM": "ext://sys.stderr",  # the output of a command is for its reader
    }
    return {"disable_log_stats": True, **fields, "model": place}, {**quiet, **env, **settings.env}


# Event in: vllm_outputs.py.
# --------------------------------------------------------------------------------------------- error translation


def error_of(error: Exception) -> BackendError:
    """What an exception of vLLM means for whoever asked."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & {"QueueOverflowError", "MaxQueuedTokensError"}:
        return BackendBusyError("Too many requests wait for the engine.", retry_after_s=1)
    if kinds & {"VLLMClientError", "ValueError"}:
        return RequestRefusedError(f"The engine refused the request: {washed(str(error))}")
    if "EngineDeadError" in kinds:
        return BackendUnavailableError("The engine died on this request; it is started again.")
    return BackendUnavailableError("The engine failed on this request.")


# --------------------------------------------------------------------------------------------------------- class


class InProcessBackend:
    """Answers from an `AsyncLLM` of this process."""

    def __init__(self, vllm: "Vllm") -> None:
        """`vllm` has started."""
        self._vllm = vllm
        self._schemas = SchemaThread("maru-schemas")
        self._limits: Limits | None = None
        self._restart: asyncio.Task[None] | None = None
        self._failure = ""
        self._running = 0

    async def stream(self, request: ChatRequest) -> AsyncGenerator[BackendEvent, None]:
        """See `Backend.stream`."""
        vllm = self._vllm
        prompt = await self._prompt(request)
        reader = PieceReader(
            len(prompt),
            None if request.raw is not None else ThinkTagReader(is_opened=vllm.renderer.is_thinking_after(prompt)),
            vllm.renderer.speller.spell,
            request.top_logprobs or 0,
        )
        fields = sampling_out(request, room_for_answer(len(prompt), request.max_tokens, vllm.window), vllm.defaults)
        self._running += 1
        has_begun = False
        try:
            params = vllm.params(fields, request)
            if request.json_format is not None:
                # vLLM does it for every request, and on the event loop.
                await self._schemas.run(partial(vllm.verify, params), param="json_format")
            async with aclosing(vllm.generate(prompt, params, request.session_id)) as outputs:
                async for output in outputs:
                    for event in reader.read(output.outputs[0], output.num_cached_tokens):
                        has_begun = True
                        yield event
                    if reader.is_over:
                        return
        except BackendError:
            raise
        except Exception as error:  # the library's outer edge: it does not say what it raises
            raise self._translated(error, has_begun=has_begun) from error
        finally:
            self._running -= 1
        raise BackendStreamBrokenError("The engine's answer broke off.")

    async def count_tokens(self, request: ChatRequest) -> int:
        """See `Backend.count_tokens`."""
        return len(await self._prompt(request))

    async def limits(self) -> Limits:
        """See `Backend.limits`."""
        if self._limits is None:
            template = await template_hash(self._prompt)
            self._limits = Limits(self._vllm.window, features=FEATURES, template=template)
        return self._limits

    async def health(self) -> Health:
        """See `Backend.health`."""
        if self._vllm.is_dead:
            self._begin_restart()
        return Health(is_ready=not self._failure, detail=self._failure, running_requests=self._running)

    async def close(self) -> None:
        """See `Backend.close`."""
        self._failure = CLOSED
        if self._restart is not None:
            self._restart.cancel()
            await asyncio.wait([self._restart])
        self._schemas.close()
        await asyncio.to_thread(self._vllm.close)

    async def _prompt(self, request: ChatRequest) -> tuple[int, ...]:
        check_features(request)
        if self._failure:
            raise BackendUnavailableError(self._failure)
        renderer = self._vllm.renderer
        if request.raw is not None:
            return await asyncio.to_thread(renderer.continuation, request.raw)
        return await asyncio.to_thread(renderer.prompt, request.messages)

    def _translated(self, error: Exception, *, has_begun: bool) -> BackendError:
        if self._failure == CLOSED:
            return BackendUnavailableError(CLOSED)
        if self._vllm.is_dead:
            self._begin_restart()
            if has_begun:
                return BackendStreamBrokenError("The engine died in the middle of this answer; it is started again.")
        return error_of(error)

    def _begin_restart(self) -> None:
        if self._failure or (self._restart is not None and not self._restart.done()):
            return
        self._failure = "vLLM died and is being started again."
        logger.error("vLLM's engine died; it is started again")
        self._restart = asyncio.create_task(self._start_again(), name="start vLLM again")

    async def _start_again(self) -> None:
        for pause_s in RESTART_PAUSES_S:
            await asyncio.sleep(pause_s)
            try:
                await asyncio.to_thread(self._vllm.start)
            except Exception:  # the library's outer edge: of its end too, which may break as an engine that died goes
                logger.exception("vLLM could not be started again")
            else:
                self._failure = ""
                return
        self._failure = f"vLLM died, and did not start again in {len(RESTART_PAUSES_S)} tries."


class Vllm:
    """The engine itself and what is known of its model; `start` and `close` take long: call them off the event loop."""

    def __init__(self, fields: Mapping[str, Any], library: Any) -> None:  # noqa: ANN401 - another environment's library
        """`library` is the module vllm; nothing is started yet."""
        self._fields = fields
        self._library = library
        self._engine: Any = None
        self._rope: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()
        self._is_closed = False
        self.renderer: Renderer
        self.defaults: dict[str, object] = {}
        self.window = 0

    @property
    def is_dead(self) -> bool:
        """Whether the process that computes is gone."""
        return self._engine is not None and bool(self._engine.errored)

    def start(self) -> None:
        """Start the engine, in the place of one that died.

        Raises:
            BackendSetupError: the model cannot be served.
        """
        with self._changing:
            if self._is_closed:
                raise BackendSetupError(CLOSED)
            self._stop()
            self._start()

    def _start(self) -> None:
        from maru_backends.local_render import Renderer

        try:
            args = self._library.AsyncEngineArgs(**self._fields)
            self._engine = import_module("vllm.v1.engine.async_llm").AsyncLLM.from_engine_args(args)
            self._rope = _tied([child.pid for child in multiprocessing.active_children() if child.pid])
            model: Any = self._engine.model_config
            self.window = int(model.max_model_len)
            self.defaults = {k: v for k, v in model.get_diff_sampling_param().items() if k != "max_tokens"}
            tokenizer: Any = self._engine.get_tokenizer()
            has_template = getattr(tokenizer, "chat_template", None) is not None
            self.renderer = Renderer(tokenizer)
        except Exception as error:  # the library's outer edge: it raises whatever the model made it stumble over
            self._stop()
            logger.exception("vLLM cannot serve a model")
            reason = washed(f"{type(error).__name__}: {error}".splitlines()[0])
            raise BackendSetupError(f"vLLM cannot serve this model. {reason}") from error
        if not has_template:
            self._stop()
            raise BackendSetupError("The model has no chat template; serve it with backend = transformers.")

    def close(self) -> None:
        """End the engine's process for good; safe to call twice."""
        self._is_closed = True
        with self._changing:
            self._stop()

    def _stop(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            engine.shutdown()
        rope, self._rope = self._rope, None
        if rope is not None:
            rope.kill()  # not cut: another model's engine may hang on it as well
            rope.communicate()

    def params(self, fields: Mapping[str, object], request: ChatRequest) -> Any:  # noqa: ANN401 - as above
        """The `SamplingParams` of vLLM; what holds an answer to a format must still go through `verify`.

        Raises:
            RequestRefusedError: vLLM does not take these values.
        """
        sampling: Any = import_module("vllm.sampling_params")
        shape = {} if request.json_format is None else shape_of(request.json_format)
        try:
            return (verified_params(sampling.SamplingParams) if shape else sampling.SamplingParams)(
                **fields,
                output_kind=sampling.RequestOutputKind.DELTA,
                structured_outputs=sampling.StructuredOutputsParams(**shape) if shape else None,
            )
        except ValueError as error:
            raise error_of(error) from error

    def verify(self, params: Any) -> None:  # noqa: ANN401 - as above
        """Make sure that vLLM takes these values; takes as long as the schema in them likes: not for the event loop.

        Raises:
            ValueError: it does not; with a library's reason.
        """
        config: Any = self._engine.vllm_config
        asked = (config.model_config, config.speculative_config, config.structured_outputs_config)
        import_module("vllm.sampling_params").SamplingParams.verify(params, *asked, self._engine.get_tokenizer())

    def generate(self, prompt: tuple[int, ...], params: Any, session: str | None) -> AsyncGenerator[Any, None]:  # noqa: ANN401
        """The outputs of vLLM; closing stops the request in the engine."""
        tokens = {"type": "token", "prompt_token_ids": list(prompt)}  # vLLM's `TokensInput`: rendered, nothing to do
        outputs: AsyncGenerator[Any, None] = self._engine.generate(
            tokens, params, f"maru-{uuid.uuid4().hex}", session_id=session
        )
        return outputs


async def open_backend(settings: InProcessSettings) -> Backend:
    """Start the engine in a thread and wait until its model is loaded.

    Raises:
        BackendSetupError: vLLM is not in this environment, or cannot serve the model.
    """
    return InProcessBackend(await opened_in_thread(lambda _: _started(settings), Vllm.close, of=settings))


def _started(settings: InProcessSettings) -> Vllm:
    place = resolved_source(settings.source)
    fields, env = engine_fields(settings, place, is_cpu=not has_gpu())
    set_for_engine(env)  # vLLM and its processes read it as they are imported
    try:
        library = import_module("vllm")
    except ImportError as error:
        raise BackendSetupError(
            "vLLM cannot be used in this process; install maru[vllm] into one environment, or use backend = vllm, "
            "which runs it in an environment of its own.",
            private=str(error),
        ) from error
    vllm = Vllm(fields, library)
    vllm.start()
    return vllm


def _tied(pids: Sequence[int]) -> subprocess.Popen[bytes] | None:
    """What ends these processes when ours does: vLLM's core runs on for ever when its parent is killed."""
    if not hasattr(os, "pidfd_open"):
        return None
    words = [sys.executable, "-I", "-S", engine_rope.__file__, *map(str, pids)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)  # noqa: S603 (our own program)


plugin = BackendPlugin(settings_type=InProcessSettings, open=open_backend)
