"""JSON schemas of everything that travels, made from the types that read and write it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from maru.protocol import events
from maru.protocol.items import Item

Schema = dict[str, Any]
PREFIX = "#/components/schemas/"


def event_types() -> tuple[type[events.Numbered], ...]:
    """Every event that is sent, in the order of the module."""
    found = (value for value in vars(events).values() if isinstance(value, type) and issubclass(value, events.Numbered))
    return tuple(event for event in found if event.__struct_config__.tag is not None and _has_word(event))


def components(sent: Sequence[type[msgspec.Struct]], taken: Sequence[type[BaseModel]]) -> dict[str, Schema]:
    """Schemas by name: of what the server sends, of what it takes, and of what those hold.

    `Event` is any event, `Item` any item.
    """
    roots = [*sent, *event_types()]
    _, made = msgspec.json.schema_components(roots, ref_template=PREFIX + "{name}")
    structs = {struct.__name__: struct for struct in _structs(roots)}
    written = {name: _as_written(schema, structs.get(name)) for name, schema in made.items()}
    _, read = models_json_schema([(model, "validation") for model in taken], ref_template=PREFIX + "{model}")
    unions = {"Event": _any_of(event_types()), "Item": _any_of(Item.__args__)}
    return dict(sorted({**written, **read.get("$defs", {}), **unions}.items()))


def reference(type_: type) -> Schema:
    """Where the schema of a type is."""
    return {"$ref": PREFIX + type_.__name__}


def _has_word(event: type[events.Numbered]) -> bool:
    return "." in str(event.__struct_config__.tag)


def _any_of(types: Iterable[type]) -> Schema:
    return {"anyOf": [reference(one) for one in types]}


def _structs(roots: Iterable[type[msgspec.Struct]]) -> Iterable[type[msgspec.Struct]]:
    """The roots, and every struct of the protocol: a default that is always written is a promise."""
    queue: list[type[msgspec.Struct]] = [msgspec.Struct]
    while queue:
        struct = queue.pop()
        queue += struct.__subclasses__()
        if struct.__module__.startswith("maru.protocol."):
            yield struct
    yield from roots


def _as_written(schema: Schema, struct: type[msgspec.Struct] | None) -> Schema:
    """What is never left out is required."""
    if struct is None or struct.__struct_config__.omit_defaults:
        return schema
    fields = msgspec.structs.fields(struct)
    absent = {field.encode_name for field in fields if field.default is msgspec.UNSET}
    properties: Mapping[str, Any] = schema.get("properties", {})
    return {**schema, "required": sorted(properties.keys() - absent)}
