"""Which schemas are too large for an engine that serves everybody."""

from collections.abc import Iterable

import pytest

from maru_backends import schema_bounds
from maru_backends.base import Backend, ChatMessage, ChatRequest, JsonFormat, TextPart, Tool
from maru_backends.errors import RequestRefusedError
from maru_backends.openai_compatible import OpenAICompatibleSettings
from maru_backends.openai_compatible import open_backend as open_by_url
from maru_backends.openai_server import Api
from maru_backends.schema_bounds import MOST_LEVELS, MOST_SCHEMA_CHARS, check_schemas, levels
from maru_backends.vllm import VllmSettings, open_backend
from maru_backends.vllm_in_process import check_features

NOBODY = "http://127.0.0.1:1/v1"


def _chain(links: int, *, beside: bool = False) -> dict[str, object]:
    """Definitions, or properties, each of which refers to the next."""
    where = "properties" if beside else "$defs"
    named: dict[str, object] = {f"d{i}": {"$ref": f"#/{where}/d{i + 1}"} for i in range(links)}
    return {where: {**named, f"d{links}": {"type": "string"}}, "$ref": f"#/{where}/d0"}


def _asked(schema: dict[str, object]) -> ChatRequest:
    return ChatRequest((ChatMessage("user", (TextPart("hi"),)),), json_format=JsonFormat(schema=schema))


SHAPE: dict[str, object] = {
    "$defs": {"node": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}]}}}},
    "type": "array",
    "items": {"$ref": "#/$defs/node"},
}


@pytest.mark.parametrize("schema", [SHAPE, _chain(100), {"$ref": "#"}, {"type": "object"}])
def test_what_people_write_is_taken(schema: dict[str, object]) -> None:
    """One that refers to itself too: each place counts once."""
    check_schemas(_asked(schema))
    assert levels(schema) <= MOST_LEVELS


HOSTILE = [
    _chain(1500),
    _chain(600),
    _chain(600, beside=True),
    {"$ref": f"https://elsewhere/{'x' * MOST_SCHEMA_CHARS}"},
    {"anyOf": [{"$ref": f"#/no/{i}"} for i in range(600)]},
]


def test_places_within_each_other_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them holds all that the next one holds: to walk them one by one would keep everybody waiting."""
    looked = 0
    within = schema_bounds._within

    def counted(value: object) -> Iterable[object]:
        nonlocal looked
        looked += 1
        return within(value)

    monkeypatch.setattr(schema_bounds, "_within", counted)
    schema: dict[str, object] = {"enum": [[] for _ in range(1000)]}
    for _ in range(100):
        schema = {"a": schema}
    schema["anyOf"] = [{"$ref": "#" + "/a" * deep} for deep in range(100)]
    assert levels(schema) > MOST_LEVELS
    assert looked < 10_000


@pytest.mark.parametrize("schema", HOSTILE, ids=["defs", "short", "properties", "chars", "nowhere"])
def test_what_could_end_the_engine_is_refused(schema: dict[str, object]) -> None:
    """With the field that it stands in."""
    with pytest.raises(RequestRefusedError, match=r"too (deep|many) for this engine") as caught:
        check_schemas(_asked(schema))
    assert caught.value.param == "json_format"
    tool = ChatRequest((ChatMessage("user", (TextPart("hi"),)),), tools=(Tool("f", parameters=schema),))
    with pytest.raises(RequestRefusedError) as caught:
        check_schemas(tool)
    assert caught.value.param == "tools"


async def test_a_vllm_is_not_given_it() -> None:
    """In process it would end us, elsewhere the server of everybody."""
    with pytest.raises(RequestRefusedError, match="too deep"):
        check_features(_asked(_chain(1500)))
    await _refuses(await open_backend(VllmSettings(base_url=NOBODY)))


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_a_server_by_url_is_not_given_it(api: Api) -> None:
    """Nobody knows what stands behind the address: a vLLM may."""
    await _refuses(await open_by_url(OpenAICompatibleSettings(base_url=NOBODY, model="m", api=api)))


def test_a_place_by_an_endless_number_is_not_found() -> None:
    """Python refuses to read so long a number."""
    schema: dict[str, object] = {"prefixItems": [True], "$ref": f"#/prefixItems/{'9' * 5000}"}
    check_schemas(_asked(schema))


def test_the_words_say_how_much_it_was() -> None:
    """So whoever asked knows how much to take away."""
    long: dict[str, object] = {"title": "x" * MOST_SCHEMA_CHARS}
    with pytest.raises(RequestRefusedError, match=f"{MOST_SCHEMA_CHARS + 13} characters.* {MOST_SCHEMA_CHARS} at most"):
        check_schemas(_asked(long))
    with pytest.raises(RequestRefusedError, match=f"{levels(_chain(600))} levels.* {MOST_LEVELS} at most"):
        check_schemas(_asked(_chain(600)))


async def _refuses(backend: Backend) -> None:
    try:
        with pytest.raises(RequestRefusedError, match="too deep"):
            await anext(backend.stream(_asked(_chain(1500))))
    finally:
        await backend.close()
