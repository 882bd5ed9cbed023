"""Which file of a hub's repository a name means, as `owner/name:file-or-quantisation`; pure.

A model may lie in several files, `…-00001-of-00003.gguf`: they are one, and go by any of their names.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ENDING = ".gguf"
_HUB_NAME = re.compile(r"([\w.-]+/[\w.-]+)(?::([^:\\]+))?", re.ASCII)
_PART = re.compile(r"(.+)-(\d{5})-of-(\d{5})")
# Beside the weights lie what looks at pictures and what was measured before they were quantised.
_NO_MODEL = ("mmproj", "imatrix")


class NoSuchModelError(Exception):
    """The repository does not hold what was named, or not just one of it; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class HubName:
    """A repository of the hub, and which of its models is meant; None: it has one only."""

    repository: str
    wanted: str | None


def hub_name(source: str) -> HubName | None:
    """What a source names on the hub; None: it is the path of a file."""
    found = _HUB_NAME.fullmatch(source)
    if found is None or source.startswith((".", "~")):
        return None
    repository, wanted = found.groups()
    return None if wanted is None and repository.lower().endswith(ENDING) else HubName(repository, wanted)


def files_of(name: HubName, names: Iterable[str]) -> tuple[str, ...]:
    """The files of the model that is meant, in the order of its parts.

    Args:
        name: what the operator wrote.
        names: of all files of the repository.

    Raises:
        NoSuchModelError: none is meant, or several, or parts are missing.
    """
    models = _models(names)
    found = [stem for stem in models if _is_meant(stem, models[stem], name.wanted)]
    if not models:
        raise NoSuchModelError(f"The repository holds no {ENDING} file.")
    if len(found) != 1:
        fault = "Several models of the repository are meant" if found else "The repository holds no such model"
        raise NoSuchModelError(f"{fault}; name one file of: {', '.join(_shown(found or models, models))}.")
    parts = models[found[0]]
    split = _PART.fullmatch(parts[0].removesuffix(ENDING))
    whole = 1 if split is None else int(split[3])
    if len(parts) != whole:
        raise NoSuchModelError(f"The repository holds {len(parts)} of the {whole} parts of {parts[0]}.")
    return parts


def _models(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The files of each model by its name without part and ending."""
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(names):
        stem = name.removesuffix(ENDING)
        if stem == name or name.rpartition("/")[2].lower().startswith(_NO_MODEL):
            continue
        split = _PART.fullmatch(stem)
        stem = stem if split is None else f"{split[1]} of {int(split[3])}"
        found[stem] = (*found.get(stem, ()), name)
    return found


def _is_meant(stem: str, parts: Sequence[str], wanted: str | None) -> bool:
    if wanted is None:
        return True
    if wanted.lower().endswith(ENDING):
        return any(wanted in {part, part.rpartition("/")[2]} for part in parts)
    # Of "model-UD-Q4_K_M" both "UD-Q4_K_M" and "Q4_K_M" are the quantisation, "Q4_K" is not.
    quantisation = rf"(?<![^\W_]){re.escape(wanted)}(?![\w])"
    return re.search(quantisation, stem, re.IGNORECASE | re.ASCII) is not None


def _shown(stems: Iterable[str], models: dict[str, tuple[str, ...]]) -> list[str]:
    return [models[stem][0] for stem in stems]
