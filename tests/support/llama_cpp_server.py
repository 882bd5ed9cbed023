"""The server of llama.cpp itself, which the Python binding brings along, in a process of its own.

Run as a program with a GGUF file it prints its address and serves until its input ends.
"""

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

SLOTS = 8
WINDOW = 512


@pytest.fixture(scope="session")
def llama_cpp_server(tiny_gguf: Path) -> Iterator[str]:
    """Its address, with the tiny model."""
    command = [sys.executable, __file__, str(tiny_gguf)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), "it did not start"
        yield address
        process.kill()


def serve(file: str) -> None:
    """Until the input ends."""
    xllamacpp: Any = importlib.import_module("xllamacpp")  # an extra, without types
    params = xllamacpp.CommonParams()
    params.model.path = file
    params.n_parallel = SLOTS
    params.n_ctx = SLOTS * WINDOW
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.verbosity = -1
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1])
