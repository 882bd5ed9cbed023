"""Addresses of engines in settings; pure."""

from ipaddress import ip_address
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_NEAR_ENDINGS = (".localhost", ".local", ".internal", ".lan", ".home.arpa")


def checked_url(url: str) -> str:
    """The address without its last slash.

    Raises:
        ValueError: it is no http address, or has a password in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address like http://127.0.0.1:8000/v1")
    if parts.username or parts.password:
        raise ValueError("must not hold a password; put the key into a variable and name it in api_key_env")
    return url.rstrip("/")


def is_near(url: str) -> bool:
    """Whether the address is of this machine or of a network of one's own, as far as its name tells."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith(_NEAR_ENDINGS)


EngineUrl = Annotated[str, AfterValidator(checked_url)]
