"""`docs/protocol.md` lists every call, frame, event and word of ours; the code is asked which there are."""

import ast
import importlib
import pkgutil
import re

from fastapi.routing import APIRoute

import maru.api
from maru.protocol import events
from support.pages import ROOT, page, row_names

PAGE = "docs/protocol.md"
SERVER = ROOT / "server" / "maru"


def _routes() -> set[str]:
    modules = [importlib.import_module(f"maru.api.{found.name}") for found in pkgutil.iter_modules(maru.api.__path__)]
    routes = [route for module in modules if hasattr(module, "router") for route in module.router.routes]
    return {
        f"{method} {route.path.replace(':path', '')}"
        for route in routes
        if isinstance(route, APIRoute) and route.include_in_schema
        for method in route.methods or ()
    }


def test_every_route_has_a_row() -> None:
    """A call nobody can look up is a private one."""
    assert sorted(_routes() - row_names(page(PAGE))) == []


def test_every_row_has_a_route() -> None:
    """A call that is gone must go from the page."""
    listed = {name for name in row_names(page(PAGE)) if re.match(r"(GET|POST|PUT|PATCH|DELETE) /", name)}
    assert sorted(listed - _routes() - {"GET /v1/openapi.json"}) == []


def test_every_frame_has_a_row() -> None:
    """Frames are the socket's calls."""
    tree = ast.parse((SERVER / "api" / "responses_ws.py").read_text(encoding="utf-8"))
    patterns = [case.pattern for match in ast.walk(tree) if isinstance(match, ast.Match) for case in match.cases]
    values = [pattern.value for pattern in patterns if isinstance(pattern, ast.MatchValue)]
    frames = {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    assert len(frames) >= 3
    assert sorted(frames - row_names(page(PAGE))) == []


def test_every_event_has_a_row() -> None:
    """A client's author reads the list, not our source."""
    structs = [
        value for value in vars(events).values() if isinstance(value, type) and issubclass(value, events.Numbered)
    ]
    tags = {str(struct.__struct_config__.tag) for struct in structs}
    assert sorted(tag for tag in tags if tag.startswith("response.") and tag not in row_names(page(PAGE))) == []


def test_every_word_of_ours_has_a_row() -> None:
    """What the specification does not know must stand on our page."""
    text = "".join(path.read_text(encoding="utf-8") for path in SERVER.rglob("*.py"))
    words = set(re.findall(r"[\"'](maru:[a-z_.]+)[\"']", text))
    assert sorted(words - row_names(page(PAGE))) == []
