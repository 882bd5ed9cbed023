"""How often each fault happens, and when: `MARU_FAULT_ROUNDS=20 MARU_FAULT_SEED=1 pytest tests/faults`."""

import os
import secrets
from collections.abc import AsyncGenerator, Generator
from random import Random

import pytest

from faults.scene import Scene, Stage, scene, stage
from support.echo_models import counting

ROUNDS = int(os.environ.get("MARU_FAULT_ROUNDS", "1"))
SEED = os.environ.get("MARU_FAULT_SEED") or str(secrets.randbelow(1_000_000))
SETTINGS = """
stall_timeout_s = 3
send_deadline_s = 3
"""
# Engines in the server's own process; their words are those of the paced one for `words=300` and `words=4000`.
ECHOES = counting("steady", 300, pace=50) + counting("flood", 4_000, context_window=1_000_000)


def pytest_report_header() -> str:
    """What it takes to have the same moments again."""
    return f"faults: MARU_FAULT_ROUNDS={ROUNDS} MARU_FAULT_SEED={SEED}"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that leaves something to chance happens once a round."""
    if "chance" in metafunc.fixturenames:
        metafunc.parametrize("round_number", range(ROUNDS), ids=lambda number: f"round {number}")


@pytest.fixture
def chance(request: pytest.FixtureRequest, round_number: int) -> Random:
    """Random moments of one round of one test."""
    print(f"MARU_FAULT_SEED={SEED}, round {round_number}")  # noqa: T201 (pytest shows it where the test fails)
    return Random(f"{SEED} {request.function.__name__} {round_number}")


@pytest.fixture(scope="session")
def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    """The server and the engine of all faults that need no others."""
    with stage(tmp_path_factory.mktemp("stage"), SETTINGS, ECHOES) as shared:
        yield shared


@pytest.fixture
async def here(shared_stage: Stage, chance: Random) -> AsyncGenerator[Scene]:
    """A round on the shared stage."""
    async with scene(shared_stage, chance) as round_:
        yield round_
