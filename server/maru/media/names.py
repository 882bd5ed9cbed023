"""Names of files, which are words for people and never paths. Pure."""

import re
import unicodedata

MAX_NAME_CHARS = 120
MAX_ENDING_CHARS = 16
MAX_LOOKED_AT = 4096
UNNAMED = "file"
_SEPARATORS = re.compile(r"[/\\]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def plain_name(raw: str) -> str:
    """The last step of what may be a path, as one line in which everything can be seen, with its ending."""
    last = _SEPARATORS.split(raw[-MAX_LOOKED_AT:])[-1]
    shown = "".join(
        character for character in unicodedata.normalize("NFC", last) if unicodedata.category(character) not in _UNSEEN
    )
    name = " ".join(shown.split())
    if len(name) > MAX_NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= MAX_ENDING_CHARS else ""
        name = name[: MAX_NAME_CHARS - len(ending) - 1] + "…" + ending
    return name if name.strip(". ") else UNNAMED
