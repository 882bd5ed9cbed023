"""What is set for one engine in this process is not handed on to the others."""

import os

import pytest

from maru_backends import process_environment
from maru_backends.process_environment import as_started, set_for_engine


def test_other_engines_get_what_stood_there_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """One thread for a tiny model in process must not slow down a large one beside it."""
    monkeypatch.setattr(process_environment, "_before", {})
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    for name in ("VLLM_LOGGING_LEVEL", "MARU_LATER"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    set_for_engine({"OMP_NUM_THREADS": "1", "VLLM_LOGGING_LEVEL": "WARNING"})
    set_for_engine({"OMP_NUM_THREADS": "2"})
    monkeypatch.setenv("MARU_LATER", "yes")
    assert os.environ["OMP_NUM_THREADS"] == "2"
    given = as_started()
    assert given["OMP_NUM_THREADS"] == "7"
    assert "VLLM_LOGGING_LEVEL" not in given
    assert given["MARU_LATER"] == "yes"
