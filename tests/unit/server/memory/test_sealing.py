"""Rules of `memory/sealing.py`: who can open what, and where the key lies."""

import base64
import stat
from pathlib import Path

import pytest

from maru.memory.sealing import KeyFileError, Sealer, SealError, SealKey, keys_in, new_key
from maru.protocol.compaction import Compacted
from maru.protocol.errors import ApiError
from maru.protocol.incoming import MAX_INPUT_CHARS
from maru.protocol.items import InputImage, InputText, Message
from support.responses import a_message

COMPACTED = Compacted(summary="Facts: 지훈", kept=(a_message("hi"),), quoted=2)


def _sealer(*keys: SealKey) -> Sealer:
    return Sealer(lambda: keys)


def test_what_is_sealed_opens_for_its_owner() -> None:
    """Nothing is lost on the way through a client."""
    sealer = _sealer(new_key())
    assert sealer.open("user_a", sealer.seal("user_a", COMPACTED)) == COMPACTED


def test_a_client_can_read_nothing() -> None:
    """The content is the server's, whoever carries it."""
    sealed = _sealer(new_key()).seal("user_a", COMPACTED)
    assert b"Facts" not in base64.urlsafe_b64decode(sealed)


def test_another_owner_cannot_open_it() -> None:
    """An item that leaks tells nobody else what was said."""
    sealer = _sealer(new_key())
    with pytest.raises(SealError, match="another user"):
        sealer.open("user_b", sealer.seal("user_a", COMPACTED))


@pytest.mark.parametrize("place", [0, 1, 9, 21, -1])
def test_one_changed_byte_is_noticed(place: int) -> None:
    """Version, key id, nonce, text and tag are all held."""
    sealer = _sealer(new_key())
    raw = bytearray(base64.urlsafe_b64decode(sealer.seal("user_a", COMPACTED)))
    raw[place] ^= 1
    with pytest.raises(SealError):
        sealer.open("user_a", base64.urlsafe_b64encode(bytes(raw)).decode())


@pytest.mark.parametrize("sealed", ["", "x", "한글", "gAAAAAB", "A" * 400, "%%%%", "AQ" * 30])
def test_rubbish_is_refused(sealed: str) -> None:
    """Whatever a client sends gets a sentence, never a stack trace."""
    with pytest.raises(SealError):
        _sealer(new_key()).open("user_a", sealed)


def test_a_truncated_text_is_refused() -> None:
    """A client that cuts long strings is told so."""
    sealer = _sealer(new_key())
    sealed = sealer.seal("user_a", COMPACTED)
    for length in range(0, len(sealed), 4):
        with pytest.raises(SealError):
            sealer.open("user_a", sealed[:length])


def test_an_older_key_still_opens_and_the_first_one_seals() -> None:
    """Keys can be changed without making old items useless."""
    old, new = new_key(), new_key()
    sealed = _sealer(old).seal("user_a", COMPACTED)
    both = _sealer(new, old)
    assert both.open("user_a", sealed) == COMPACTED
    with pytest.raises(SealError, match="does not have"):
        _sealer(old).open("user_a", both.seal("user_a", COMPACTED))


def test_images_go_where_a_client_could_not_send_the_item_back() -> None:
    """An item is of no use above the size that a request may have."""
    image = InputImage(image_url="data:image/png;base64," + "A" * MAX_INPUT_CHARS, detail="auto")
    seen = Message(id="msg_1", role="user", status="completed", content=(InputText(text="look"), image))
    sealer = _sealer(new_key())
    (kept,) = sealer.open("user_a", sealer.seal("user_a", Compacted(kept=(seen,)))).kept
    assert isinstance(kept, Message)
    assert kept.content == (InputText(text="look"), InputText(text="[image]"))
    with pytest.raises(ApiError) as refused:
        sealer.seal("user_a", Compacted(kept=(a_message("x" * MAX_INPUT_CHARS),)))
    assert refused.value.code == "context_length_exceeded"


def test_an_uploaded_image_is_sealed_as_its_id() -> None:
    """What was filled in for a model is in the store already, and may be deleted there."""
    image = InputImage(image_url="data:image/png;base64,AA", detail="auto", file_id="file_1", filename="cat.png")
    seen = Message(id="msg_1", role="user", status="completed", content=(image,))
    sealer = _sealer(new_key())
    (kept,) = sealer.open("user_a", sealer.seal("user_a", Compacted(kept=(seen,)))).kept
    assert isinstance(kept, Message)
    assert kept.content == (InputImage(image_url=None, detail="auto", file_id="file_1", filename="cat.png"),)


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """A restart must open what was sealed before, and no other account of the machine may."""
    file = tmp_path / "data" / "compaction.keys"
    first = keys_in(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys_in(file) == first
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_line_of_an_older_file_can_be_added(tmp_path: Path) -> None:
    """This is how a key is changed: docs/operations.md says so."""
    old, new = tmp_path / "old", tmp_path / "new"
    keys = (*keys_in(new), *keys_in(old))
    with new.open("ab") as file:
        file.write(old.read_bytes())
    assert keys_in(new) == keys


@pytest.mark.parametrize("text", ["", "\n", "abc", "AAAA BBBB", "ü ü"])
def test_a_broken_key_file_is_told(tmp_path: Path, text: str) -> None:
    """To make a new key in silence would make every older item useless."""
    file = tmp_path / "keys"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(KeyFileError, match="backup"):
        keys_in(file)


def test_a_server_that_was_quicker_gives_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers that start at once must not seal with keys of their own."""
    file = tmp_path / "keys"
    first = keys_in(file)

    def not_yet(_: Path) -> bool:
        return False

    monkeypatch.setattr(Path, "exists", not_yet)
    assert keys_in(file) == first
    assert list(tmp_path.iterdir()) == [file]


def test_a_form_of_another_version_is_told() -> None:
    """An older server may be started on a newer one's data."""
    sealer = _sealer(new_key())
    with pytest.raises(SealError, match="another version"):
        sealer.open("user_a", sealer._sealed("user_a", b'{"kept":[{"type":"hologram"}]}'))


def test_no_secret_is_shown_by_accident() -> None:
    """Logs hold reprs."""
    key = new_key()
    assert repr(key.secret) not in repr(key)
