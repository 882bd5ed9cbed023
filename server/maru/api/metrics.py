"""`/metrics` (ours): how busy the server and its engines are, in Prometheus' text format."""

from collections.abc import Iterable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import Response as HttpResponse

from maru.api.caller import Operator
from maru.api.rooms import rooms_of
from maru.engines import EngineReport

router = APIRouter()

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics")
async def metrics(request: Request, operator: Operator) -> HttpResponse:  # noqa: ARG001 (asking is what needs the right)
    """The figures of this moment; asks the engines, for a few seconds at most."""
    rooms = rooms_of(request)
    text = page_of(rooms.hub.places.held, await rooms.engines.reports())
    return HttpResponse(text.encode(), headers={"content-type": MEDIA_TYPE, "cache-control": "no-store"})


def page_of(answers: int, reports: Iterable[EngineReport]) -> str:
    """All figures; what an engine does not tell is left out.

    Args:
        answers: that run now, of all models.
        reports: of all engines.
    """
    found = tuple(reports)
    named = [({"model": report.model, "engine": report.engine or ""}, report) for report in found]
    loads = [(labels, report.load) for labels, report in named if report.load is not None]
    families = (
        _family("maru_answers", "gauge", "Answers that run on this server now.", [({}, answers)]),
        _family(
            *("maru_engine_state", "gauge", "1 for the state that an engine is in."),
            [({**labels, "state": report.state}, 1) for labels, report in named],
        ),
        _family(
            *("maru_engine_answers", "gauge", "Answers of this server that run on an engine."),
            [(labels, report.answers) for labels, report in named],
        ),
        _family(
            *("maru_engine_requests_running", "gauge", "Requests that an engine works on, of whoever asks it."),
            [(labels, load.running) for labels, load in loads],
        ),
        _family(
            *("maru_engine_requests_waiting", "gauge", "Requests in an engine's queue."),
            [(labels, load.waiting) for labels, load in loads],
        ),
        _family(
            *("maru_engine_cache_used_ratio", "gauge", "Share of an engine's memory for tokens that is in use."),
            [(labels, load.cache_used) for labels, load in loads],
        ),
        _family(
            *("maru_engine_prefix_queries_total", "counter", "Prompt tokens looked for in an engine's prefix cache."),
            [(labels, load.prefix_queries) for labels, load in loads],
        ),
        _family(
            *("maru_engine_prefix_hits_total", "counter", "Those of them that were found there."),
            [(labels, load.prefix_hits) for labels, load in loads],
        ),
    )
    return "".join(families)


def _family(name: str, kind: str, explained: str, samples: Iterable[tuple[Mapping[str, str], float | None]]) -> str:
    lines = [f"{name}{_labels(labels)} {value!r}\n" for labels, value in samples if value is not None]
    return f"# HELP {name} {explained}\n# TYPE {name} {kind}\n{''.join(lines)}" if lines else ""


def _labels(labels: Mapping[str, str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
