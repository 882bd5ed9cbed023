"""Names of files are words."""

import pytest

from maru.media.names import MAX_NAME_CHARS, plain_name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("notes.txt", "notes.txt"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mina\\사진.png", "사진.png"),
        ("a/b/", "file"),
        ("..", "file"),
        ("", "file"),
        (" . ", "file"),
        ("a\x00b\nc\td.txt", "abcd.txt"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("a   b.txt", "a b.txt"),
        ("노트.txt", "노트.txt"),
        ("x" * 300 + ".tar.gz", "x" * (MAX_NAME_CHARS - 4) + "….gz"),
        ("x" * 300, "x" * (MAX_NAME_CHARS - 1) + "…"),
        ("가" * 100_000, "가" * (MAX_NAME_CHARS - 1) + "…"),
        ("con\ud800.txt", "con.txt"),
        ("~/.ssh/id_rsa", "id_rsa"),
        ("//server/share/x.txt", "x.txt"),
    ],
)
def test_a_name_is_one_line_and_no_path(raw: str, name: str) -> None:
    """Nothing in it moves elsewhere, hides or runs backwards."""
    assert plain_name(raw) == name
    assert len(name) <= MAX_NAME_CHARS
