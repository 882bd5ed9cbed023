"""Rules of `maru/protocol/idempotency.py`."""

from typing import Any

import pytest

from maru.protocol.errors import ApiError
from maru.protocol.idempotency import IdempotencyKey, check_same_request, idempotency_key_of
from maru.protocol.requests import CreateRequest, parse


def _key(header: str | None, **body: Any) -> IdempotencyKey | None:
    return idempotency_key_of(header, parse(CreateRequest, body), body)


def _fingerprint(**body: Any) -> str:
    key = _key("k", **body)
    assert key is not None
    return key.fingerprint


def test_a_request_without_the_header_has_no_key() -> None:
    """Most have none."""
    assert _key(None, input="hi", store=False) is None


@pytest.mark.parametrize("header", ["k", "~" * 255, 'a "b" c'])
def test_printable_ascii_is_a_key(header: str) -> None:
    """Whatever a client makes up: a UUID, a hash, a sentence."""
    key = _key(header, input="hi")
    assert key is not None
    assert key.value == header


@pytest.mark.parametrize("header", ["", "x" * 256, "schlüssel", "a\tb", "a\x7f"])
def test_anything_else_is_refused_by_name(header: str) -> None:
    """A key that is cut or changed on the way would name another request."""
    with pytest.raises(ApiError, match="1 to 255 printable ASCII") as caught:
        _key(header, input="hi")
    assert (caught.value.status, caught.value.param) == (400, "Idempotency-Key")


def test_an_answer_that_is_not_kept_cannot_have_a_key() -> None:
    """There would be nothing to give to a repeat."""
    with pytest.raises(ApiError, match="'store': true") as caught:
        _key("k", input="hi", store=False)
    assert (caught.value.status, caught.value.param) == (400, "store")


def test_the_order_of_fields_makes_no_other_request() -> None:
    """JSON objects have none."""
    one = _fingerprint(input="hi", metadata={"a": "1", "b": "2"})
    assert one == _fingerprint(metadata={"b": "2", "a": "1"}, input="hi")


@pytest.mark.parametrize("changed", [{"input": "ho"}, {"stream": True}, {"unknown": 1}, {"metadata": {"a": "2"}}])
def test_any_other_body_is_another_request(changed: dict[str, Any]) -> None:
    """Also a field that is ignored: the client meant something by it."""
    body = {"input": "hi", "metadata": {"a": "1"}}
    assert _fingerprint(**body) != _fingerprint(**{**body, **changed})


def test_one_key_names_one_request() -> None:
    """Otherwise a client with a fault would get the answer to another question."""
    check_same_request(IdempotencyKey("k", "same"), "same")
    with pytest.raises(ApiError, match="'k' came with another body") as caught:
        check_same_request(IdempotencyKey("k", "one"), "other")
    assert (caught.value.status, caught.value.code) == (400, "idempotency_key_reused")
