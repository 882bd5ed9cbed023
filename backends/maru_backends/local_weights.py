"""Weights, tokenizer and advice of a model, from a folder or a hub, checked so that what is wrong is said at once.

The only file of the in-process engine that looks at files and configurations.
"""

import logging
import os
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import transformers

from maru_backends.errors import BackendSetupError
from maru_backends.format_choice import ModelSigns, format_for
from maru_backends.local_formats import Formats
from maru_backends.local_pictures import PictureReader
from maru_backends.local_precision import Precision, lacking
from maru_backends.local_render import Renderer
from maru_backends.local_sampling import SamplingDefaults
from maru_backends.prompt_formats import FormatName, PromptFormat

logger = logging.getLogger(__name__)

HOUSE = "house"
# More threads than this only wait for each other in the small matrices of a small model.
SMALL_MODEL_PARAMETERS = 100_000_000
SMALL_MODEL_THREADS = 2
_SEE_LOG = "the server's log says why."

# How transformers names a library that it misses.
_NEEDED = re.compile(r"requires the (\S+) library")
# transformers builds a model on a device of no memory, and sets that for all threads: two at once spoil each other.
_LOADING = threading.Lock()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model ready to compute.

    Attributes:
        model: a transformers model for causal language modelling, in eval mode on its device.
        pictures: reads pictures; None: it sees none.
        window: tokens of prompt and answer together.
        stop_tokens: ids that end an answer.
        format: of the prompts, where it is not the model's own chat template.
        formats: holds answers to a format; None: with this tokenizer it cannot.
    """

    model: Any
    pictures: PictureReader | None
    renderer: Renderer
    defaults: SamplingDefaults
    stop_tokens: frozenset[int]
    window: int
    format: PromptFormat | None
    formats: Formats | None


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """What the operator chose; see `TransformersSettings`."""

    source: str
    precision: Precision
    context_window: int | None
    template: FormatName | None
    trust_remote_code: bool
    allow_pickle: bool


def load(options: LoadOptions) -> Loaded:
    """Load everything; takes seconds to minutes, so call it off the event loop.

    Raises:
        BackendSetupError: one sentence naming what is wrong and the remedy.
    """
    place, is_local = _place(options.source)
    device = options.precision.place()
    library: Any = transformers  # its types have holes
    # The server's terminal is for the operator: progress bars and hints about config files do not belong there.
    library.logging.disable_progress_bar()
    library.logging.set_verbosity_error()
    try:
        there = {"local_files_only": is_local, "trust_remote_code": options.trust_remote_code}
        config: Any = library.AutoConfig.from_pretrained(place, **there)
        sees = getattr(config, "vision_config", None) is not None
        processor = _processor(options.source, place, there) if sees else None
        tokenizer: Any = library.AutoTokenizer.from_pretrained(place, **there)
        asked = {
            **there,
            **options.precision.asked(config, device),
            "use_safetensors": None if options.allow_pickle else True,
        }
        with _LOADING:
            if processor is not None:
                model: Any = library.AutoModelForImageTextToText.from_pretrained(place, **asked)
            else:
                model = _model_of_text(place, asked, sees=sees)
    except BackendSetupError:
        raise  # it says what to do
    except Exception as error:  # the library's outer edge: it raises whatever the file made it stumble over
        raise BackendSetupError(
            f"The model that the setting source names could not be loaded: {lacking(error) or _SEE_LOG}",
            private=f"source = {options.source!r}: {_first_line(error)}",
        ) from error
    _check_tokenizer(options.source, tokenizer)
    prompt_format = _prompt_format(options, tokenizer, model.config)
    model = options.precision.settled(options.source, model, device).eval()
    stop_tokens = _stop_tokens(model.generation_config, tokenizer, prompt_format)
    return Loaded(
        model=model,
        pictures=None if processor is None else PictureReader(processor),
        renderer=Renderer(tokenizer),
        defaults=sampling_defaults(model.generation_config),
        stop_tokens=stop_tokens,
        window=_window(options, model.config),
        format=prompt_format,
        formats=_formats(options.source, tokenizer, model.config, stop_tokens),
    )


def _formats(source: str, tokenizer: Any, config: Any, stop_tokens: frozenset[int]) -> Formats | None:  # noqa: ANN401 - as below
    """What holds answers to a format; None, with a line in the log, where the library does not know the tokenizer."""
    vocabulary = int(config.get_text_config().vocab_size)
    try:
        return Formats(tokenizer.backend_tokenizer, vocabulary=vocabulary, ends=stop_tokens)
    except ValueError as error:
        logger.warning("the model of source %r is served without structured output: %s", source, _first_line(error))
        return None


def _processor(source: str, place: str, there: Mapping[str, object]) -> Any:  # noqa: ANN401 - as below
    """What makes tensors of pictures; None, with a line in the log, where it cannot be had."""
    library: Any = transformers
    try:
        return library.AutoProcessor.from_pretrained(place, **there)
    except Exception as error:  # noqa: BLE001 - the library's outer edge, as below; the words alone can be served
        logger.warning("the model of source %r is served without images: %s", source, _lack(error))
        return None


def _lack(error: Exception) -> str:
    """Why a processor cannot be had: the library that is not installed, or what the error says."""
    needed = _NEEDED.search(str(error)) if isinstance(error, ImportError) else None
    name = needed[1].lower() if needed else getattr(error, "name", None)
    return f"its processor needs the library {name}; install it" if name else _first_line(error)


def _model_of_text(place: str, asked: Mapping[str, object], *, sees: bool) -> Any:  # noqa: ANN401 - as below
    """The model for words alone; where the library knows it only with its eyes, with them."""
    library: Any = transformers
    try:
        return library.AutoModelForCausalLM.from_pretrained(place, **asked)
    except ValueError:  # "Unrecognized configuration class"
        if not sees:
            raise
    return library.AutoModelForImageTextToText.from_pretrained(place, **asked)


def thread_count(model: Any, chosen: int | None) -> int:  # noqa: ANN401 - transformers' models are untyped
    """Threads for the arithmetic: one core is left to the server."""
    if chosen is not None:
        return chosen
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    most = SMALL_MODEL_THREADS if model.num_parameters() < SMALL_MODEL_PARAMETERS else cores
    return max(1, min(cores - 1, most))


def sampling_defaults(advice: Any) -> SamplingDefaults:  # noqa: ANN401 - transformers' configs are untyped
    """A model's `generation_config.json`, read as vLLM reads it; `do_sample: false` is greedy."""
    temperature = 1.0 if advice.temperature is None else float(advice.temperature)
    return SamplingDefaults(
        temperature=0.0 if advice.do_sample is False else temperature,
        top_p=1.0 if advice.top_p is None else float(advice.top_p),
        top_k=int(advice.top_k or 0),
        repetition_penalty=1.0 if advice.repetition_penalty is None else float(advice.repetition_penalty),
    )


