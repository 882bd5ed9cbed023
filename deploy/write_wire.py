"""Writes what is made from the types of the wire: docs/openapi.json, docs/asyncapi.yaml, and the page's types.

`make wire` runs it; a test fails while what is committed is older than the code.
"""

import json
import tempfile
from pathlib import Path
from typing import Any, cast

import yaml

from maru.api.document import document
from maru.api.socket_document import socket_document
from maru.app import build
from maru.settings import load_settings
from maru.store.in_memory import InMemoryStore

ROOT = Path(__file__).resolve().parents[1]


def openapi_text() -> str:
    """The calls over HTTP, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        app, _ = build(load_settings({}, {}, Path(folder)), InMemoryStore())
    return json.dumps(document(app), indent=1, ensure_ascii=False) + "\n"


def asyncapi_text() -> str:
    """The frames of the socket, as YAML."""
    # Through JSON, so that no schema is written as an alias of another.
    plain = json.loads(json.dumps(socket_document()))
    dump = cast("Any", yaml).safe_dump  # typed in part
    text: str = dump(plain, sort_keys=False, allow_unicode=True, width=120)
    return text


FILES = {"docs/openapi.json": openapi_text, "docs/asyncapi.yaml": asyncapi_text}


def main() -> None:
    """Write both documents; the page's types are made from the first by `npm run wire`."""
    for name, text in FILES.items():
        (ROOT / name).write_text(text(), encoding="utf-8")
        print(f"wire: {name}")


if __name__ == "__main__":
    main()
