"""vLLM in process under the contract, in whatever environment has vLLM (`test_in_process_vllm.py` starts it there)."""

from importlib.util import find_spec
from typing import cast

import pytest

from maru_backends.base import Backend
from maru_backends.vllm_in_process import InProcessBackend, InProcessSettings, open_backend
from support.backend_cases import BackendCase
from support.engine_cases import Adapted

_OPEN: list[InProcessBackend] = []


class _Lent(Adapted):
    """The session's engine, which outlives a test and ends with the process."""

    async def close(self) -> None:
        """Leave it to the next one."""


async def _open_in_process(request: pytest.FixtureRequest) -> Backend:
    """An engine takes 15 seconds to start: only tests that close one have their own."""
    if "clos" in request.node.name and "early" not in request.node.name:
        return Adapted(await open_backend(InProcessSettings()))
    if not _OPEN:
        _OPEN.append(cast("InProcessBackend", await open_backend(InProcessSettings())))
    return _Lent(_OPEN[0])


IN_PROCESS = BackendCase(
    "vllm-in-process",
    _open_in_process,
    marks=(pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is in an environment of its own"),),
    repeats_exactly=False,
    pads_json=True,
)
