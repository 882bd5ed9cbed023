"""A long JSON text is cut without being read."""

import io
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maru.moving import splitting
from maru.moving.splitting import BrokenError, TooLarge, elements

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=12)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)
objects = st.lists(st.dictionaries(st.text(max_size=6), values, max_size=4), max_size=6)


def cut(text: bytes, *, piece: int = 7, most_bytes: int = 10_000) -> list[bytes | TooLarge]:
    """The elements, the text read so many bytes at a time."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            del size
            return super().read(piece)

    return list(elements(Slow(text), most_bytes=most_bytes))


@given(objects, st.integers(1, 40), st.booleans(), st.sampled_from([None, 1]))
def test_an_array_is_cut_into_its_objects(found: list[object], piece: int, is_ascii: bool, indent: int | None) -> None:  # noqa: FBT001
    """Wherever the pieces end: in a string, behind a backslash, in a letter of several bytes."""
    text = json.dumps(found, ensure_ascii=is_ascii, indent=indent).encode("utf-8", "surrogatepass")
    assert [json.loads(one) for one in cut(text, piece=piece) if isinstance(one, bytes)] == found


@given(objects, st.integers(1, 40))
def test_lines_are_cut_into_their_objects(found: list[object], piece: int) -> None:
    """As our own export is written."""
    text = b"\n".join(json.dumps(one).encode() for one in found) + b"\n"
    assert [json.loads(one) for one in cut(text, piece=piece) if isinstance(one, bytes)] == found


def test_one_object_is_one_element() -> None:
    """Its own arrays are not cut."""
    assert cut(b' {"a": [{"b": 1}, {"c": "]"}]} ') == [b'{"a": [{"b": 1}, {"c": "]"}]}']


def test_what_is_wrong_inside_harms_no_other() -> None:
    """It is cut all the same, and whoever decodes it will tell."""
    found = cut(b'[{"a": 1}, {"b": nonsense}, {"c": 3}]')
    assert found == [b'{"a": 1}', b'{"b": nonsense}', b'{"c": 3}']
    with pytest.raises(msgspec.DecodeError):
        msgspec.json.decode(b'{"b": nonsense}')


@pytest.mark.parametrize("piece", [1, 5, 1000])
def test_what_is_too_large_is_passed_over(piece: int) -> None:
    """And never held."""
    large = json.dumps({"a": ["x" * 50] * 9}).encode()
    text = b"[" + large + b', {"b": 1}]'
    assert cut(text, piece=piece, most_bytes=100) == [TooLarge(len(large)), b'{"b": 1}']


@pytest.mark.parametrize(
    "text", [b'[{"a": 1}, {"b": [1}]', b'[{"a": 1}, {"b": 2', b'[{"a": 1}, {"b": "2', b'[{"a": 1}]]']
)
def test_a_broken_text_gives_what_stands_before(text: bytes) -> None:
    """A download that broke off is not all lost."""
    found: list[object] = []
    with pytest.raises(BrokenError):
        found.extend(elements(io.BytesIO(text), most_bytes=1000))
    coming = elements(io.BytesIO(text), most_bytes=1000)
    assert next(coming) == b'{"a": 1}'


def test_a_text_without_an_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that is missing would else swallow everything."""
    monkeypatch.setattr(splitting, "PIECE", 64)
    with pytest.raises(BrokenError, match="longer than a conversation may be"):
        list(elements(io.BytesIO(b'[{"a": "' + b"x" * 5000), most_bytes=1000))
