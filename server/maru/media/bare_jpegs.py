"""Whether a JPEG holds an image and nothing else, as those hold that were drawn here. Pure.

Such a one is kept as it is: drawn anew at each move from server to server, it would fade.
"""

import re

_START, _END = b"\xff\xd8", b"\xff\xd9"
_JFIF_BYTES = 16  # of the head without a small picture in it
_TABLES = frozenset({0xC0, 0xC4, 0xDB, 0xDD})  # frame, Huffman, quantisation, restarts
_HEAD, _SCAN = 0xE0, 0xDA
_ODD = re.compile(rb"\xff[^\x00\xd0-\xd7]")


def is_bare(data: bytes) -> bool:
    """Whether it is a head, tables and one scan up to its end."""
    if not data.startswith(_START) or not data.endswith(_END):
        return False
    at = len(_START)
    while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 (it begins every segment)
        kind, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        at += 2 + size
        if kind == _SCAN:
            return _ODD.search(data, at, len(data) - len(_END)) is None
        if kind not in _TABLES and not (kind == _HEAD and size == _JFIF_BYTES and b"JFIF" in data[at - size : at]):
            return False
    return False
