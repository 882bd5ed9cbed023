# schemathesis is typed in part.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false
"""The documents of the wire are kept: schemathesis against one, the frames of a real socket against the other."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import aiohttp
import jsonschema_rs
import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from support.live_server import LiveServer
from support.scripted_server import scripted_server

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
ASYNCAPI = DOCUMENT.with_name("asyncapi.yaml")
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_path(str(DOCUMENT))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One server for all calls."""
    with scripted_server(tmp_path_factory.mktemp("openapi")) as server:
        yield server


def _is(document: Any, name: str, body: object) -> None:
    wanted = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    errors = [
        f"{e.instance_path}: {e.message}"[:300] for e in jsonschema_rs.Draft202012Validator(wanted).iter_errors(body)
    ]
    assert errors == []


@pytest.mark.parametrize("model", ["echo", "caller", "thinker", "refuser", "broken"])
async def test_every_frame_of_the_socket_is_as_documented(server: LiveServer, model: str) -> None:
    """Each event under its own name, and the error that refuses a create."""
    document = yaml.safe_load(ASYNCAPI.read_text(encoding="utf-8"))
    messages = document["channels"]["responses"]["messages"].values()
    payloads = {message["name"]: message["payload"] for message in messages}
    asked = {"model": model, "input": "a b", "tools": [{"type": "function", "name": "f"}], "stream_id": "lane"}
    async with aiohttp.ClientSession() as session, session.ws_connect(server.ws_url) as socket:
        frames = [*await _turn(socket, asked), *await _turn(socket, {"model": "nope"})]
    assert frames[-1]["type"] == "error"
    for frame in frames:
        document["components"]["schemas"]["_frame"] = payloads[frame["type"]]
        _is(document, "_frame", frame)


async def _turn(socket: aiohttp.ClientWebSocketResponse, create: dict[str, Any]) -> list[Any]:
    await socket.send_json({"type": "response.create", **create})
    frames = [await socket.receive_json(timeout=60)]
    while frames[-1]["type"] not in {"response.completed", "response.failed", "error"}:
        frames.append(await socket.receive_json(timeout=60))
    return frames


@schema.parametrize()
@settings(
    max_examples=15,  # for each of some twenty calls: half a minute in all
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
def test_every_call_answers_as_documented(case: Any, server: LiveServer) -> None:
    """No 5xx, no status, type or body that the document does not tell of."""
    case.call_and_validate(base_url=server.url, checks=CHECKS)
