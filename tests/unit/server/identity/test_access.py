"""Who asks: every line of the tables is an attack, or somebody who must not be kept out."""

from dataclasses import replace

import pytest

from maru.identity.access import (
    KeyBearer,
    LocalOwner,
    Refused,
    RequestFacts,
    accepted_subprotocol,
    decide,
    is_loopback,
)

LOCAL = RequestFacts(client="127.0.0.1", listens_on="127.0.0.1", port=8000, host="127.0.0.1:8000")
SECRET = "maru_sk_abc"
BEARER = f"Bearer {SECRET}"


@pytest.mark.parametrize(
    "facts",
    [
        LOCAL,
        replace(LOCAL, host="localhost:8000"),
        replace(LOCAL, host="LOCALHOST:8000"),
        replace(LOCAL, client="::1", listens_on="::1", host="[::1]:8000"),
        replace(LOCAL, client="::ffff:127.0.0.1"),
        replace(LOCAL, client="127.0.0.9"),
        replace(LOCAL, listens_on="localhost"),
        replace(LOCAL, host="localhost", port=80),
        replace(LOCAL, host="[::1]", port=80),
        replace(LOCAL, host="localhost:443", port=443, scheme="https", origin="https://localhost"),
        replace(LOCAL, origin="http://127.0.0.1:8000", sec_fetch_site="same-origin", sec_fetch_mode="cors"),
        replace(LOCAL, origin="HTTP://LocalHost:8000", host="localhost:8000"),
        replace(LOCAL, is_websocket=True, origin="http://127.0.0.1:8000", sec_fetch_mode="websocket"),
        replace(LOCAL, sec_fetch_site="none", sec_fetch_mode="navigate"),
        replace(LOCAL, sec_fetch_site="cross-site", sec_fetch_mode="navigate"),
        replace(LOCAL, authorization="Bearer "),
        replace(LOCAL, authorization="Bearer"),
        replace(LOCAL, authorization="Bearer unused"),
        replace(LOCAL, is_websocket=True, subprotocols=("maru",)),
    ],
)
def test_person_at_this_machine_needs_no_key(facts: RequestFacts) -> None:
    """The page, a script, the SDK with any word as its key, and a link to the page followed from elsewhere."""
    assert decide(facts) == LocalOwner()


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (replace(LOCAL, host="evil.example:8000"), "forbidden_host"),
        (replace(LOCAL, host="127.0.0.1.evil.example:8000"), "forbidden_host"),
        (replace(LOCAL, host="localhost.:8000"), "forbidden_host"),
        (replace(LOCAL, host="localhost:8001"), "forbidden_host"),
        (replace(LOCAL, host="localhost"), "forbidden_host"),
        (replace(LOCAL, host="localhost:8000, evil.example"), "forbidden_host"),
        (replace(LOCAL, host="localhost:8000@evil"), "forbidden_host"),
        (replace(LOCAL, host="localhost:٨٠٠٠"), "forbidden_host"),
        (replace(LOCAL, host=""), "forbidden_host"),
        (replace(LOCAL, host=None), "forbidden_host"),
        (replace(LOCAL, origin="http://evil.example"), "forbidden_origin"),
        (replace(LOCAL, origin="null"), "forbidden_origin"),
        (replace(LOCAL, origin=""), "forbidden_origin"),
        (replace(LOCAL, origin="http://localhost:8000"), "forbidden_origin"),
        (replace(LOCAL, origin="http://127.0.0.1:3000"), "forbidden_origin"),
        (replace(LOCAL, origin="https://127.0.0.1:8000"), "forbidden_origin"),
        (replace(LOCAL, origin="chrome-extension://abc"), "forbidden_origin"),
        (replace(LOCAL, origin="http://127.0.0.1:8000, http://evil.example"), "forbidden_origin"),
        (replace(LOCAL, origin="http://evil.example", is_websocket=True), "forbidden_origin"),
        (replace(LOCAL, origin="http://evil.example", method="POST", sec_fetch_mode="navigate"), "forbidden_origin"),
        (replace(LOCAL, sec_fetch_site="cross-site", sec_fetch_mode="no-cors"), "forbidden_origin"),
        (replace(LOCAL, sec_fetch_site="cross-site"), "forbidden_origin"),
        (replace(LOCAL, sec_fetch_site="same-site", sec_fetch_mode="cors"), "forbidden_origin"),
        (replace(LOCAL, sec_fetch_site="cross-site", sec_fetch_mode="navigate", method="POST"), "forbidden_origin"),
        (
            replace(LOCAL, sec_fetch_site="cross-site", sec_fetch_mode="navigate", is_websocket=True),
            "forbidden_origin",
        ),
    ],
)
def test_pages_of_others_do_not_pass_for_the_person(facts: RequestFacts, code: str) -> None:
    """They run in the person's browser, hence on this machine."""
    decision = decide(facts)
    assert isinstance(decision, Refused)
    assert (decision.status, decision.code) == (403, code)


