"""`docs/operations.md` explains every setting and every backend; the code is asked which there are."""

import tomllib
from typing import Any

import pytest

from maru.settings import Settings
from maru_backends.registry import known_kinds, plugin_for
from support.pages import ROOT, page, row_names

PAGE = "docs/operations.md"
SHIPPED: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "entry-points"
]["maru.backends"]


@pytest.mark.parametrize("key", sorted(Settings.model_fields))
def test_every_setting_has_a_row(key: str) -> None:
    """A setting nobody can look up is not one."""
    assert key in row_names(page(PAGE))
    assert key == "models" or f"`MARU_{key.upper()}`" in page(PAGE)


@pytest.mark.parametrize(
    ("key", "default"),
    [(key, field.default) for key, field in Settings.model_fields.items() if not field.is_required()],
)
def test_defaults_on_the_page_are_true(key: str, default: object) -> None:
    """A wrong default on the page is worse than none."""
    row = next(line for line in page(PAGE).splitlines() if line.startswith(f"| `{key}` |"))
    written = f"{default:g}" if isinstance(default, float) else str(default)
    assert (written.lower() if isinstance(default, bool | None) else written) in row


@pytest.mark.parametrize("kind", sorted(SHIPPED))
def test_every_backend_has_a_section(kind: str) -> None:
    """Whoever picks a backend needs its keys; those of a sibling may be told there."""
    assert kind in known_kinds()
    section = page(PAGE).partition(f"### `{kind}`")[2].partition("\n##")[0]
    settings_type: Any = plugin_for(kind).settings_type
    shared = row_names(page(PAGE).partition("### `vllm`")[2].partition("\n##")[0]) if kind == "openai" else set[str]()
    assert section
    assert sorted(set(settings_type.model_fields) - row_names(section) - shared) == []