def _place(source: str) -> tuple[str, bool]:
    """Where to load from, and whether that is a folder here (then the network is never asked)."""
    if source == HOUSE:
        folder = Path(str(resources.files("maru_backends") / "house_model"))
        if not (folder / "config.json").is_file():
            raise BackendSetupError(
                "This installation has no house model; make one with `maru train house`, or set `source` to a folder."
            )
        return str(folder), True
    folder = Path(source).expanduser()
    if folder.is_dir():
        return str(folder), True
    if source.startswith((".", "~", os.sep)):
        raise BackendSetupError(
            "The folder that the setting source names does not exist; correct the path.", private=f"source = {source!r}"
        )
    return source, False


def _check_tokenizer(source: str, tokenizer: Any) -> None:  # noqa: ANN401 - transformers' tokenizers are untyped
    if not getattr(tokenizer, "is_fast", False):
        raise BackendSetupError(
            "The model that the setting source names has no tokenizer.json; convert its tokenizer first.",
            private=f"source = {source!r}",
        )


def _prompt_format(options: LoadOptions, tokenizer: Any, config: Any) -> PromptFormat | None:  # noqa: ANN401 - as above
    """Give the tokenizer a template where it has none or where the operator chose another."""
    tokens = frozenset(str(token) for token in tokenizer.get_added_vocab())
    signs = ModelSigns(Path(options.source).name, config.model_type, tokens)
    try:
        found = format_for(signs, options.template, has_template=bool(tokenizer.chat_template))
    except ValueError as error:
        message = f"The model that the setting source names cannot be served: {error}."
        raise BackendSetupError(message, private=f"source = {options.source!r}") from error
    if found is None:
        return None
    tokenizer.chat_template = beginning_of(tokenizer, found) + found.template
    return found


def beginning_of(tokenizer: Any, prompt_format: PromptFormat) -> str:  # noqa: ANN401 - transformers' tokenizers are untyped
    """What stands before every prompt: what the tokenizer puts before any text, or the BOS token of the format."""
    with_it: list[int] = tokenizer("a").input_ids
    without: list[int] = tokenizer("a", add_special_tokens=False).input_ids
    before = with_it[: len(with_it) - len(without)] if with_it[len(with_it) - len(without) :] == without else []
    if before:
        return str(tokenizer.decode(before, skip_special_tokens=False))
    return str(tokenizer.bos_token or "") if prompt_format.begins_with_bos else ""


def _stop_tokens(advice: Any, tokenizer: Any, prompt_format: PromptFormat | None) -> frozenset[int]:  # noqa: ANN401 - as above
    advised: int | list[int] | None = advice.eos_token_id
    ids = {advised} if isinstance(advised, int) else set(advised or ())
    if tokenizer.eos_token_id is not None:
        ids.add(int(tokenizer.eos_token_id))
    if prompt_format is not None:
        ids.update(int(tokenizer.convert_tokens_to_ids(token)) for token in prompt_format.ends)
    return frozenset(ids)


def _window(options: LoadOptions, config: Any) -> int:  # noqa: ANN401 - as above
    trained: int | None = getattr(config.get_text_config(), "max_position_embeddings", None)
    if trained is None and options.context_window is None:
        raise BackendSetupError(
            "The model that the setting source names tells no window; set context_window.",
            private=f"source = {options.source!r}",
        )
    return min(window for window in (trained, options.context_window) if window is not None)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