@pytest.mark.parametrize(
    "facts",
    [
        replace(LOCAL, listens_on="0.0.0.0"),  # noqa: S104 (the server that listens on all is what is tested)
        replace(LOCAL, listens_on="::"),
        replace(LOCAL, listens_on="192.168.1.5"),
        replace(LOCAL, listens_on="maru.example"),
        replace(LOCAL, client="192.168.1.9"),
        replace(LOCAL, client="::ffff:10.0.0.1"),
        replace(LOCAL, client="not an address"),
        replace(LOCAL, client=None),
        replace(LOCAL, is_forwarded=True),
    ],
)
def test_everybody_else_needs_a_key(facts: RequestFacts) -> None:
    """Other machines, and whatever comes through a proxy on this one."""
    decision = decide(facts)
    assert isinstance(decision, Refused)
    assert (decision.status, decision.code) == (401, "missing_api_key")
    assert "maru keys create" in decision.message
    assert decide(replace(facts, authorization=BEARER)) == KeyBearer(SECRET)


@pytest.mark.parametrize(
    "facts",
    [
        replace(LOCAL, authorization=BEARER),
        replace(LOCAL, authorization=f"bearer   {SECRET} "),
        replace(LOCAL, authorization=BEARER, host="evil.example"),
        replace(LOCAL, is_websocket=True, subprotocols=("maru", f"openai-insecure-api-key.{SECRET}")),
        replace(LOCAL, authorization=BEARER, client="10.0.0.1", is_forwarded=True),
    ],
)
def test_key_of_ours_always_counts(facts: RequestFacts) -> None:
    """Also on this machine: a revoked key must not go unnoticed, nor act for somebody else."""
    assert decide(facts) == KeyBearer(SECRET)


def test_key_in_a_subprotocol_is_for_websockets_only() -> None:
    """Plain requests can set the header."""
    assert decide(replace(LOCAL, subprotocols=(f"openai-insecure-api-key.{SECRET}",))) == LocalOwner()


def test_other_scheme_of_authorization_is_refused() -> None:
    """The message says which one it is."""
    decision = decide(replace(LOCAL, authorization="Basic dTpw"))
    assert isinstance(decision, Refused)
    assert (decision.status, decision.code) == (401, "invalid_api_key")


def test_any_word_opens_nothing_from_elsewhere() -> None:
    """What an SDK's user wrote in place of a key shows a key there, which the store will not know."""
    assert decide(replace(LOCAL, authorization="Bearer unused", is_forwarded=True)) == KeyBearer("unused")


def test_secret_stays_out_of_logs() -> None:
    """A decision may be logged."""
    assert SECRET not in repr(decide(replace(LOCAL, authorization=BEARER)))


@pytest.mark.parametrize(
    ("offered", "accepted"),
    [
        ((), None),
        (("maru",), "maru"),
        (("openai-insecure-api-key.x", "realtime"), "realtime"),
        (("openai-insecure-api-key.x",), "openai-insecure-api-key.x"),
    ],
)
def test_handshake_answers_an_offer_and_rather_not_the_key(offered: tuple[str, ...], accepted: str | None) -> None:
    """Browsers hang up when none of their offers comes back."""
    assert accepted_subprotocol(offered) == accepted


@pytest.mark.parametrize("address", ["localhost", "LocalHost", "127.1.2.3", "::1", "[::1]"])
def test_loopback_is_what_only_this_machine_reaches(address: str) -> None:
    """However it is written."""
    assert is_loopback(address)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "example.org", "localhost.example.org", "", "10.0.0.1"])  # noqa: S104
def test_what_others_reach_is_no_loopback(address: str) -> None:
    """Names other than localhost may point anywhere."""
    assert not is_loopback(address)
