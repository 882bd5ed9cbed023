"""Which model `maru models test` opens, and what counts as good."""

from pathlib import Path

import pytest

from maru import model_checks
from maru.model_checks import ChecksError, is_good, not_run
from maru_backends.checks.outcome import Result, failed, not_offered, ok
from maru_backends.checks.run import CHECKS

CONFIG = """
[[models]]
id = "base"
backend = "vllm"
base_url = "http://127.0.0.1:9/v1"

[[models]]
id = "adapted"
backend = "vllm"
adapter_of = "base"
adapter = "versions/1"
"""
ALL = [Result(check.name, ok("Fine."), 0.1) for check in CHECKS]


def test_adapter_is_opened_on_its_base(tmp_path: Path) -> None:
    """It has no engine of its own."""
    file = tmp_path / "maru.toml"
    file.write_text(CONFIG)
    model, host = model_checks._chosen("adapted", file)
    assert (model.id, host and host.id) == ("adapted", "base")
    assert model_checks._chosen("base", file)[1] is None
    with pytest.raises(ChecksError, match="there are: base, adapted"):
        model_checks._chosen("other", file)


def test_good_is_all_run_and_nothing_failed() -> None:
    """What is not offered is no fault; what was not run is none shown to be right."""
    assert is_good(ALL)
    assert is_good([*ALL[:-1], Result(ALL[-1].name, not_offered("No."), 0.1)])
    assert not is_good([*ALL[:-1], Result(ALL[-1].name, failed("Broken."), 0.1)])
    assert not is_good(ALL[:-1])
    assert not_run(ALL[:-2]) == [check.name for check in CHECKS[-2:]]
