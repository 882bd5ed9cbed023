"""Addresses of engines in settings; pure."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator


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


EngineUrl = Annotated[str, AfterValidator(checked_url)]
