"""Finds backends by the name that a `[[models]]` table gives as `backend`.

Ours and third parties' join alike, by an entry point of group `maru.backends`. A backend's module is imported when
its name is first asked for, so that a broken or heavy one costs nobody else anything.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from maru_backends.base import BackendPlugin
from maru_backends.errors import BackendSetupError

GROUP = "maru.backends"


def known_kinds() -> tuple[str, ...]:
    """Every name there is, sorted; imports none of them."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}))


@cache
def plugin_for(kind: str) -> BackendPlugin[Any]:
    """The backend of that name, imported on first use.

    Raises:
        BackendSetupError: there is none of that name, or its package is broken.
    """
    for point in entry_points(group=GROUP):
        if point.name == kind:
            return _load(point)
    kinds = ", ".join(known_kinds()) or "none; install Maru with `pip install`, not by copying its folders"
    raise BackendSetupError(f"There is no backend {kind!r}; there are: {kinds}.")


def _load(point: EntryPoint) -> BackendPlugin[Any]:
    try:
        loaded: Any = point.load()
    except Exception as error:  # a stranger's module may raise anything while it is imported
        raise BackendSetupError(
            f"The backend {point.name!r} ({point.value}) could not be loaded: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(cast("object", loaded), BackendPlugin):
        raise BackendSetupError(f"The backend {point.name!r} ({point.value}) is not a BackendPlugin: {loaded!r}.")
    plugin: BackendPlugin[Any] = loaded
    return plugin
