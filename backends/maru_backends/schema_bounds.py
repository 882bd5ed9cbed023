"""How large a schema an engine is given that may have no bounds of its own; pure.

Whoever asks chooses the schema. vLLM, for one, reads it in the process that serves everybody, one reference within the
other: a long chain of them overflows the stack, which ends that process.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import cast

from maru_backends.base import ChatRequest
from maru_backends.errors import RequestRefusedError

MOST_SCHEMA_CHARS = 64_000
MOST_LEVELS = 1_000
"""Of all that may stand within each other. With the usual 8 MiB of stack, 3600 were measured to do llguidance no harm,
and 4000 to end the process."""

_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})


def check_schemas(request: ChatRequest) -> None:
    """Refuse a request whose schemas, of its format or of its tools, could end an engine.

    Raises:
        RequestRefusedError: one is too long, or too deep when its references are followed.
    """
    if request.json_format is not None and request.json_format.schema is not None:
        _check(request.json_format.schema, "json_format")
    for tool in request.tools if request.tool_choice != "none" else ():
        if tool.parameters is not None:
            _check(tool.parameters, "tools")


def levels(schema: Mapping[str, object]) -> int:
    """How deep it is at most when its references are followed, each place that they name once."""
    named = set(_references(schema))
    if len(named) > MOST_LEVELS:  # each is one level at least; more need not be looked at
        return len(named)
    found = [_named(schema, reference) for reference in named]
    places = {id(place): place for place in found if place is not None}
    depths = _depths(schema)
    whole = depths[id(schema)]  # stands for what cannot be found, as by an anchor, and is no less deep
    return whole + len(named) + sum(depths.get(id_, 0) for id_ in places) + whole * found.count(None)


def _check(schema: Mapping[str, object], param: str) -> None:
    try:
        size = len(json.dumps(schema, ensure_ascii=False))
    except (ValueError, RecursionError) as error:
        raise RequestRefusedError("The schema is nested too deep for this engine.", param=param) from error
    if size > MOST_SCHEMA_CHARS:
        raise RequestRefusedError(
            f"The schema has {size} characters, too many for this engine: {MOST_SCHEMA_CHARS} at most.", param=param
        )
    if (deep := levels(schema)) > MOST_LEVELS:
        raise RequestRefusedError(
            f"The schema has {deep} levels when its references are followed, too deep for this engine: {MOST_LEVELS} "
            "at most.",
            param=param,
        )


def _references(schema: object) -> Iterator[str]:
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        waiting += _within(value)
        if isinstance(value, Mapping):
            fields = cast("Mapping[str, object]", value)
            yield from (there for name, there in fields.items() if name in _REFERENCES and isinstance(there, str))


def _named(schema: object, reference: str) -> object:
    """What stands where a reference points to; None where nothing is found."""
    value = schema
    for escaped in reference.removeprefix("#").split("/")[1:]:
        name = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and name in value:
            value = cast("Mapping[str, object]", value)[name]
        elif isinstance(value, list | tuple) and _is_place(name) and int(name) < len(cast("list[object]", value)):
            value = cast("list[object]", value)[int(name)]
        else:
            return None
    return value


def _is_place(name: str) -> bool:
    return len(name) <= len(str(MOST_SCHEMA_CHARS)) and name.isdecimal()  # Python reads no number of 5000 digits


def _depths(schema: object) -> dict[int, int]:
    """How deep each map and list of the schema is at most, by its `id`; one that holds nothing is 0 deep.

    Each is looked at once: places that are named may lie within each other, and to walk each of them anew takes a
    time that grows as the square of the schema's size.
    """
    order = [schema]
    for value in order:
        order += filter(_is_nest, _within(value))
    depths: dict[int, int] = {}
    for value in reversed(order):  # what stands within comes first
        depths[id(value)] = max((depths.get(id(inner), 0) + 1 for inner in _within(value)), default=0)
    return depths


def _is_nest(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple)


def _within(value: object) -> Iterable[object]:
    if isinstance(value, Mapping):
        return cast("Mapping[str, object]", value).values()
    return cast("list[object]", value) if isinstance(value, list | tuple) else ()
