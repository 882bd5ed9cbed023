"""The page of figures, as Prometheus reads it."""

from maru.api.metrics import page_of
from maru.engines import EngineReport
from maru_backends.base import EngineLoad

LOAD = EngineLoad(running=2, waiting=3, cache_used=0.25, prefix_queries=12_345_678, prefix_hits=1_234_567)


def _report(model: str, engine: str | None = None, load: EngineLoad | None = None) -> EngineReport:
    return EngineReport(model, "vllm", engine, "ready", "", 1, load)


def test_figures_stand_under_their_engines() -> None:
    """Exactly: a counter that was rounded would stand still."""
    page = page_of(4, [_report("llama", "http://gpu1/v1", LOAD), _report("house")])
    lines = page.splitlines()
    assert "maru_answers 4" in lines
    labels = 'model="llama",engine="http://gpu1/v1"'
    assert f"maru_engine_requests_waiting{{{labels}}} 3" in lines
    assert f"maru_engine_cache_used_ratio{{{labels}}} 0.25" in lines
    assert f"maru_engine_prefix_queries_total{{{labels}}} 12345678" in lines
    assert f"maru_engine_prefix_hits_total{{{labels}}} 1234567" in lines
    assert 'maru_engine_state{model="house",engine="",state="ready"} 1' in lines
    assert not any(line.startswith("maru_engine_requests_running") and "house" in line for line in lines)


def test_each_name_is_explained_once_and_before_its_figures() -> None:
    """Else the page is refused."""
    lines = page_of(0, [_report("a", load=LOAD), _report("b", load=LOAD)]).splitlines()
    names = [line.split()[2] for line in lines if line.startswith("# HELP ")]
    assert len(set(names)) == len(names) == 8
    assert "maru_engine_requests_running" not in "\n".join(page_of(0, [_report("a")]).splitlines())


def test_what_a_name_may_hold_breaks_no_line() -> None:
    """Ids of models are words without spaces, and no more is known of them."""
    page = page_of(0, [_report('a"b\\c')])
    assert 'maru_engine_answers{model="a\\"b\\\\c",engine=""} 1' in page.splitlines()
