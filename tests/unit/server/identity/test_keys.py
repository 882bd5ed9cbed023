"""Keys: long, random, and kept only as hashes."""

from maru.identity.keys import KEY_PREFIX, hash_key, is_key, make_key


def test_key_matches_its_hash_and_no_other() -> None:
    """What is kept is enough to check a key and too little to make one."""
    new, other = make_key(), make_key()
    assert is_key(new.secret, new.secret_hash)
    assert not is_key(other.secret, new.secret_hash)
    assert not is_key("", new.secret_hash)
    assert hash_key(new.secret) == new.secret_hash


def test_key_is_long_and_says_whose_make_it_is() -> None:
    """The prefix lets scanners of leaked secrets find it; 43 characters are 256 bits."""
    new = make_key()
    assert new.secret.startswith(KEY_PREFIX)
    assert len(new.secret) == len(KEY_PREFIX) + 43
    assert new.secret.startswith(new.prefix)
    assert len(new.prefix) == len(KEY_PREFIX) + 4


def test_secret_does_not_get_into_logs() -> None:
    """Somebody will log the object one day."""
    new = make_key()
    assert new.secret not in repr(new)
    assert new.secret not in f"{new}"


def test_odd_characters_are_no_key_and_no_crash() -> None:
    """Headers hold bytes of any kind."""
    assert not is_key("\udcff\x00é", make_key().secret_hash)
