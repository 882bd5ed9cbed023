"""The contract on vLLM in process, in the environment that has vLLM."""

import os
import subprocess
import sysconfig
from importlib.util import find_spec
from pathlib import Path

import pytest

from maru_backends.vllm_launch import engine_python
from support.vllm_server import require_vllm

ROOT = Path(__file__).parents[2]
RUNNER = Path(__file__).with_name("in_engine_environment.py")
# One engine for all tests, so one event loop; and what libraries of that environment warn of is not for us to mend.
OPTIONS = (
    *("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-W", "ignore"),
    *("-o", "asyncio_default_test_loop_scope=session", "-o", "asyncio_default_fixture_loop_scope=session"),
    *("-k", "vllm-in-process or in_process_death"),
)
FILES = ("test_backend.py", "test_checks.py", "in_process_death.py")


@pytest.mark.skipif(find_spec("vllm") is not None, reason="runs in this environment already")
@pytest.mark.timeout(900)
def test_contract_holds_in_process() -> None:
    """Every promise, the checks, and what happens when the engine's process dies."""
    require_vllm()
    ours = os.pathsep.join(str(ROOT / folder) for folder in ("server", "backends", "training", "tests"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "COVERAGE_"))}
    done = subprocess.run(
        [
            *(str(engine_python(None)), str(RUNNER), sysconfig.get_path("purelib")),
            *(*OPTIONS, *(str(Path(__file__).with_name(name)) for name in FILES)),
        ],
        cwd=ROOT,
        env={**kept, "PYTHONPATH": ours, "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-4000:]
    assert " passed" in done.stdout
