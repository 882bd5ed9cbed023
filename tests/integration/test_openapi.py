# schemathesis is typed in part.
# pyright: reportUnknownVariableType=false, reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUntypedFunctionDecorator=false
"""Schemathesis against the OpenAPI document: whatever is sent is answered, and answered as the document says."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
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
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
schema = schemathesis.openapi.from_path(str(DOCUMENT))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[LiveServer]:
    """One server for all calls."""
    with scripted_server(tmp_path_factory.mktemp("openapi")) as server:
        yield server


@schema.parametrize()
@settings(
    max_examples=6,  # for each of some twenty calls: half a minute in all
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture],
)
def test_every_call_answers_as_documented(case: Any, server: LiveServer) -> None:
    """No 5xx, no status, type or body that the document does not tell of."""
    case.call_and_validate(base_url=server.url, checks=CHECKS)
