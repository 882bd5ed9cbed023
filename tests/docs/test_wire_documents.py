"""`docs/openapi.json` and `docs/asyncapi.yaml` are what the code says, and say everything that the code does."""

import ast
import json
from typing import Any, cast

import jsonschema_rs
import pytest
import yaml
from write_wire import FILES

from maru.api.document import OPERATIONS
from maru.api.socket_document import CLIENT_FRAMES
from maru.protocol.schemas import event_types
from support.pages import ROOT

OPENAPI: Any = json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))
ASYNCAPI: Any = yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(FILES))
def test_what_is_committed_is_what_the_code_says(name: str) -> None:
    """People generate clients from it; `make wire` renews it."""
    assert (ROOT / name).read_text(encoding="utf-8") == FILES[name]()


def test_every_call_tells_its_answers_and_errors() -> None:
    """A status nobody told of breaks a generated client."""
    calls = {
        f"{method.upper()} {path}": call
        for path, methods in OPENAPI["paths"].items()
        for method, call in methods.items()
    }
    assert calls.keys() == OPERATIONS.keys()
    for name, call in calls.items():
        assert {"200", "500"} <= call["responses"].keys(), name
        assert name.startswith("POST") <= ("requestBody" in call or name.endswith(("/cancel", "/regenerate"))), name


def test_every_reference_leads_somewhere() -> None:
    """Generators stop at the first that does not."""
    for document in (OPENAPI, ASYNCAPI):
        names = document["components"]["schemas"].keys()
        found = {ref.rpartition("/")[2] for ref in _references(document) if "/schemas/" in ref}
        assert sorted(found - names) == []


def test_every_schema_is_one() -> None:
    """JSON Schema 2020-12, which OpenAPI 3.1 uses."""
    for document in (OPENAPI, ASYNCAPI):
        for schema in document["components"]["schemas"].values():
            assert jsonschema_rs.meta.is_valid(schema)


def test_every_client_frame_is_in_the_socket_document() -> None:
    """The socket's reader is asked which there are."""
    tree = ast.parse((ROOT / "server/maru/api/responses_ws.py").read_text(encoding="utf-8"))
    cases = [case.pattern for match in ast.walk(tree) if isinstance(match, ast.Match) for case in match.cases]
    values = [pattern.value for pattern in cases if isinstance(pattern, ast.MatchValue)]
    frames = {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}
    assert frames == CLIENT_FRAMES.keys()
    assert frames == set(_frames("ask"))


def test_every_server_frame_is_in_the_socket_document() -> None:
    """The types of events are asked which there are."""
    tags = {str(event.__struct_config__.tag) for event in event_types()}
    assert {"response.created", "response.output_text.delta", "response.steer.failed"} <= tags
    assert {*tags, "error"} == set(_frames("answer"))


def _frames(operation: str) -> list[str]:
    messages = ASYNCAPI["channels"]["responses"]["messages"]
    keys = [one["$ref"].rpartition("/")[2] for one in ASYNCAPI["operations"][operation]["messages"]]
    return [messages[key]["name"] for key in keys]


def _references(node: Any) -> list[str]:
    found: list[str] = []
    queue: list[Any] = [node]
    while queue:
        one = queue.pop()
        if isinstance(one, dict):
            fields = cast("dict[str, Any]", one)
            found += [value for key, value in fields.items() if key == "$ref" and isinstance(value, str)]
            queue += fields.values()
        elif isinstance(one, list):
            queue += one
    return found
