"""Backends are found by name and imported on first use."""

import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest

from maru_backends import echo, registry
from maru_backends.errors import BackendSetupError


@pytest.fixture
def strangers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Entry points of a good and of two broken packages."""
    points = [
        EntryPoint("echo", "maru_backends.echo:plugin", registry.GROUP),
        EntryPoint("broken", "a_package_that_is_not_there:plugin", registry.GROUP),
        EntryPoint("other", "json:dumps", registry.GROUP),
    ]

    def found(*, group: str) -> list[EntryPoint]:
        return [point for point in points if point.group == group]

    monkeypatch.setattr(registry, "entry_points", found)
    registry.plugin_for.cache_clear()
    yield
    registry.plugin_for.cache_clear()


@pytest.mark.usefixtures("strangers")
def test_name_leads_to_its_plugin() -> None:
    """Ours and strangers' alike."""
    assert registry.plugin_for("echo") is echo.plugin


@pytest.mark.usefixtures("strangers")
def test_unknown_name_is_refused_with_those_there_are() -> None:
    """A typing error is mended without opening the manual."""
    with pytest.raises(BackendSetupError, match="no backend 'ecco'; there are: broken, echo, other"):
        registry.plugin_for("ecco")


@pytest.mark.usefixtures("strangers")
def test_broken_package_harms_nobody_else() -> None:
    """It is named when it is asked for, and only then."""
    assert registry.plugin_for("echo") is echo.plugin
    with pytest.raises(BackendSetupError, match=r"'broken'.*could not be loaded.*a_package_that_is_not_there"):
        registry.plugin_for("broken")


@pytest.mark.usefixtures("strangers")
def test_what_is_no_plugin_is_refused() -> None:
    """An entry point may name anything."""
    with pytest.raises(BackendSetupError, match="not a BackendPlugin"):
        registry.plugin_for("other")


def test_our_own_are_installed() -> None:
    """The entry points of pyproject.toml name what is there."""
    assert {"claude", "echo", "gemini", "openai", "transformers", "vllm"} <= set(registry.known_kinds())


@pytest.mark.parametrize("kind", ["claude", "echo", "gemini", "transformers"])
def test_finding_a_backend_imports_no_engine(kind: str) -> None:
    """A server with one backend pays for no other's library."""
    code = (
        f"import sys; from maru_backends.registry import plugin_for; plugin_for({kind!r});"
        "heavy = ('torch', 'transformers', 'vllm', 'aiohttp', 'anthropic', 'google.genai', 'httpx2');"
        "sys.exit(any(name in sys.modules for name in heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
